/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of xvswd: one table gives parsing and help. */
#ifndef XVSW_DAEMON_OPTIONS_H
#define XVSW_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"

#define OPTIONS_RUN_DIR "/run/xvsw"
#define OPTIONS_BPFFS "/sys/fs/bpf"
#define OPTIONS_INSTANCE "default"
/* Bytes of a directory option, with the closing zero; leaves room for names below it in a path. */
#define OPTIONS_DIR_SIZE 128

/* Strings point into argv, the environment or constants. */
struct options {
	const char *instance;
	const char *netns; /* NULL: the caller's */
	const char *bpffs;
	const char *run_dir; /* holds the directories of all instances */
	enum log_level log_level;
	bool flush, flush_only;
	bool help, version;
};

/*
 * options_parse() - @o gets the defaults (XVSW_RUN_DIR from the environment among them), then what
 * the arguments say. Full words only: no abbreviation by prefix. Errors: EINVAL and a sentence.
 */
int options_parse(int argc, char *const argv[], struct options *o, struct err *err);
void options_help(FILE *out);

#endif
