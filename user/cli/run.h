/* SPDX-License-Identifier: GPL-2.0-only */
/* Running commands: one struct cli a process, one connection for all its commands. */
#ifndef XVSW_CLI_RUN_H
#define XVSW_CLI_RUN_H

#include <stdio.h>

#include "cli/opts.h"
#include "cli/out.h"
#include "cli/parse.h"
#include "cli/table.h"

struct cli {
	struct cli_opts opts;
	FILE *out, *errors;
	struct proto_client *client; /* NULL until a command needs it */
	/* Within a batch. */
	const char *file; /* NULL: not in one */
	unsigned long line;
};

/* One command, from words to output; errors are printed. n may be 0. */
enum cli_exit cli_run(struct cli *cli, char *const *words, unsigned int n);
/* All commands of cli->opts.batch (batch.c). */
enum cli_exit cli_batch(struct cli *cli);
/* Ends the connection. */
void cli_close(struct cli *cli);

/* Print `xvsw: [FILE:LINE: ][WHERE: ]SENTENCE`, whatever bytes are in it. */
void cli_report(struct cli *cli, const char *where, const char *sentence);
/* Exit status for the -errno of a command or of a connection. */
enum cli_exit cli_exit_code(int code);
/* The connection, made when there is none yet. 0, or -errno and @err. */
int cli_connect(struct cli *cli, struct err *err);
/* ---- handlers of the table's rows: 0, or -errno and @err ---- */

/* A request whose answer is not shown. */
int cli_run_plain(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_filter_add(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_switch_show(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_vport_show(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_filter_show(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_vf_show(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_stats(struct cli *cli, struct cli_line *line, struct err *err);
int cli_run_monitor(struct cli *cli, struct cli_line *line, struct err *err);

#endif
