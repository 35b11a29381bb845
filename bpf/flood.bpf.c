// SPDX-License-Identifier: GPL-2.0-only
/*
 * The far end of the flood pair: one frame becomes a copy for each member of its VLAN. See
 * deliver.h for why it happens here; egress.bpf.c does what differs by member, and leaves out the
 * source.
 */
#include "bpf/deliver.h"

/* Frames lose their metadata as skbs, which they are when the uplink runs in generic mode. */
static __always_inline int meta_restore(struct xdp_md *ctx)
{
	struct xvsw_conf *cf = conf_get();
	struct frame f;

	if (!cf || !(cf->flags & XVSW_CONF_F_GENERIC) || frame_parse(ctx, &f))
		return -1;
	return meta_push(ctx, XVSW_VPORT_WIRE, XVSW_VPORT_SLOTS, f.tci, XVSW_META_F_FLOOD);
}

SEC("xdp.frags")
int xvsw_flood(struct xdp_md *ctx)
{
	struct xvsw_meta *meta = meta_get(ctx);
	void *members;
	__u32 vlan;

	if (!meta) {
		if (meta_restore(ctx))
			return drop(XVSW_VPORT_WIRE, XVSW_REASON_no_headroom);
		meta = meta_get(ctx);
		if (!meta)
			return XDP_DROP;
	}
	vlan = VLAN_VID(meta->vlan);
	members = bpf_map_lookup_elem(&flood, &vlan);
	return members ? bpf_redirect_map(members, 0, BPF_F_BROADCAST) : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
