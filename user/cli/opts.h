/* SPDX-License-Identifier: GPL-2.0-only */
/* Options before the object. One table parses them and makes their help, completion and man page.
 */
#ifndef XVSW_CLI_OPTS_H
#define XVSW_CLI_OPTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/table.h"

enum cli_mode { CLI_RUN, CLI_VERSION, CLI_HELP, CLI_PRINT_COMPLETION, CLI_PRINT_MAN };

struct cli_opts {
	enum cli_mode mode;
	bool json, pretty, stats, force;
	const char *batch;    /* NULL: none; "-": standard input */
	const char *instance; /* never NULL after cli_opts_parse() */
	const char *netns;    /* NULL: the caller's */
};

struct cli_opt {
	char letter; /* 0: long form only */
	const char *word;
	const char *meta; /* NULL: no value */
	const char *help; /* NULL: for the build only, not shown */
	bool output;	  /* may stand behind a command that prints, too */
};

/* Ends in a row without a word. */
extern const struct cli_opt cli_opt_table[];

/*
 * cli_opts_parse() - the options among @words, up to the first word that is none or behind "--";
 * *used: how many words they took. @instance: the environment's XVSW_INSTANCE, or NULL.
 * Returns CLI_DONE, CLI_USAGE or CLI_REFUSED with a sentence in @err. Values live in @words.
 */
enum cli_exit cli_opts_parse(char *const *words, unsigned int n, const char *instance,
			     struct cli_opts *opts, unsigned int *used, struct err *err);

/* Is @word one or more options of output ("-s", "-jp", "--json")? Then they are set. */
bool cli_opts_output(const char *word, struct cli_opts *opts);

#endif
