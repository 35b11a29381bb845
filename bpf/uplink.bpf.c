// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames from the wire: filter hit → that VPort, else the host's stack. In its own object, because
 * libxdp loads it, as an extension of its dispatcher where the kernel allows.
 */
#include "bpf/frame.h"
#include "bpf/classify.h"
#include "bpf/deliver.h"

static __always_inline int to_host(struct frame *f)
{
	count_rx(XVSW_VPORT_HOST, 1, f->len);
	return XDP_PASS;
}

/*
 * Link-local frames are the host's alone. Where the broadcast redirect cannot take the frame, it
 * goes up to tc ingress, which clones it for the guests (host.bpf.c), but for generic mode: then
 * they do without, and it is counted.
 */
static __always_inline int flood_from_wire(struct xdp_md *ctx, struct frame *f,
					   const struct xvsw_conf *cf)
{
	int verdict;

	if (mac_is_link_local(f->dst))
		return to_host(f);
	verdict = deliver_flood(ctx, f, XVSW_VPORT_WIRE);
	if (verdict >= 0)
		return verdict;
	if (cf->flags & XVSW_CONF_F_GENERIC && FLOOD_REASON(verdict) != XVSW_REASON_no_target)
		drop(XVSW_VPORT_WIRE, FLOOD_REASON(verdict));
	return to_host(f);
}

/* Generic mode: host.bpf.c re-injected it for the host's stack, where it is counted already. */
static __always_inline int pass_reinjected(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) <= end)
		eth->h_source[0] &= ~SOURCE_GROUP_BIT;
	return XDP_PASS;
}

SEC("xdp.frags")
int xvsw_uplink(struct xdp_md *ctx)
{
	struct xvsw_conf *cf = conf_get();
	struct frame f;
	__u32 dst;

	if (!cf)
		return XDP_PASS;
	if (frame_parse(ctx, &f))
		return drop(XVSW_VPORT_WIRE, XVSW_REASON_malformed);
	/* No frame has such a source, but see host.bpf.c. */
	if (mac_is_multicast(f.src) && cf->flags & XVSW_CONF_F_GENERIC)
		return pass_reinjected(ctx);
	if (f.outer == TAG_8021AD)
		return to_host(&f);
	f.vid = VLAN_VID(f.tci);
	dst = classify(&f, XVSW_VPORT_HOST);
	if (dst == TARGET_FLOOD)
		return flood_from_wire(ctx, &f, cf);
	/* The uplink's address may have become that of a filter. */
	if (dst == XVSW_VPORT_HOST || classify_is_host(&f, cf))
		return to_host(&f);
	return deliver_guest(ctx, &f, XVSW_VPORT_WIRE, 0, dst);
}

char _license[] SEC("license") = "GPL";
