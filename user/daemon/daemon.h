/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xvswd put together: run directory, data path, model, broker, control socket and the event loop.
 * The data path comes as a table, so that only main.c knows the real one.
 */
#ifndef XVSW_DAEMON_DAEMON_H
#define XVSW_DAEMON_DAEMON_H

#include "base/err.h"
#include "daemon/options.h"
#include "switch/dp.h"

/* See datapath/datapath.h for the contract of each. @run_dir is the instance's own directory. */
struct daemon_dp {
	const struct dp_ops *ops;
	int (*open)(const struct options *opt, const char *run_dir, const struct dp_events *events,
		    void *ctx, void **dp, struct err *err);
	void (*close)(void *dp);
	int (*fd)(void *dp);
	int (*process)(void *dp);
	int (*flush_leftovers)(const struct options *opt, const char *run_dir, struct err *err);
};

/*
 * daemon_run() - serve until SIGTERM or SIGINT; those signals must be blocked by the caller. The
 * data path is left running, or taken down when opt->flush. Returns 0 after a clean stop.
 */
int daemon_run(const struct options *opt, const struct daemon_dp *dp, struct err *err);

/* Take down what an instance whose daemon is gone left. Returns the number of switches, or -errno.
 */
int daemon_flush_only(const struct options *opt, const struct daemon_dp *dp, struct err *err);

#endif
