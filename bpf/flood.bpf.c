// SPDX-License-Identifier: GPL-2.0-only
/*
 * The far end of the flood pair: one frame becomes a copy for each member of its VLAN. See
 * deliver.h for why it happens here; egress.bpf.c does what differs by member, and leaves out the
 * source.
 */
#include "bpf/deliver.h"

SEC("xdp.frags")
int xvsw_flood(struct xdp_md *ctx)
{
	__u8 flags = XVSW_META_F_FLOOD;
	struct frame f;
	void *members;
	__u32 vlan;
	__u16 src;

	/* The outer tag names the source. */
	if (frame_parse(ctx, &f) || f.outer != TAG_8021AD)
		return XDP_DROP; /* nothing of ours */
	src = f.tci & XVSW_SOURCE_VID;
	if (f.tci & XVSW_SOURCE_HOST_HAS)
		flags |= XVSW_META_F_HOST_HAS;
	if (frame_pop_tag(ctx) || frame_parse(ctx, &f))
		return drop(src, XVSW_REASON_malformed);
	vlan = VLAN_VID(f.tci);
	members = bpf_map_lookup_elem(&flood, &vlan);
	if (!members)
		return drop(src, XVSW_REASON_no_target);
	if (meta_push(ctx, src, XVSW_VPORT_SLOTS, f.tci, flags))
		return drop(src, XVSW_REASON_no_headroom);
	return bpf_redirect_map(members, 0, BPF_F_BROADCAST);
}

char _license[] SEC("license") = "GPL";
