/* SPDX-License-Identifier: GPL-2.0-only */
/* Stage 3, classify: (MAC, VLAN) → VPort, as a NIC's embedded switch does: no learning. */
#ifndef XVSW_BPF_CLASSIFY_H
#define XVSW_BPF_CLASSIFY_H

#include "bpf/filter.h"

/* Not a VPort id: to every member of the VLAN. */
#define TARGET_FLOOD XVSW_VPORT_SLOTS

/* @miss: where unknown unicast goes: the host when from the wire, else the wire. */
static __always_inline __u32 classify(const struct frame *f, __u32 miss)
{
	__u32 vport;

	if (mac_is_multicast(f->dst))
		return TARGET_FLOOD;
	vport = filter_find(f->dst, f->vid);
	return vport == FILTER_MISS ? miss : vport;
}

/* The uplink's own MAC is the host's on any VLAN. */
static __always_inline int classify_is_host(const struct frame *f, const struct xvsw_conf *cf)
{
	return f->dst == mac_load(cf->uplink_mac);
}

#endif
