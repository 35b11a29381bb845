/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The index of `filters`: (MAC, VLAN) → VPort in one cache line, because the kernel's hash map
 * costs more than all the rest of the classification (see README.md). `filters` has every filter;
 * `filter_index` has those that fit, and the programs look here first, so that a store here is what
 * moves a filter.
 *
 * A key has 60 bits: 48 of MAC, 12 of VID. Multiplied by an odd constant modulo 2^60 it is another
 * 60-bit number, one to one; the upper bits choose the bucket, the lower ones are the tag, so
 * bucket and tag together are the key, and a slot of 8 bytes holds tag and VPort id: read and
 * written whole.
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

/* @key: the bytes of struct xvsw_filter_key as a little-endian number. */
static inline __attribute__((always_inline)) __u64 xvsw_index_mix(__u64 key)
{
	return key * XVSW_INDEX_MULTIPLIER & ((1ULL << 60) - 1);
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
