// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/usage.h"

#define TERM_INDENT 2
#define HELP_INDENT 26

/* "  TERM    help", the help in a column of its own. NULL @help: memory ran out. */
static void print_term(FILE *f, const char *term, const char *help)
{
	unsigned int width = (unsigned int)strlen(term) + TERM_INDENT;

	fprintf(f, "%*s%s", TERM_INDENT, "", term);
	if (width + 2 > HELP_INDENT)
		fprintf(f, "\n%*s", HELP_INDENT, "");
	else
		fprintf(f, "%*s", (int)(HELP_INDENT - width), "");
	usage_wrap(f, help ? help : "", false, HELP_INDENT, HELP_INDENT);
}

static void print_usage(FILE *f, const struct cli_cmd *cmd, const char *before)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return;
	fprintf(mem, "%s\n", before);
	usage_cmd(mem, cmd, USAGE_TEXT);
	if (!fclose(mem))
		usage_wrap(f, text, true, 0, 12);
	free(text);
}

static void print_arg(FILE *f, const struct cli_arg *arg)
{
	char *term = NULL, *help = NULL;
	size_t term_size, help_size;
	FILE *mem = open_memstream(&term, &term_size);

	if (!mem)
		return;
	usage_arg(mem, arg, USAGE_TEXT);
	if (fclose(mem))
		goto out;
	mem = open_memstream(&help, &help_size);
	if (!mem)
		goto out;
	usage_arg_help(mem, arg);
	if (!fclose(mem))
		print_term(f, term, help);
out:
	free(help);
	free(term);
}

static void help_options(FILE *f)
{
	const struct cli_opt *opt;
	char term[48];

	for (opt = cli_opt_table; opt->word; opt++) {
		if (!opt->help)
			continue;
		snprintf(term, sizeof(term), "%c%c%s--%s%s%s", opt->letter ? '-' : ' ',
			 opt->letter ? opt->letter : ' ', opt->letter ? ", " : "  ", opt->word,
			 opt->meta ? " " : "", opt->meta ? opt->meta : "");
		print_term(f, term, opt->help);
	}
}

static void help_all(FILE *f)
{
	const struct cli_object *obj;

	fputs("Usage: xvsw [OPTIONS] OBJECT [COMMAND] [ARGUMENTS]\n"
	      "       xvsw [OPTIONS] help [OBJECT [COMMAND]]\n\n"
	      "Controls the virtual switches of xvswd. The default command is show.\n\n"
	      "Objects:\n",
	      f);
	for (obj = cli_objects; obj->name; obj++)
		print_term(f, obj->name, obj->help);
	fputs("\nOptions:\n", f);
	help_options(f);
	fputs("\nExit status: 0 done, 1 refused, 2 wrong usage, 3 daemon not reachable,\n"
	      "4 not permitted.\n",
	      f);
}

static void help_cmd(FILE *f, const struct cli_cmd *cmd)
{
	const struct cli_arg *arg;
	const struct cli_cmd *form;

	for (form = cmd; form; form = cli_cmd_next_form(form)) {
		if (form != cmd)
			fputc('\n', f);
		print_usage(f, form, "Usage: xvsw");
		fprintf(f, "\n%s\n", form->help);
		if (form->args[0].type != CLI_END)
			fputc('\n', f);
		for (arg = form->args; arg->type != CLI_END; arg++)
			print_arg(f, arg);
	}
}

static void help_object(FILE *f, const struct cli_object *obj)
{
	const struct cli_cmd *cmd;

	cmd = cli_cmd_find(obj->name, NULL);
	if (cmd) {
		help_cmd(f, cmd);
		return;
	}
	fprintf(f, "%s: %s\n\n", obj->name, obj->help);
	for (cmd = cli_cmds; cmd->object; cmd++)
		if (strcmp(cmd->object, obj->name) == 0)
			print_usage(f, cmd, "Usage: xvsw");
	fprintf(f, "\nxvsw %s help COMMAND tells about the arguments.\n", obj->name);
}

static enum cli_exit unknown(struct cli *cli, const char *where, const char *what, const char *word)
{
	char quoted[CLI_QUOTE_SIZE], text[CLI_QUOTE_SIZE + 32];

	snprintf(text, sizeof(text), "unknown %s %s", what, cli_quote(word, quoted));
	cli_report(cli, where, text);
	return CLI_USAGE;
}

enum cli_exit cli_help(struct cli *cli, char *const *topic, unsigned int n)
{
	const struct cli_object *obj = n ? cli_object_find(topic[0]) : NULL;
	const struct cli_cmd *cmd = n > 1 && obj ? cli_cmd_find(obj->name, topic[1]) : NULL;

	if (n && !obj)
		return unknown(cli, "help", "object", topic[0]);
	if (n > 1 && !cmd)
		return unknown(cli, "help", "command", topic[1]);
	if (cmd)
		help_cmd(cli->out, cmd);
	else if (obj)
		help_object(cli->out, obj);
	else
		help_all(cli->out);
	return fflush(cli->out) ? CLI_REFUSED : CLI_DONE;
}
