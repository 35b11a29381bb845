// SPDX-License-Identifier: GPL-2.0-only
/* The devmap program of flood members: runs for each copy, on its way out to one member. */
#include "bpf/deliver.h"

/*
 * Not a drop: this member is none of the frame's. The kernel's tracepoint counts what a devmap
 * program takes out as lost on the device; loss.bpf.c takes `skipped` off again.
 */
static __always_inline int skip(__u32 dst)
{
	__u32 *n = bpf_map_lookup_elem(&skipped, &dst);

	if (n)
		(*n)++;
	return XDP_DROP;
}

static __always_inline int is_member(__u32 src, __u32 dst, const struct xvsw_vport *to)
{
	struct xvsw_vport *from;

	/* What the host or the wire sent is on the wire already. */
	if (dst == XVSW_VPORT_WIRE)
		return src != XVSW_VPORT_HOST && src != XVSW_VPORT_WIRE;
	if (!(to->flags & XVSW_VPORT_F_ISOLATED))
		return 1;
	from = bpf_map_lookup_elem(&vports, &src);
	return !from || !(from->flags & XVSW_VPORT_F_ISOLATED);
}

/* In generic mode frames are skbs here and carry no metadata: the device they came from tells. */
static __always_inline __u32 source_of(struct xdp_md *ctx, const struct xvsw_meta *meta)
{
	__u32 ifindex = ctx->ingress_ifindex;
	struct xvsw_dev *dev;

	if (meta)
		return meta->src;
	dev = bpf_map_lookup_elem(&devs, &ifindex);
	return dev ? dev->vport : XVSW_VPORT_WIRE;
}

SEC("xdp.frags/devmap")
int xvsw_egress(struct xdp_md *ctx)
{
	__u32 ifindex = ctx->egress_ifindex, dst;
	struct xvsw_dev *dev = bpf_map_lookup_elem(&devs, &ifindex);
	struct xvsw_meta *meta = meta_get(ctx);
	struct xvsw_vport *to;
	struct frame f;

	if (!dev)
		return XDP_DROP;
	dst = dev->vport;
	to = bpf_map_lookup_elem(&vports, &dst);
	if (!to || !is_member(source_of(ctx, meta), dst, to))
		return skip(dst);
	if (frame_parse(ctx, &f) || frame_payload(&f) > to->mtu) {
		drop(dst, XVSW_REASON_mtu);
		return skip(dst);
	}
	if (meta)
		meta->dst = dst;
	if (f.outer == TAG_8021Q && dst != XVSW_VPORT_WIRE && dst != XVSW_VPORT_HOST) {
		if (frame_pop_tag(ctx)) {
			drop(dst, XVSW_REASON_no_headroom);
			return skip(dst);
		}
		f.len -= VLAN_TAG_LEN;
	}
	count_rx(dst, 1, f.len);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
