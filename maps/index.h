/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The index of `filters`: (MAC, VLAN) → VPort in one cache line, because the kernel's hash map
 * costs more than all the rest of the classification (see README.md). `filters` has every filter;
 * `filter_index` has those that fit, and the programs look here first, so that a store here is what
 * moves a filter.
 *
 * A key has 60 bits: 48 of MAC, 12 of VID. Six of them are set aside; the other 54, multiplied by
 * an odd constant modulo 2^54, are another number, one to one. Its upper 8 bits choose a page of 64
 * buckets, the six bits the bucket in it, its lower 46 bits are the tag. So bucket and tag together
 * are the key, and a slot of 8 bytes holds tag and VPort id: read and written whole.
 *
 *   slot   63: overflow (of slot 0: some filters of this bucket are in `filters` only)
 *          58..13: tag   12: in use   11..0: VPort id
 */
#ifndef XVSW_MAPS_INDEX_H
#define XVSW_MAPS_INDEX_H

#include <linux/types.h>

#define XVSW_INDEX_BUCKET_BITS 14
#define XVSW_INDEX_BUCKETS (1 << XVSW_INDEX_BUCKET_BITS)
#define XVSW_INDEX_SLOTS 8

#define XVSW_INDEX_TAG_BITS (60 - XVSW_INDEX_BUCKET_BITS)
#define XVSW_INDEX_MULTIPLIER 0x9e3779b97f4a7c1ULL
#define XVSW_INDEX_OVERFLOW (1ULL << 63)
#define XVSW_INDEX_IN_USE (1ULL << 12)
#define XVSW_INDEX_VPORT 0xfffULL
/* What must agree for a slot to be the key's. */
#define XVSW_INDEX_MATCH (((1ULL << XVSW_INDEX_TAG_BITS) - 1) << 13 | XVSW_INDEX_IN_USE)

struct xvsw_bucket {
	__u64 slot[XVSW_INDEX_SLOTS];
} __attribute__((aligned(64)));

/*
 * The low bits of a MAC's last byte choose the bucket within its page: addresses are given out in a
 * row, and those of one guest then share a page and its TLB entry (measured: 60 filters of one
 * guest at random were 10 to 20 % slower than one filter when they lay all over the index).
 */
#define XVSW_INDEX_NEAR_BITS 6
#define XVSW_INDEX_NEAR_SHIFT 40 /* of the key: the last byte of the MAC */
#define XVSW_INDEX_NEAR ((1ULL << XVSW_INDEX_NEAR_BITS) - 1)
#define XVSW_INDEX_REST_BITS (60 - XVSW_INDEX_NEAR_BITS)

/* @key: the bytes of struct xvsw_filter_key as a little-endian number. */
static inline __attribute__((always_inline)) __u64 xvsw_index_mix(__u64 key)
{
	const __u64 low = key & ((1ULL << XVSW_INDEX_NEAR_SHIFT) - 1);
	const __u64 high = key >> (XVSW_INDEX_NEAR_SHIFT + XVSW_INDEX_NEAR_BITS);
	const __u64 near = key >> XVSW_INDEX_NEAR_SHIFT & XVSW_INDEX_NEAR;
	const __u64 rest = (low | high << XVSW_INDEX_NEAR_SHIFT) * XVSW_INDEX_MULTIPLIER &
			   ((1ULL << XVSW_INDEX_REST_BITS) - 1);

	const __u64 tag = rest & ((1ULL << XVSW_INDEX_TAG_BITS) - 1);
	/* Not the near bits alone: addresses that differ elsewhere are to spread as well. */
	const __u64 place = near ^ tag >> (XVSW_INDEX_TAG_BITS - XVSW_INDEX_NEAR_BITS);

	return (rest >> XVSW_INDEX_TAG_BITS) << (XVSW_INDEX_TAG_BITS + XVSW_INDEX_NEAR_BITS) |
	       place << XVSW_INDEX_TAG_BITS | tag;
}

static inline __attribute__((always_inline)) __u32 xvsw_index_bucket(__u64 mixed)
{
	return mixed >> XVSW_INDEX_TAG_BITS;
}

/* The key's slot, but for the VPort id. */
static inline __attribute__((always_inline)) __u64 xvsw_index_tag(__u64 mixed)
{
	return (mixed & ((1ULL << XVSW_INDEX_TAG_BITS) - 1)) << 13 | XVSW_INDEX_IN_USE;
}

#endif
