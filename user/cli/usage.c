// SPDX-License-Identifier: GPL-2.0-only
#include "cli/usage.h"

#include <string.h>

#define LINE_MAX_COLUMNS 79

void usage_text(FILE *f, const char *text, enum usage_style style)
{
	for (; *text; text++) {
		if (style == USAGE_ROFF && *text == '-')
			fputs("\\-", f);
		else if (style == USAGE_ROFF && *text == '\\')
			fputs("\\e", f);
		else
			fputc(*text, f);
	}
}

static void in_font(FILE *f, const char *word, const char *font, enum usage_style style)
{
	if (style == USAGE_ROFF)
		fputs(font, f);
	usage_text(f, word, style);
	if (style == USAGE_ROFF)
		fputs("\\fR", f);
}

void usage_word(FILE *f, const char *word, enum usage_style style)
{
	in_font(f, word, "\\fB", style);
}

static void meta(FILE *f, const char *word, enum usage_style style)
{
	in_font(f, word, "\\fI", style);
}

static void value_words(FILE *f, const struct cli_arg *arg, enum usage_style style)
{
	unsigned int i;

	for (i = 0; arg->word_name(i); i++) {
		if (i)
			fputc('|', f);
		usage_word(f, arg->word_name(i), style);
	}
}

static void value_vlan(FILE *f, enum usage_style style)
{
	fputs("{ ", f);
	usage_word(f, "untagged", style);
	fputs(" | ", f);
	usage_word(f, "access ", style);
	meta(f, "VID", style);
	fputs(" | ", f);
	usage_word(f, "trunk ", style);
	meta(f, "LIST", style);
	fputs(" [", f);
	usage_word(f, "native ", style);
	meta(f, "VID", style);
	fputs("] }", f);
}

void usage_arg(FILE *f, const struct cli_arg *arg, enum usage_style style)
{
	if (arg->word)
		usage_word(f, arg->word, style);
	if (arg->word && arg->type != CLI_FLAG)
		fputc(' ', f);
	switch (arg->type) {
	case CLI_END:
	case CLI_FLAG:
		break;
	case CLI_WORD:
		value_words(f, arg, style);
		break;
	case CLI_ONOFF:
		usage_word(f, "on", style);
		fputc('|', f);
		usage_word(f, "off", style);
		break;
	case CLI_VLAN:
		value_vlan(f, style);
		break;
	case CLI_VF:
		usage_word(f, "auto", style);
		fputc('|', f);
		meta(f, "N", style);
		break;
	case CLI_NAME:
	case CLI_VPORT:
	case CLI_IFNAME:
	case CLI_NETNS:
	case CLI_TEXT:
	case CLI_U32:
	case CLI_VID:
	case CLI_MAC:
	case CLI_USER:
	case CLI_CPUS:
	case CLI_QUEUES:
		meta(f, arg->meta, style);
		break;
	}
}

/* The kinds, of which one must be given: "{ dev IFNAME | ... }". */
static void usage_kinds(FILE *f, const struct cli_cmd *cmd, enum usage_style style)
{
	const struct cli_arg *arg;
	const char *before = "{ ";

	for (arg = cmd->args; arg->type != CLI_END; arg++) {
		if (!(arg->flags & CLI_KIND))
			continue;
		fputs(before, f);
		usage_arg(f, arg, style);
		before = " |\n";
	}
	fputs(" }\n", f);
}

void usage_cmd(FILE *f, const struct cli_cmd *cmd, enum usage_style style)
{
	const struct cli_arg *arg;
	bool optional, kinds = false;

	usage_word(f, cmd->object, style);
	if (cmd->name) {
		fputc(' ', f);
		usage_word(f, cmd->name, style);
	}
	fputc('\n', f);
	for (arg = cmd->args; arg->type != CLI_END; arg++) {
		if (arg->flags & CLI_KIND) {
			if (!kinds)
				usage_kinds(f, cmd, style);
			kinds = true;
			continue;
		}
		optional = !(arg->flags & CLI_REQUIRED);
		if (optional)
			fputc('[', f);
		usage_arg(f, arg, style);
		if (optional)
			fputc(']', f);
		fputs(arg->flags & CLI_REPEAT ? "...\n" : "\n", f);
	}
}

void usage_arg_help(FILE *f, const struct cli_arg *arg)
{
	const char *before = "; with ";
	unsigned int kind;

	fputs(arg->help, f);
	for (kind = 0; kind < XKIND_COUNT; kind++) {
		if (!(arg->kinds & (1u << kind)))
			continue;
		fprintf(f, "%s%s", before, conf_kind_name((enum xkind)kind));
		before = " and ";
	}
	if (arg->kinds)
		fputs(" only", f);
	if ((arg->type == CLI_U32 || arg->type == CLI_VID) && arg->max != UINT32_MAX)
		fprintf(f, " (%u to %u)", arg->min, arg->max);
}

void usage_wrap(FILE *f, const char *text, bool chunks, unsigned int column, unsigned int indent)
{
	const char *parting = chunks ? "\n" : " \n";
	bool first = true;
	size_t len;

	for (text += strspn(text, parting); *text; text += strspn(text, parting)) {
		len = strcspn(text, parting);
		if (!first && column + 1 + len > LINE_MAX_COLUMNS) {
			fprintf(f, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', f);
			column++;
		}
		fwrite(text, 1, len, f);
		column += (unsigned int)len;
		text += len;
		first = false;
	}
	fputc('\n', f);
}
