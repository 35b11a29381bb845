// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's leg, tc side. The host keeps its address on the uplink; what its stack sends there
 * also reaches local guests, and what guests send to it arrives there.
 *
 *   host stack ── egress of uplink ──(filter hit, floods)──► leg, host end ──► leg, switch end: XDP
 *   XDP ──► leg, switch end ──► leg, host end: ingress ──► ingress of uplink ── host stack
 *
 * Frames from the host end to the switch end carry the source VPort id in an outer 802.1ad tag,
 * because an skb carries no XDP metadata.
 */
#include <linux/pkt_cls.h>

#include "bpf/count.h"
#include "bpf/filter.h"

/* skb->mark of frames re-injected into the uplink, for the time between two of our programs. */
#define MARK_REINJECTED 0x78767377

static __always_inline struct xvsw_conf *tc_conf(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&conf, &zero);
}

/* Destination and VLAN; -1: cut short, or an 802.1ad tag. */
static __always_inline int skb_parse(struct __sk_buff *skb, mac_word *dst, __u16 *vid)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct tag *tag = (void *)(eth + 1);

	if ((void *)(eth + 1) > end)
		return -1;
	*dst = mac_load(eth->h_dest);
	*vid = 0;
	if (skb->vlan_present) {
		*vid = VLAN_VID(skb->vlan_tci);
		return skb->vlan_proto == bpf_htons(ETH_P_8021Q) ? 0 : -1;
	}
	if (tag_of(eth->h_proto) == TAG_NONE)
		return 0;
	if (tag_of(eth->h_proto) == TAG_8021AD || (void *)(tag + 1) > end)
		return -1;
	*vid = VLAN_VID(bpf_ntohs(tag->tci));
	return 0;
}

/* Guests are on this VLAN, and the frame is not for the next bridge alone. */
static __always_inline int floods(mac_word dst, __u32 vlan)
{
	return mac_is_multicast(dst) && !mac_is_link_local(dst) &&
	       bpf_map_lookup_elem(&flood, &vlan);
}

/* A copy into the switch, the frame itself goes on. */
static __always_inline void copy_to_leg(struct __sk_buff *skb, struct xvsw_conf *cf, __u16 source)
{
	const __u32 src = source & XVSW_SOURCE_VID;

	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), source)) {
		drop(src, XVSW_REASON_no_headroom);
		return;
	}
	if (bpf_clone_redirect(skb, cf->leg_host_ifindex, 0))
		drop(src, XVSW_REASON_no_target);
	bpf_skb_vlan_pop(skb);
}

/* Egress of the uplink: the host's own frames. */
SEC("tc")
int xvsw_host_out(struct __sk_buff *skb)
{
	struct xvsw_conf *cf = tc_conf();
	mac_word dst;
	const __u32 packets = skb->gso_segs ?: 1, bytes = skb->len;
	__u32 vport = XVSW_VPORT_HOST;
	__u16 vid;

	if (!cf || !cf->leg_host_ifindex)
		return TC_ACT_UNSPEC;
	if (!skb_parse(skb, &dst, &vid)) {
		if (floods(dst, vid))
			copy_to_leg(skb, cf, XVSW_VPORT_HOST);
		else if (!mac_is_multicast(dst))
			vport = filter_find(dst, vid);
	}
	if (vport == FILTER_MISS || vport == XVSW_VPORT_HOST) {
		count_tx(XVSW_VPORT_HOST, packets, bytes);
		return TC_ACT_UNSPEC;
	}
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), XVSW_VPORT_HOST)) {
		drop(XVSW_VPORT_HOST, XVSW_REASON_no_headroom);
		return TC_ACT_SHOT;
	}
	count_tx(XVSW_VPORT_HOST, packets, bytes);
	return bpf_redirect(cf->leg_host_ifindex, 0);
}

/*
 * Generic XDP runs again on what is re-injected, and sees no mark of the skb: so the group bit of
 * the source address, which no frame has, says it (uplink.bpf.c takes it off).
 */
static __always_inline int mark_source(struct __sk_buff *skb)
{
	__u8 first;

	if (bpf_skb_load_bytes(skb, ETH_ALEN, &first, 1))
		return -1;
	first |= SOURCE_GROUP_BIT;
	return bpf_skb_store_bytes(skb, ETH_ALEN, &first, 1, 0);
}

/* Ingress of the leg's host end: frames for the host's stack. */
SEC("tc")
int xvsw_host_in(struct __sk_buff *skb)
{
	struct xvsw_conf *cf = tc_conf();

	if (!cf || !cf->uplink_ifindex || (cf->flags & XVSW_CONF_F_GENERIC && mark_source(skb))) {
		lost(XVSW_VPORT_HOST, XVSW_REASON_no_target);
		return TC_ACT_SHOT;
	}
	skb->mark = MARK_REINJECTED;
	return bpf_redirect(cf->uplink_ifindex, BPF_F_INGRESS);
}

/*
 * Ingress of the uplink: floods that XDP passed up for us to clone; re-injected frames go by. Not
 * in generic mode: there the kernel hands us frames without their Ethernet header.
 */
SEC("tc")
int xvsw_wire_in(struct __sk_buff *skb)
{
	struct xvsw_conf *cf = tc_conf();
	mac_word dst;
	__u16 vid;

	if (skb->mark == MARK_REINJECTED) {
		skb->mark = 0;
		return TC_ACT_UNSPEC;
	}
	if (!cf || !cf->leg_host_ifindex || cf->flags & XVSW_CONF_F_GENERIC)
		return TC_ACT_UNSPEC;
	if (!skb_parse(skb, &dst, &vid) && floods(dst, vid))
		copy_to_leg(skb, cf, XVSW_VPORT_WIRE | XVSW_SOURCE_HOST_HAS);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
