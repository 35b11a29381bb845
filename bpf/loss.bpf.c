// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is lost after a redirect, from the kernel's xdp tracepoints. They fire for the whole host,
 * so each event is matched to this switch by network namespace and device, or by the map's id.
 */
#include <linux/bpf.h>
#include <bpf/bpf_tracing.h>

#include "bpf/count.h"

struct bpf_prog;

/* Just the members that are read; CO-RE finds them in the running kernel. */
struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));
struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));
typedef struct {
	struct net *net;
} possible_net_t;
struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

static __always_inline struct xvsw_conf *loss_conf(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&conf, &zero);
}

/* Fires on errors only, so what goes well pays nothing. */
SEC("tp_btf/xdp_redirect_err")
int BPF_PROG(xvsw_redirect_err, const struct net_device *from, const struct bpf_prog *xdp,
	     const void *tgt, int err, enum bpf_map_type map_type, __u32 map_id, __u32 index)
{
	struct xvsw_guest_dev key;
	struct xvsw_conf *cf;
	__u32 *id;

	if (map_type == BPF_MAP_TYPE_DEVMAP_HASH) {
		cf = loss_conf();
		if (!cf || cf->ports_map_id != map_id)
			return 0;
		if (index == XVSW_PORT_FLOOD) /* the flood pair: in nobody's rx_packets yet */
			drop(XVSW_VPORT_WIRE, XVSW_REASON_target_down);
		else
			lost(index, XVSW_REASON_target_down);
		return 0;
	}
	if (map_type != BPF_MAP_TYPE_XSKMAP)
		return 0;
	key.netns = from->nd_net.net->ns.inum;
	key.ifindex = from->ifindex;
	id = bpf_map_lookup_elem(&guest_devs, &key);
	if (id)
		lost(*id, XVSW_REASON_ring_full);
	return 0;
}

char _license[] SEC("license") = "GPL";
