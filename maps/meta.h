/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The 8 bytes in front of a frame (XDP metadata): the out-of-band VPort id of the NDIS design. The
 * ingress program writes them; the devmap program, the program on the guest end and the AF_XDP
 * guest read them. Host byte order: they never leave the host.
 */
#ifndef XVSW_MAPS_META_H
#define XVSW_MAPS_META_H

#include <linux/types.h>

#define XVSW_META_MAGIC 0x58 /* 'X' */
#define XVSW_META_VERSION 1

/* The frame is a copy of a broadcast, multicast or unknown-unicast flood. */
#define XVSW_META_F_FLOOD 0x01
/* The host's stack has its copy already. */
#define XVSW_META_F_HOST_HAS 0x02

struct xvsw_meta {
	__u8 magic;	  /* XVSW_META_MAGIC; anything else: no metadata */
	__u8 version : 4; /* XVSW_META_VERSION */
	__u8 flags : 4;	  /* XVSW_META_F_* */
	__u16 src;	  /* source VPort id; XVSW_VPORT_WIRE from the wire, 0 from the host */
	__u16 dst;	  /* target VPort id */
	__u16 vlan;	  /* TCI of the VLAN the frame belongs to; VID 0: untagged */
};

_Static_assert(sizeof(struct xvsw_meta) == 8, "metadata must stay 8 bytes");

#endif
