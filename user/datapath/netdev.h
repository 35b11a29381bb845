/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device can do with XDP frames, by the kernel's "netdev" generic netlink family (since
 * 6.3). A redirect target without the right feature loses frames silently, and features come and
 * go: a veth has NDO_XMIT only while its peer has an XDP program or GRO on.
 */
#ifndef XVSW_DATAPATH_NETDEV_H
#define XVSW_DATAPATH_NETDEV_H

#include <stdint.h>

#include "datapath/nl.h"

/* The kernel's NETDEV_XDP_ACT_*; not in the headers of Linux 6.1. */
#define XDPF_BASIC 0x01	       /* runs programs: abort, drop, pass, transmit */
#define XDPF_REDIRECT 0x02     /* frames received here may be redirected */
#define XDPF_NDO_XMIT 0x04     /* takes redirected frames */
#define XDPF_XSK_ZEROCOPY 0x08 /* AF_XDP without a copy */
#define XDPF_HW_OFFLOAD 0x10
#define XDPF_RX_SG 0x20	      /* runs programs on frames in several buffers */
#define XDPF_NDO_XMIT_SG 0x40 /* takes redirected frames in several buffers */

/*
 * netdev_xdp_features() - XDPF_* of a device in the namespace where @genl was opened.
 * Errors: EOPNOTSUPP this kernel does not tell; ENODEV.
 */
int netdev_xdp_features(struct nl_sock *genl, uint32_t ifindex, uint64_t *features);

/*
 * netdev_monitor_open() - changes of features in the calling thread's network namespace.
 * Errors: EOPNOTSUPP this kernel does not tell.
 */
int netdev_monitor_open(struct nl_sock **monitor);
/*
 * netdev_monitor_next() - next change, without waiting; a device that goes has @features 0.
 * Returns 1; 0: nothing now; -ENOBUFS: events were lost: ask for each device and go on.
 */
int netdev_monitor_next(struct nl_sock *monitor, uint32_t *ifindex, uint64_t *features);

#endif
