// SPDX-License-Identifier: GPL-2.0-only
/* The sections of xvsw(8) that the tables know. */
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/usage.h"
#include "maps/reasons.h"

/* Help sentences begin in lower case and have no full stop: that is for messages and columns. */
static void sentence(FILE *f, const char *text)
{
	char first[2] = { text[0], 0 }, *roff = NULL;
	size_t size;
	FILE *mem = open_memstream(&roff, &size);

	if (!mem)
		return;
	if (first[0] >= 'a' && first[0] <= 'z')
		first[0] = (char)(first[0] - 'a' + 'A');
	usage_text(mem, first, USAGE_ROFF);
	usage_text(mem, text + 1, USAGE_ROFF);
	fputc('.', mem);
	if (!fclose(mem))
		usage_wrap(f, roff, false, 0, 0);
	free(roff);
}

static void man_options(FILE *f)
{
	const struct cli_opt *opt;

	fputs(".SH OPTIONS\n", f);
	sentence(f, "options stand before the object; those of output may also stand behind a "
		    "command that prints");
	for (opt = cli_opt_table; opt->word; opt++) {
		if (!opt->help)
			continue;
		fputs(".TP\n", f);
		if (opt->letter)
			fprintf(f, "\\fB\\-%c\\fR, ", opt->letter);
		fputs("\\fB\\-\\-", f);
		usage_text(f, opt->word, USAGE_ROFF);
		fputs("\\fR", f);
		if (opt->meta)
			fprintf(f, " \\fI%s\\fR", opt->meta);
		fputc('\n', f);
		sentence(f, opt->help);
	}
}

static void man_arg(FILE *f, const struct cli_arg *arg)
{
	char text[512];
	FILE *mem = fmemopen(text, sizeof(text), "w");

	if (!mem)
		return;
	usage_arg_help(mem, arg);
	fclose(mem);
	text[sizeof(text) - 1] = 0;
	fputs(".TP\n", f);
	usage_arg(f, arg, USAGE_ROFF);
	fputc('\n', f);
	sentence(f, text);
}

static void man_cmd(FILE *f, const struct cli_cmd *cmd)
{
	const struct cli_arg *arg;

	fputs(".PP\n\\fBxvsw\\fR\n", f);
	usage_cmd(f, cmd, USAGE_ROFF);
	fputs(".RS 4\n", f);
	sentence(f, cmd->help);
	for (arg = cmd->args; arg->type != CLI_END; arg++)
		man_arg(f, arg);
	fputs(".RE\n", f);
}

static void man_commands(FILE *f)
{
	const struct cli_object *obj;
	const struct cli_cmd *cmd;

	fputs(".SH COMMANDS\n", f);
	sentence(f, "arguments that begin with a word may come in any order");
	fputs("Without a command, \\fBshow\\fR is meant.\n", f);
	for (obj = cli_objects; obj->name; obj++) {
		fprintf(f, ".SS %s\n", obj->name);
		sentence(f, obj->help);
		for (cmd = cli_cmds; cmd->object; cmd++)
			if (strcmp(cmd->object, obj->name) == 0)
				man_cmd(f, cmd);
	}
}

static void man_reasons(FILE *f)
{
	static const struct {
		const char *name, *side, *text;
	} reasons[] = {
#define X(name, side, text) { #name, #side, text },
		XVSW_REASONS(X)
#undef X
	};
	size_t i;

	fputs(".SH DROP REASONS\n", f);
	sentence(f, "every dropped frame is counted under exactly one reason of exactly one VPort");
	sentence(f, "those marked tx are part of the sender's tx_dropped (frames from the wire "
		    "count on the default VPort), those marked rx of the target's rx_dropped "
		    "(frames towards the wire count on the default VPort)");
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		fputs(".TP\n", f);
		usage_word(f, reasons[i].name, USAGE_ROFF);
		fprintf(f, " (%s)\n", strcmp(reasons[i].side, "TX") == 0 ? "tx" : "rx");
		sentence(f, reasons[i].text);
	}
}

void cli_print_man(FILE *f)
{
	man_options(f);
	man_commands(f);
	man_reasons(f);
}
