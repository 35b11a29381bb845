/* SPDX-License-Identifier: GPL-2.0-only */
/* What the table tells people and their tools: help, bash completion, the manual page's part. */
#ifndef XVSW_CLI_HELP_H
#define XVSW_CLI_HELP_H

#include <stdio.h>

#include "cli/run.h"

/* `help`: @topic is nothing, an object, or an object and a command. */
enum cli_exit cli_help(struct cli *cli, char *const *topic, unsigned int n);
/* The whole completion script (complete.c). */
void cli_print_completion(FILE *f);
/* Sections OPTIONS, COMMANDS and DROP REASONS of xvsw(8), in man(7) roff (man.c). */
void cli_print_man(FILE *f);

#endif
