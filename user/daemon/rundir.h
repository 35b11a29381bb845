/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run directory of an instance, BASE/NAME (0755): guest/ (broker sockets, 0755), netns/
 * (namespaces of xsk VPorts, 0700) and lock, which a daemon holds for its life time.
 */
#ifndef XVSW_DAEMON_RUNDIR_H
#define XVSW_DAEMON_RUNDIR_H

#include <stdbool.h>

#include "base/err.h"

#define RUNDIR_PATH_SIZE 192

struct rundir {
	char path[RUNDIR_PATH_SIZE];  /* BASE/NAME */
	char guest[RUNDIR_PATH_SIZE]; /* BASE/NAME/guest */
	int lock_fd;
};

/*
 * rundir_open() - make the directories, take the lock, write our pid into it and remove sockets
 * that an earlier daemon left. Errors: EBUSY another daemon of this instance runs (its pid is in
 * the sentence); ENOTDIR, EPERM when what is there is not a directory of ours.
 */
int rundir_open(const char *base, const char *instance, struct rundir *r, struct err *err);
/* Gives the lock back; @remove: remove what is empty, at the end of a flush. */
void rundir_close(struct rundir *r, bool remove);

#endif
