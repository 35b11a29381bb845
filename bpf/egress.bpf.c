// SPDX-License-Identifier: GPL-2.0-only
/* The devmap program of flood members: runs for each copy, on its way out to one member. */
#include "bpf/deliver.h"

static __always_inline int is_member(const struct xvsw_meta *meta, __u32 dst,
				     const struct xvsw_vport *to)
{
	__u32 src = meta->src;
	struct xvsw_vport *from;

	if (src == dst)
		return 0;
	if (dst == XVSW_VPORT_HOST)
		return !(meta->flags & XVSW_META_F_HOST_HAS);
	/* What the host or the wire sent is on the wire already. */
	if (dst == XVSW_VPORT_WIRE)
		return src != XVSW_VPORT_HOST && src != XVSW_VPORT_WIRE;
	if (!(to->flags & XVSW_VPORT_F_ISOLATED))
		return 1;
	from = bpf_map_lookup_elem(&vports, &src);
	return !from || !(from->flags & XVSW_VPORT_F_ISOLATED);
}

SEC("xdp.frags/devmap")
int xvsw_egress(struct xdp_md *ctx)
{
	__u32 ifindex = ctx->egress_ifindex, dst;
	struct xvsw_dev *dev = bpf_map_lookup_elem(&devs, &ifindex);
	struct xvsw_meta *meta = meta_get(ctx);
	struct xvsw_vport *to;
	struct frame f;

	if (!dev || !meta)
		return XDP_DROP;
	dst = dev->vport;
	to = bpf_map_lookup_elem(&vports, &dst);
	if (!to || !is_member(meta, dst, to))
		return XDP_DROP; /* this member is none of the frame's: no drop to count */
	if (frame_parse(ctx, &f))
		return drop(meta->src, XVSW_REASON_malformed);
	if (frame_payload(&f) > to->mtu)
		return drop(dst, XVSW_REASON_mtu);
	meta->dst = dst;
	if (f.outer == TAG_8021Q && dst != XVSW_VPORT_WIRE && dst != XVSW_VPORT_HOST) {
		if (frame_pop_tag(ctx))
			return drop(dst, XVSW_REASON_no_headroom);
		f.len -= VLAN_TAG_LEN;
	}
	count_rx(dst, 1, f.len);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
