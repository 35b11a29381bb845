// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"

#define WORDS_MAX 512

void cli_report(struct cli *cli, const char *where, const char *sentence)
{
	/* What was printed before belongs before the error where both go to one place. */
	fflush(cli->out);
	fputs("xvsw: ", cli->errors);
	if (cli->file) {
		out_escape(cli->errors, cli->file, SIZE_MAX);
		fprintf(cli->errors, ":%lu: ", cli->line);
	}
	if (*where)
		fprintf(cli->errors, "%s: ", where);
	out_escape(cli->errors, sentence, SIZE_MAX);
	fputc('\n', cli->errors);
	fflush(cli->errors);
}

enum cli_exit cli_exit_code(int code)
{
	switch (-code) {
	case 0:
		return CLI_DONE;
	case ECONNREFUSED:
	case ETIMEDOUT:
		return CLI_NO_DAEMON;
	case EPERM:
		return CLI_NOT_PERMITTED;
	default:
		return CLI_REFUSED;
	}
}

int cli_connect(struct cli *cli, struct err *err)
{
	return cli->client ? 0 : proto_client_new(cli->opts.instance, &cli->client, err);
}

void cli_close(struct cli *cli)
{
	proto_client_free(cli->client);
	cli->client = NULL;
}

/* Options of output behind a command that prints: the words without them. */
static unsigned int take_options(struct cli_opts *opts, char *const *words, unsigned int n,
				 char **rest)
{
	const struct cli_cmd *cmd = cli_cmd_find(words[0], NULL);
	unsigned int i, kept = 0;

	if (!cmd)
		cmd = cli_cmd_find(words[0], n > 1 && words[1][0] != '-' ? words[1] : "show");
	for (i = 0; i < n; i++)
		if (!i || !cmd || !cmd->shows || !cli_opts_output(words[i], opts))
			rest[kept++] = words[i];
	return kept;
}

static enum cli_exit run_words(struct cli *cli, char *const *words, unsigned int n)
{
	struct err err = { 0 };
	struct cli_line line;
	enum cli_exit ret;
	int code;

	if (strcmp(words[0], "help") == 0)
		return cli_help(cli, words + 1, n - 1);
	if (n > 1 && strcmp(words[1], "help") == 0 && cli_object_find(words[0])) {
		/* `vport help add` is `help vport add`. */
		char *topic[2] = { words[0], n > 2 ? words[2] : NULL };

		return cli_help(cli, topic, n > 2 ? 2 : 1);
	}
	ret = cli_parse(words, n, &line, &err);
	/* Where "help" is no good name or value it is a question. */
	if (ret && line.cmd && line.cmd->name && n == 3 && strcmp(words[2], "help") == 0)
		return cli_help(cli, words, 2);
	if (!ret) {
		code = line.cmd->run(cli, &line, &err);
		if (code && !*err.text)
			err_set(&err, code, 0, "%s", strerror(-code));
		ret = cli_exit_code(code);
	}
	if (ret)
		cli_report(cli, line.where, err.text);
	return ret;
}

enum cli_exit cli_run(struct cli *cli, char *const *words, unsigned int n)
{
	struct cli_opts saved = cli->opts;
	char *rest[WORDS_MAX];
	enum cli_exit ret;

	if (!n) {
		cli_report(cli, "", "no object is given, try \"xvsw help\"");
		return CLI_USAGE;
	}
	if (n > WORDS_MAX) {
		cli_report(cli, "", "there are too many arguments");
		return CLI_USAGE;
	}
	n = take_options(&cli->opts, words, n, rest);
	ret = run_words(cli, rest, n);
	cli->opts = saved;
	return ret;
}
