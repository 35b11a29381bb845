/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 1, parse: headers are read once, with bounds checked once; later stages see this view and
 * never the raw packet.
 */
#ifndef XVSW_BPF_FRAME_H
#define XVSW_BPF_FRAME_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "maps/types.h"

#define VLAN_TAG_LEN 4
#define VLAN_VID(tci) ((tci)&0x0fff)

enum outer_tag { TAG_NONE, TAG_8021Q, TAG_8021AD };

/*
 * A MAC as a number: the first byte lowest, as it lies in memory. Keys are put together in a
 * register and stored once: a hash that reads back what was stored in parts waits for the store
 * buffer.
 */
typedef __u64 mac_word;

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "mac_word and filter_key() are written for little-endian hosts"
#endif

struct frame {
	mac_word dst, src;
	__u32 len;   /* whole frame, bytes */
	__u16 vid;   /* the VLAN the frame belongs to, once classified; 0: none */
	__u16 tci;   /* of the outer tag */
	__u8 outer;  /* enum outer_tag */
	__u8 n_tags; /* 0 to 2: what the MTU does not count */
	__u8 frags;  /* in several buffers: more bytes than the first has */
};

struct tag {
	__be16 tci;
	__be16 proto;
};

static __always_inline int tag_of(__be16 proto)
{
	if (proto == bpf_htons(ETH_P_8021Q))
		return TAG_8021Q;
	if (proto == bpf_htons(ETH_P_8021AD))
		return TAG_8021AD;
	return TAG_NONE;
}

static __always_inline mac_word mac_load(const void *mac)
{
	return *(const __u32 *)mac | (__u64) * (const __u16 *)(mac + 4) << 32;
}

/* The bytes of struct xvsw_filter_key. */
static __always_inline __u64 filter_key(mac_word mac, __u16 vid)
{
	return mac | (__u64)vid << 48;
}

/* 0, or -1 when the headers are cut short. */
static __always_inline int frame_parse(struct xdp_md *ctx, struct frame *f)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct tag *tag = (void *)(eth + 1);

	if ((void *)(eth + 1) > end)
		return -1;
	f->dst = mac_load(eth->h_dest);
	f->src = mac_load(eth->h_source);
	f->vid = 0;
	f->tci = 0;
	f->n_tags = 0;
	f->len = bpf_xdp_get_buff_len(ctx);
	f->frags = f->len != (__u32)(end - data);
	f->outer = tag_of(eth->h_proto);
	if (f->outer == TAG_NONE)
		return 0;
	if ((void *)(tag + 1) > end)
		return -1;
	f->tci = bpf_ntohs(tag->tci);
	f->n_tags = 1;
	if (tag_of(tag->proto) == TAG_NONE)
		return 0;
	f->n_tags = 2;
	return (void *)(tag + 2) > end ? -1 : 0;
}

/* Of a MAC's first byte. */
#define SOURCE_GROUP_BIT 0x01

static __always_inline int mac_is_multicast(mac_word mac)
{
	return mac & 1;
}

/* 01:80:c2:00:00:0x */
static __always_inline int mac_is_link_local(mac_word mac)
{
	return (mac & 0xf0ffffffffffULL) == 0x0000c28001ULL;
}

static __always_inline __u32 frame_payload(const struct frame *f)
{
	return f->len - ETH_HLEN - VLAN_TAG_LEN * f->n_tags;
}

/* Put a tag in front, outermost. Packet pointers are void afterwards. -1: the driver has no room.
 */
static __always_inline int frame_push_tag(struct xdp_md *ctx, __be16 proto, __u16 tci)
{
	void *data, *end;
	__u32 macs[3];

	if (bpf_xdp_adjust_head(ctx, -VLAN_TAG_LEN))
		return -1;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(struct ethhdr) + VLAN_TAG_LEN > end)
		return -1;
	macs[0] = ((__u32 *)data)[1];
	macs[1] = ((__u32 *)data)[2];
	macs[2] = ((__u32 *)data)[3];
	((__u32 *)data)[0] = macs[0];
	((__u32 *)data)[1] = macs[1];
	((__u32 *)data)[2] = macs[2];
	((__be16 *)data)[6] = proto;
	((__be16 *)data)[7] = bpf_htons(tci);
	return 0;
}

/* Take the outer tag off. Packet pointers are void afterwards. -1: the driver refused. */
static __always_inline int frame_pop_tag(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 macs[3];

	if (data + sizeof(struct ethhdr) + VLAN_TAG_LEN > end)
		return -1;
	macs[0] = ((__u32 *)data)[0];
	macs[1] = ((__u32 *)data)[1];
	macs[2] = ((__u32 *)data)[2];
	if (bpf_xdp_adjust_head(ctx, VLAN_TAG_LEN))
		return -1;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(macs) > end)
		return -1;
	((__u32 *)data)[0] = macs[0];
	((__u32 *)data)[1] = macs[1];
	((__u32 *)data)[2] = macs[2];
	return 0;
}

#endif
