/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 4, deliver: the target is known, so all work for it is done here, in the ingress program: a
 * devmap program on unicast would cost a tenth of the rate (DESIGN.md).
 *
 * Floods need one, for the work that differs by member. But the kernel runs one devmap program for
 * all frames that leave by a device in one NAPI poll: that of the first. So floods leave by plain
 * redirect too, into a veth pair of the switch's own, and are cloned in the poll of its other end,
 * where there is nothing else (flood.bpf.c).
 */
#ifndef XVSW_BPF_DELIVER_H
#define XVSW_BPF_DELIVER_H

#include "bpf/count.h"
#include "bpf/frame.h"
#include "maps/meta.h"

static __always_inline int meta_push(struct xdp_md *ctx, __u16 src, __u16 dst, __u16 vlan,
				     __u8 flags)
{
	struct xvsw_meta m = { .magic = XVSW_META_MAGIC,
			       .version = XVSW_META_VERSION,
			       .flags = flags,
			       .src = src,
			       .dst = dst,
			       .vlan = vlan };
	struct xvsw_meta *to;

	/* Ours must end where the frame begins: what another program left there goes. */
	if (ctx->data_meta != ctx->data && bpf_xdp_adjust_meta(ctx, ctx->data - ctx->data_meta))
		return -1;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(m)))
		return -1;
	to = (void *)(long)ctx->data_meta;
	if ((void *)(to + 1) > (void *)(long)ctx->data)
		return -1;
	*to = m;
	return 0;
}

static __always_inline struct xvsw_meta *meta_get(struct xdp_md *ctx)
{
	struct xvsw_meta *m = (void *)(long)ctx->data_meta;

	if ((void *)(m + 1) > (void *)(long)ctx->data)
		return NULL;
	if (m->magic != XVSW_META_MAGIC || m->version != XVSW_META_VERSION)
		return NULL;
	return m;
}

/* To a device: the guest's, the host's leg or the uplink. */
static __always_inline int deliver_redirect(struct frame *f, __u32 dst)
{
	int verdict = bpf_redirect_map(&ports, dst, XDP_DROP);

	if (verdict != XDP_REDIRECT)
		return drop(dst, XVSW_REASON_no_target);
	count_rx(dst, 1, f->len);
	return verdict;
}

/* To the wire or the host: frames go as they came. */
static __always_inline int deliver_plain(struct frame *f, __u32 dst)
{
	struct xvsw_vport *to = bpf_map_lookup_elem(&vports, &dst);

	if (!to || frame_payload(f) > to->mtu)
		return drop(dst, XVSW_REASON_mtu);
	return deliver_redirect(f, dst);
}

/* To a guest: without a priority tag, with metadata. */
static __always_inline int deliver_guest(struct xdp_md *ctx, struct frame *f, __u32 src,
					 __u16 src_flags, __u32 dst)
{
	struct xvsw_vport *to = bpf_map_lookup_elem(&vports, &dst);

	if (!to)
		return drop(src, XVSW_REASON_malformed);
	if (src_flags & to->flags & XVSW_VPORT_F_ISOLATED)
		return drop(dst, XVSW_REASON_isolated);
	if (frame_payload(f) > to->mtu) /* 0 where there is no device */
		return drop(dst, to->ifindex ? XVSW_REASON_mtu : XVSW_REASON_no_target);
	if (f->outer == TAG_8021Q) {
		if (frame_pop_tag(ctx))
			return drop(src, XVSW_REASON_no_headroom);
		f->len -= VLAN_TAG_LEN;
	}
	/*
	 * Only AF_XDP guests read them. A driver without room for metadata: the guest then takes
	 * the default VPort for the source.
	 */
	if (to->flags & XVSW_VPORT_F_META)
		meta_push(ctx, src, dst, f->tci, 0);
	return deliver_redirect(f, dst);
}

/* What deliver_flood() returns when it cannot: a reason, told from a verdict by its sign. */
#define FLOOD_REFUSED(reason) (-1 - (int)(reason))
#define FLOOD_REASON(refused) ((enum xvsw_reason)(-1 - (refused)))

/*
 * To every member but the source; @source: a TCI as on the switch's own pairs (maps/types.h). When
 * it is refused the frame is as it was. Frames in several buffers must not take this way: cloning
 * them is unsafe on many kernels.
 */
static __always_inline int deliver_flood(struct xdp_md *ctx, struct frame *f, __u16 source)
{
	__u32 vlan = f->vid;
	int verdict;

	if (f->frags)
		return FLOOD_REFUSED(XVSW_REASON_flood_frags);
	if (!bpf_map_lookup_elem(&flood, &vlan))
		return FLOOD_REFUSED(XVSW_REASON_no_target);
	if (frame_push_tag(ctx, bpf_htons(ETH_P_8021AD), source))
		return FLOOD_REFUSED(XVSW_REASON_no_headroom);
	verdict = bpf_redirect_map(&ports, XVSW_PORT_FLOOD, XDP_ABORTED);
	if (verdict == XDP_REDIRECT)
		return verdict;
	frame_pop_tag(ctx);
	return FLOOD_REFUSED(XVSW_REASON_no_target);
}

static __always_inline struct xvsw_conf *conf_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&conf, &zero);
}

#endif
