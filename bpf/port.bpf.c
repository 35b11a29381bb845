// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that VPorts send: from guests, on our end of their device, and from the host, on our end
 * of the host's leg, where an outer 802.1ad tag names the source.
 */
#include "bpf/admit.h"
#include "bpf/classify.h"
#include "bpf/deliver.h"

static __always_inline int flood_from_vport(struct xdp_md *ctx, struct frame *f, __u16 source)
{
	int verdict = deliver_flood(ctx, f, source);

	return verdict < 0 ? drop(source & XVSW_SOURCE_VID, FLOOD_REASON(verdict)) : verdict;
}

static __always_inline int from_guest(struct xdp_md *ctx, struct frame *f, __u32 src)
{
	struct xvsw_vport *from = bpf_map_lookup_elem(&vports, &src);
	struct xvsw_conf *cf = conf_get();
	enum xvsw_reason r;
	__u32 dst;

	if (!from || !cf)
		return drop(src, XVSW_REASON_malformed);
	r = admit(f, src, from);
	if (r != ADMITTED)
		return drop(src, r);
	dst = classify_is_host(f, cf) ? XVSW_VPORT_HOST : classify(f, XVSW_VPORT_WIRE);
	if (dst == src)
		return drop(src, XVSW_REASON_hairpin);
	if (dst == TARGET_FLOOD) {
		int verdict = flood_from_vport(ctx, f, src);

		if (verdict == XDP_REDIRECT)
			count_tx(src, 1, f->len);
		return verdict;
	}
	count_tx(src, 1, f->len);
	if (dst == XVSW_VPORT_WIRE || dst == XVSW_VPORT_HOST)
		return deliver_plain(f, dst);
	return deliver_guest(ctx, f, src, from->flags, dst);
}

/*
 * The host's leg: tc put the source in front (host.bpf.c): the host itself, or the wire for floods
 * that XDP on the uplink could not make. Frames for the wire have gone there already, but for a
 * filter deleted in between.
 */
static __always_inline int from_leg(struct xdp_md *ctx, struct frame *f)
{
	__u16 source = XVSW_VPORT_HOST;
	__u32 src, dst;

	if (f->outer == TAG_8021AD) {
		source = f->tci;
		if (frame_pop_tag(ctx) || frame_parse(ctx, f))
			return drop(XVSW_VPORT_HOST, XVSW_REASON_malformed);
	}
	src = source & XVSW_SOURCE_VID;
	f->vid = VLAN_VID(f->tci);
	dst = classify(f, XVSW_VPORT_WIRE);
	if (dst == TARGET_FLOOD)
		return flood_from_vport(ctx, f, source);
	if (dst == XVSW_VPORT_HOST)
		return drop(XVSW_VPORT_HOST, XVSW_REASON_hairpin);
	if (dst == XVSW_VPORT_WIRE)
		return src == XVSW_VPORT_HOST ? deliver_plain(f, dst)
					      : drop(src, XVSW_REASON_hairpin);
	return deliver_guest(ctx, f, src, 0, dst);
}

SEC("xdp.frags")
int xvsw_port(struct xdp_md *ctx)
{
	__u32 ifindex = ctx->ingress_ifindex;
	struct xvsw_dev *dev = bpf_map_lookup_elem(&devs, &ifindex);
	struct frame f;

	if (!dev)
		return XDP_DROP; /* being taken down: its VPort's counters are gone */
	if (frame_parse(ctx, &f))
		return drop(dev->vport, XVSW_REASON_malformed);
	if (dev->flags & XVSW_DEV_F_TAGGED)
		return from_leg(ctx, &f);
	return from_guest(ctx, &f, dev->vport);
}

char _license[] SEC("license") = "GPL";
