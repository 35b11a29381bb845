/* SPDX-License-Identifier: GPL-2.0-only */
/* A command line, by the table, into a request. Pure: nothing is asked but the user database. */
#ifndef XVSW_CLI_PARSE_H
#define XVSW_CLI_PARSE_H

#include "cli/table.h"

#define CLI_WHERE_SIZE 32

struct cli_line {
	const struct cli_cmd *cmd;
	char where[CLI_WHERE_SIZE]; /* "vport add", for messages; empty: no object */
	struct proto_req req;
};

/*
 * cli_parse() - @words is OBJECT [COMMAND] [ARGUMENT]..., n > 0.
 * Returns CLI_DONE, CLI_USAGE (no such object, command or argument, or one is missing) or
 * CLI_REFUSED (a value is bad), with a sentence in @err. line->where is always filled; what of it
 * was recognised.
 */
enum cli_exit cli_parse(char *const *words, unsigned int n, struct cli_line *line, struct err *err);

/*
 * cli_split() - cut a line of a batch into words, in place: blanks separate, '...' and "..." and a
 * backslash quote, '#' at the beginning of a word starts a comment.
 * Errors: EINVAL a quote is open at the end; E2BIG more than @max words.
 */
int cli_split(char *text, char **words, unsigned int max, unsigned int *n, struct err *err);

/* ---- values (value.c) ---- */

struct cli_value {
	const struct cli_arg *arg;
	struct proto_req *req;
	char *const *words; /* the value's first word and all behind it */
	unsigned int n;	    /* of them, 1 at least (CLI_FLAG: 0 will do) */
	struct err *err;
};

/*
 * cli_value_parse() - store the value; returns how many words it took, or -EINVAL (bad value),
 * -ENODATA (a word is missing), with a sentence in @err.
 */
int cli_value_parse(const struct cli_value *v);

/*
 * A user's word for a message: in double quotes, escaped, shortened when long.
 * Returns @buf.
 */
#define CLI_QUOTE_MAX 40 /* bytes of the word; escapes make four of one */
#define CLI_QUOTE_SIZE (4 * CLI_QUOTE_MAX + sizeof("\"...\""))
const char *cli_quote(const char *word, char buf[CLI_QUOTE_SIZE]);

#endif
