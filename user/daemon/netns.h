/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XVSW_DAEMON_NETNS_H
#define XVSW_DAEMON_NETNS_H

#include "base/err.h"

/*
 * daemon_netns_enter() - put the calling thread into a network namespace and keep its mounts (`ip
 * netns exec` would mount another /sys, and bpffs on it dies with the process). Must come before
 * any socket is opened and before threads. @ns: a name under /run/netns, or a path (it has a '/').
 * Errors: ENOENT; EINVAL it is no network namespace; EPERM.
 */
int daemon_netns_enter(const char *ns, struct err *err);

#endif
