// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run.h"

#define WORDS_MAX 256

/* One line, without its end. */
static enum cli_exit run_line(struct cli *cli, char *text, size_t len)
{
	char *words[WORDS_MAX];
	struct err err = { 0 };
	unsigned int n;

	if (strlen(text) != len) {
		cli_report(cli, "", "the line has a zero byte in it");
		return CLI_USAGE;
	}
	if (cli_split(text, words, WORDS_MAX, &n, &err)) {
		cli_report(cli, "", err.text);
		return CLI_USAGE;
	}
	return n ? cli_run(cli, words, n) : CLI_DONE;
}

static enum cli_exit run_lines(struct cli *cli, FILE *f)
{
	enum cli_exit ret, all = CLI_DONE;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&text, &size, f)) >= 0) {
		cli->line++;
		ret = run_line(cli, text, (size_t)len);
		if (!ret)
			continue;
		/* Without a daemon no other line can do better. */
		if (!cli->opts.force || ret == CLI_NO_DAEMON) {
			all = ret;
			break;
		}
		all = CLI_REFUSED;
	}
	if (ferror(f)) {
		cli_report(cli, "", "the file cannot be read");
		all = CLI_REFUSED;
	}
	free(text);
	return all;
}

enum cli_exit cli_batch(struct cli *cli)
{
	bool standard = strcmp(cli->opts.batch, "-") == 0;
	FILE *f = standard ? stdin : fopen(cli->opts.batch, "re");
	char text[256], quoted[CLI_QUOTE_SIZE];
	enum cli_exit ret;

	if (!f) {
		snprintf(text, sizeof(text), "cannot open %s: %m",
			 cli_quote(cli->opts.batch, quoted));
		cli_report(cli, "batch", text);
		return CLI_REFUSED;
	}
	cli->file = cli->opts.batch;
	cli->line = 0;
	ret = run_lines(cli, f);
	cli->file = NULL;
	if (!standard)
		fclose(f);
	if (fflush(cli->out) || ferror(cli->out)) {
		cli_report(cli, "batch", "the output cannot be written");
		ret = ret ? ret : CLI_REFUSED;
	}
	return ret;
}
