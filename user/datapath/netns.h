/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network namespaces. All functions work on the calling thread and expect a single-threaded caller;
 * they need CAP_SYS_ADMIN unless told otherwise.
 */
#ifndef XVSW_DATAPATH_NETNS_H
#define XVSW_DATAPATH_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/netns.h"

/*
 * netns_create_pinned() - make a fresh network namespace (lo is down) and keep it alive by a bind
 * mount at @path, which is created.
 * Returns a descriptor of it. Errors: EEXIST @path is there already; EPERM; nothing is left behind.
 */
int netns_create_pinned(const char *path);
/*
 * netns_remove_pinned() - unmount and delete @path; the namespace goes when its last user does. A
 * path that is not there, or not mounted, is fine.
 */
int netns_remove_pinned(const char *path);

/*
 * netns_enter() - go into namespace @fd.
 * @saved: where the caller was, for netns_leave(), which closes it.
 */
int netns_enter(int fd, int *saved);
/*
 * netns_leave() - come back; always 0. A process that cannot come back home would go on with the
 * wrong interfaces: it logs it and aborts.
 */
int netns_leave(int saved);

/* netns_inode() - the number that the kernel's tracepoints and /proc know the namespace by. */
int netns_inode(int fd, uint32_t *inum);
/* Whether both descriptors are the same namespace; false when one is none. */
bool netns_same(int a, int b);

#endif
