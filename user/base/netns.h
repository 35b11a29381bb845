/* SPDX-License-Identifier: GPL-2.0-only */
/* Network namespaces by the names that iproute2 gives them. */
#ifndef XVSW_BASE_NETNS_H
#define XVSW_BASE_NETNS_H

#include "base/err.h"

/*
 * netns_open() - a descriptor (close-on-exec) of a network namespace; needs no capability.
 * @name_or_path: with a '/': a path; else a name under /run/netns, then /var/run/netns, and if no
 *                such name exists and it is a decimal number: the namespace of that process.
 * Errors: ENOENT no such name, path or process; EINVAL it is no network namespace, or the name is
 * empty, "." or ".."; ENAMETOOLONG.
 */
int netns_open(const char *name_or_path);
/* The same for a path alone. */
int netns_open_path(const char *path);

/*
 * netns_join() - put the calling thread into a network namespace for good and keep its mounts (`ip
 * netns exec` would hide /sys/fs/bpf). Needs CAP_SYS_ADMIN.
 */
int netns_join(const char *name_or_path, struct err *err);

#endif
