/* SPDX-License-Identifier: GPL-2.0-only */
/* Receive filters: (MAC, VLAN) → VPort, by the index first (maps/index.h). */
#ifndef XVSW_BPF_FILTER_H
#define XVSW_BPF_FILTER_H

#include "bpf/frame.h"
#include "maps/maps.h"

/* No VPort has this id. */
#define FILTER_MISS 0xffffffff

static __always_inline __u32 filter_overflowed(mac_word mac, __u16 vid)
{
	__u64 key = filter_key(mac, vid);
	struct xvsw_filter *hit = bpf_map_lookup_elem(&filters, &key);

	return hit ? hit->vport : FILTER_MISS;
}

/* The VPort id of the filter, or FILTER_MISS. */
static __always_inline __u32 filter_find(mac_word mac, __u16 vid)
{
	__u64 mixed = xvsw_index_mix(filter_key(mac, vid)), slot;
	__u32 n = xvsw_index_bucket(mixed);
	const __u64 want = xvsw_index_tag(mixed);
	const struct xvsw_bucket *b = bpf_map_lookup_elem(&filter_index, &n);

	if (!b)
		return FILTER_MISS;
#pragma unroll
	for (int i = 0; i < XVSW_INDEX_SLOTS; i++) {
		slot = b->slot[i];
		if (((slot ^ want) & XVSW_INDEX_MATCH) == 0)
			return slot & XVSW_INDEX_VPORT;
	}
	return b->slot[0] & XVSW_INDEX_OVERFLOW ? filter_overflowed(mac, vid) : FILTER_MISS;
}

#endif
