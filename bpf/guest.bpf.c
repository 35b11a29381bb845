// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest end of an AF_XDP VPort: into the socket of the queue. Loaded once for each VPort, with
 * an XSKMAP of its own, so that no guest can name another's socket.
 */
#include "bpf/deliver.h"

const volatile __u32 vport_id = 0;

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, XVSW_XSK_QUEUES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

/*
 * Frames lose their metadata when they come as skbs, which they do from an uplink in generic mode:
 * then they are from the wire. Else the source is not known, and NDIS.md makes that the default
 * VPort.
 */
static __always_inline int meta_restore(struct xdp_md *ctx)
{
	struct xvsw_conf *cf = conf_get();
	__u16 src = cf && cf->flags & XVSW_CONF_F_GENERIC ? XVSW_VPORT_WIRE : XVSW_VPORT_HOST;

	return meta_push(ctx, src, vport_id, 0, 0);
}

SEC("xdp.frags")
int xvsw_guest(struct xdp_md *ctx)
{
	int verdict;

	if (!meta_get(ctx) && meta_restore(ctx))
		return lost(vport_id, XVSW_REASON_no_guest);
	verdict = bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_DROP);
	return verdict == XDP_REDIRECT ? verdict : lost(vport_id, XVSW_REASON_no_guest);
}

char _license[] SEC("license") = "GPL";
