/* SPDX-License-Identifier: GPL-2.0-only */
/* What the table says about a command, as text: for help and for the manual page. */
#ifndef XVSW_CLI_USAGE_H
#define XVSW_CLI_USAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/table.h"

/* Plain text, or roff with fonts and escapes. */
enum usage_style { USAGE_TEXT, USAGE_ROFF };

/* "vport add NAME switch SW ...", each chunk that should stay together on a line of its own. */
void usage_cmd(FILE *f, const struct cli_cmd *cmd, enum usage_style style);
/* "mac MAC", the argument and its value. */
void usage_arg(FILE *f, const struct cli_arg *arg, enum usage_style style);
/* "a receive filter for each (1 to 64)", without a full stop. */
void usage_arg_help(FILE *f, const struct cli_arg *arg);
/* A literal word or phrase, bold in roff. */
void usage_word(FILE *f, const char *word, enum usage_style style);
/* Running text: escaped in roff. */
void usage_text(FILE *f, const char *text, enum usage_style style);

/*
 * Fill @text (words parted by blanks or newlines; newlines only, when @chunks) into lines of at
 * most 79 columns, the first beginning at @column, the others indented by @indent.
 */
void usage_wrap(FILE *f, const char *text, bool chunks, unsigned int column, unsigned int indent);

#endif
