/* SPDX-License-Identifier: GPL-2.0-only */
/* The real data path: BPF maps and programs, links by rtnetlink, AF_XDP sockets. */
#ifndef XVSW_DATAPATH_DATAPATH_H
#define XVSW_DATAPATH_DATAPATH_H

#include "switch/dp.h"

struct datapath;

struct datapath_conf {
	const char *instance; /* name, checked by the caller */
	const char *run_dir;  /* /run/xvsw/NAME, exists */
	const char *bpffs; /* where bpffs is mounted, e.g. /sys/fs/bpf; pins in BPFFS/xvsw/NAME */
};

/*
 * datapath_new() - open netlink sockets and the pin directory; works in the caller's network
 * namespace. Where no bpffs is mounted at conf->bpffs one is mounted under run_dir and every switch
 * is degraded with that reason.
 * Errors: EEXIST pins of an earlier daemon of this instance are there and @adopt is not possible.
 */
int datapath_new(const struct datapath_conf *conf, const struct dp_events *events, void *ctx,
		 struct datapath **dp, struct err *err);
/* Closes descriptors; pinned maps, programs and links stay and keep forwarding. NULL accepted. */
void datapath_free(struct datapath *dp);

extern const struct dp_ops datapath_ops; /* its dp argument is a struct datapath * */

/* Poll for reading, then call datapath_process(): link changes become dp_events. */
int datapath_fd(const struct datapath *dp);
int datapath_process(struct datapath *dp);

/*
 * datapath_flush_leftovers() - take down what an instance whose daemon is gone left: pins, own
 * interfaces, namespaces, addresses and flags of the uplink (from the record under run_dir).
 * Returns how many switches it found, or -errno.
 */
int datapath_flush_leftovers(const struct datapath_conf *conf, struct err *err);

#endif
