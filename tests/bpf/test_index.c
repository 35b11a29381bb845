// SPDX-License-Identifier: GPL-2.0-only
/*
 * The index of the filters (maps/index.h), as the data path fills it and the programs read it: all
 * by frames from the wire, which go to the filter's VPort or to the host.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define SLOTS XVSW_INDEX_SLOTS
#define TAGS (1ULL << XVSW_INDEX_TAG_BITS)
#define KEY_MASK ((1ULL << 60) - 1)
#define BUCKET 1234 /* none of the lab's own filters is there */
#define KEYS_MAX 16 /* that a test has in it */
#define GUESTS 5    /* VPorts 1 to 5 */
#define NOBODY XVSW_VPORT_HOST
#define RANDOM_KEYS 100000
#define MULTICAST 1ULL
#define ANY_VID (0xfffULL << 48)

static uint64_t word_of(const struct xvsw_filter_key *key)
{
	uint64_t word;

	memcpy(&word, key, sizeof(word));
	return word;
}

/* Newton's: each round doubles the bits that are right, the first 3 are so for every odd number. */
static uint64_t inverse(uint64_t odd)
{
	uint64_t x = odd;
	int i;

	for (i = 0; i < 5; i++)
		x *= 2 - odd * x;
	return x;
}

static uint64_t unmix(uint64_t mixed)
{
	const uint64_t tag = mixed & ((1ULL << XVSW_INDEX_TAG_BITS) - 1);
	const uint64_t place = mixed >> XVSW_INDEX_TAG_BITS & XVSW_INDEX_NEAR;
	const uint64_t page = mixed >> (XVSW_INDEX_TAG_BITS + XVSW_INDEX_NEAR_BITS);
	const uint64_t rest = (page << XVSW_INDEX_TAG_BITS | tag) * inverse(XVSW_INDEX_MULTIPLIER) &
			      ((1ULL << XVSW_INDEX_REST_BITS) - 1);
	const uint64_t near = place ^ tag >> (XVSW_INDEX_TAG_BITS - XVSW_INDEX_NEAR_BITS);

	return (rest & ((1ULL << XVSW_INDEX_NEAR_SHIFT) - 1)) | near << XVSW_INDEX_NEAR_SHIFT |
	       rest >> XVSW_INDEX_NEAR_SHIFT << (XVSW_INDEX_NEAR_SHIFT + XVSW_INDEX_NEAR_BITS);
}

/* The next key of @bucket after @tag that a frame can have: unicast, no VLAN. */
static struct xvsw_filter_key next_key(uint32_t bucket, uint64_t *tag)
{
	struct xvsw_filter_key key;
	uint64_t word;

	do {
		word = unmix((uint64_t)bucket << XVSW_INDEX_TAG_BITS | ++*tag);
	} while (word & (MULTICAST | ANY_VID));
	memcpy(&key, &word, sizeof(key));
	return key;
}

static uint32_t vport_of(size_t i)
{
	return i % GUESTS + 1;
}

/* A frame from the wire to @key ends at @vport; NOBODY: with the host. */
static void check_lookup(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport)
{
	const struct xvsw_meta meta = META(WIRE, vport, key->vlan, 0);
	const uint32_t len = key->vlan && vport != NOBODY ? FRAME_LEN - 4 : FRAME_LEN;
	char name[64];
	struct run_case c = { .name = name,
			      .prog = RUN_UPLINK,
			      .in = P_WIRE,
			      .frame = { .src = MAC_PEER },
			      .verdict = vport == NOBODY ? XDP_PASS : XDP_REDIRECT,
			      .counts = { RX(vport, len) } };

	snprintf(name, sizeof(name), "%02x:%02x:%02x:%02x:%02x:%02x VLAN %u to VPort %u",
		 key->mac[0], key->mac[1], key->mac[2], key->mac[3], key->mac[4], key->mac[5],
		 key->vlan, vport);
	memcpy(c.frame.dst, key->mac, sizeof(key->mac));
	if (key->vlan)
		c.frame.tags[0] = (struct frame_tag){ TPID_Q, key->vlan };
	c.out = len == FRAME_LEN ? c.frame : frame_untagged(&c.frame);
	c.out.len = len;
	if (vport != NOBODY)
		c.meta = lab_port_meta(vport, meta);
	run_case(lab, &c);
}

static void put_hash(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport)
{
	const struct xvsw_filter f = { .vport = vport, .id = 1 };

	assert_int_equal(bpf_map_update_elem(lab->filters, key, &f, BPF_ANY), 0);
}

/* An empty bucket, whatever a failed test left there. */
static struct xvsw_bucket *fresh_bucket(struct lab *lab)
{
	struct xvsw_filter_key key;
	struct xvsw_bucket *b = NULL;
	uint64_t tag = 0;
	size_t i;

	for (i = 0; i < KEYS_MAX; i++) {
		key = next_key(BUCKET, &tag);
		bpf_map_delete_elem(lab->filters, &key);
		b = lab_bucket(lab, &key);
	}
	memset(b, 0, sizeof(*b));
	return b;
}

/* A fresh bucket with @n filters, at VPorts 1 to 5 by turns. */
static struct xvsw_bucket *fill_bucket(struct lab *lab, struct xvsw_filter_key *keys, size_t n)
{
	struct xvsw_bucket *b = fresh_bucket(lab);
	uint64_t tag = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		keys[i] = next_key(BUCKET, &tag);
		assert_int_equal(lab_filter_add(lab, &keys[i], vport_of(i)), 0);
	}
	return b;
}

static void check_all(struct lab *lab, const struct xvsw_filter_key *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		check_lookup(lab, &keys[i], vport_of(i));
}

static void test_each_slot(void **state)
{
	struct xvsw_filter_key keys[SLOTS];
	struct lab *lab = *state;
	struct xvsw_bucket *b = fill_bucket(lab, keys, SLOTS), full = *b;
	size_t i;

	for (i = 0; i < SLOTS; i++) {
		assert_int_equal(b->slot[i] & XVSW_INDEX_VPORT, vport_of(i));
		assert_true(b->slot[i] & XVSW_INDEX_IN_USE);
	}
	assert_false(b->slot[0] & XVSW_INDEX_OVERFLOW);
	check_all(lab, keys, SLOTS);
	/* One alone, in its slot */
	for (i = 0; i < SLOTS; i++) {
		memset(b, 0, sizeof(*b));
		b->slot[i] = full.slot[i];
		check_lookup(lab, &keys[i], vport_of(i));
		check_lookup(lab, &keys[(i + 1) % SLOTS], NOBODY);
	}
}

/* Filters past the eighth are in the hash alone; the others are found as before. */
static void test_overflow(void **state)
{
	struct xvsw_filter_key keys[SLOTS + 4];
	struct lab *lab = *state;

	assert_false(fill_bucket(lab, keys, SLOTS)->slot[0] & XVSW_INDEX_OVERFLOW);
	assert_true(fill_bucket(lab, keys, ROWS(keys))->slot[0] & XVSW_INDEX_OVERFLOW);
	check_all(lab, keys, ROWS(keys));
}

/* Changes in a bucket that has run over, of filters in the index and of such that are not. */
static void test_overflow_changes(void **state)
{
	struct xvsw_filter_key keys[SLOTS + 2];
	const struct xvsw_filter_key *in = &keys[0], *out = &keys[SLOTS];
	struct lab *lab = *state;
	size_t i;

	fill_bucket(lab, keys, ROWS(keys));
	assert_int_equal(lab_filter_move(lab, in, 4), 0);
	assert_int_equal(lab_filter_move(lab, out, 5), 0);
	check_lookup(lab, in, 4);
	check_lookup(lab, out, 5);
	assert_int_equal(lab_filter_del(lab, in), 0);
	check_lookup(lab, in, NOBODY);
	check_lookup(lab, out, 5);
	assert_int_equal(lab_filter_del(lab, out), 0);
	check_lookup(lab, out, NOBODY);
	check_lookup(lab, &keys[SLOTS + 1], vport_of(SLOTS + 1));
	/* The free slot is taken, and the bucket is still known to have run over. */
	assert_int_equal(lab_filter_add(lab, out, 3), 0);
	assert_int_equal(lab_bucket(lab, in)->slot[0] & XVSW_INDEX_VPORT, 3);
	check_lookup(lab, out, 3);
	for (i = 1; i < SLOTS; i++)
		check_lookup(lab, &keys[i], vport_of(i));
	check_lookup(lab, &keys[SLOTS + 1], vport_of(SLOTS + 1));
}

/* The hash is looked into where the bucket says so and nowhere else. */
static void test_hash_only(void **state)
{
	struct lab *lab = *state;
	uint64_t tag = 0;
	const struct xvsw_filter_key key = next_key(BUCKET, &tag);
	struct xvsw_bucket *b = fresh_bucket(lab);
	int i;

	put_hash(lab, &key, 3);
	check_lookup(lab, &key, NOBODY);
	for (i = 1; i < SLOTS; i++)
		b->slot[i] = XVSW_INDEX_OVERFLOW;
	check_lookup(lab, &key, NOBODY);
	b->slot[0] = XVSW_INDEX_OVERFLOW;
	check_lookup(lab, &key, 3);
}

/* What the index says is what holds: one store there moves a filter. */
static void test_move(void **state)
{
	struct xvsw_filter_key keys[SLOTS];
	struct lab *lab = *state;
	struct xvsw_bucket before, *b;
	struct xvsw_filter f;
	int i;

	b = fill_bucket(lab, keys, SLOTS);
	put_hash(lab, &keys[5], 2);
	check_lookup(lab, &keys[5], vport_of(5));
	b->slot[5] ^= vport_of(5) ^ 3;
	check_lookup(lab, &keys[5], 3);
	before = *b;
	assert_int_equal(lab_filter_move(lab, &keys[5], 4), 0);
	for (i = 0; i < SLOTS; i++)
		assert_true(b->slot[i] == (before.slot[i] ^ (i == 5 ? 3 ^ 4 : 0)));
	assert_int_equal(bpf_map_lookup_elem(lab->filters, &keys[5], &f), 0);
	assert_int_equal(f.vport, 4);
	check_lookup(lab, &keys[5], 4);
}

/* A slot that is not in use is nobody's, whatever its tag: the keys whose tag is 0 show it. */
static void test_tag_zero(void **state)
{
	const struct xvsw_filter_key zero = {}, other = { .mac = { 0, 0, 0, 0, 0, 0x01 } };
	struct lab *lab = *state;

	assert_int_equal(xvsw_index_tag(xvsw_index_mix(word_of(&zero))), XVSW_INDEX_IN_USE);
	assert_int_equal(xvsw_index_tag(xvsw_index_mix(word_of(&other))), XVSW_INDEX_IN_USE);
	check_lookup(lab, &zero, NOBODY);
	check_lookup(lab, &other, NOBODY);
	assert_int_equal(lab_filter_add(lab, &other, 1), 0);
	check_lookup(lab, &zero, NOBODY);
	check_lookup(lab, &other, 1);
	assert_int_equal(lab_filter_del(lab, &other), 0);
	check_lookup(lab, &other, NOBODY);
}

/* A slot that differs from the key's in one bit of the tag is another key's. */
static void test_each_tag_bit(void **state)
{
	struct lab *lab = *state;
	uint64_t tag = 0;
	const struct xvsw_filter_key key = next_key(BUCKET, &tag);
	struct xvsw_bucket *b = fresh_bucket(lab);
	int bit;

	assert_int_equal(lab_filter_add(lab, &key, 1), 0);
	check_lookup(lab, &key, 1);
	for (bit = 12; bit < 13 + XVSW_INDEX_TAG_BITS; bit++) {
		b->slot[0] ^= 1ULL << bit;
		check_lookup(lab, &key, NOBODY);
		b->slot[0] ^= 1ULL << bit;
	}
}

/* Source check and destination of a guest's frames, in a bucket that has run over. */
static void test_port_program(void **state)
{
	struct xvsw_filter_key keys[SLOTS + 4];
	const size_t from = SLOTS + 2, to = 1; /* VPorts 1 and 2 */
	struct run_case c = { .name = "by the hash",
			      .prog = RUN_PORT,
			      .in = P_G1,
			      .verdict = XDP_REDIRECT,
			      .counts = { TX(1, 64), RX(2, 64) } };
	struct run_case spoofed = { .name = "by the hash, another's",
				    .prog = RUN_PORT,
				    .in = P_G1,
				    .verdict = XDP_DROP,
				    .counts = { DROPPED(1, spoofcheck) } };
	struct lab *lab = *state;

	fill_bucket(lab, keys, ROWS(keys));
	assert_int_equal(vport_of(from), 1);
	assert_int_equal(vport_of(to), 2);
	memcpy(c.frame.src, keys[from].mac, 6);
	memcpy(c.frame.dst, keys[to].mac, 6);
	run_case(lab, &c);
	memcpy(spoofed.frame.src, keys[from + 1].mac, 6);
	memcpy(spoofed.frame.dst, keys[to].mac, 6);
	run_case(lab, &spoofed);
}

/* xorshift: the same keys each time. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Bucket and tag together give the key back, so no two keys have the same. */
static void test_one_to_one(void **state)
{
	uint64_t seed = 0x5deece66d, key, mixed;
	int i;

	(void)state;
	for (i = 0; i < RANDOM_KEYS; i++) {
		key = next_random(&seed) & KEY_MASK;
		mixed = xvsw_index_mix(key);
		assert_in_range(xvsw_index_bucket(mixed), 0, XVSW_INDEX_BUCKETS - 1);
		assert_true((xvsw_index_tag(mixed) & ~XVSW_INDEX_MATCH) == 0);
		assert_true(xvsw_index_tag(mixed) & XVSW_INDEX_IN_USE);
		mixed = (uint64_t)xvsw_index_bucket(mixed) << XVSW_INDEX_TAG_BITS |
			xvsw_index_tag(mixed) >> 13;
		assert_true(unmix(mixed) == key);
	}
}

/* The programs find keys of all kinds where the data path put them, the VLAN being part of them. */
static void test_random_keys(void **state)
{
	struct lab *lab = *state;
	uint64_t seed = 0x2545f4914f6cdd1d, word;
	struct xvsw_filter_key key, other;
	int i;

	for (i = 0; i < 500; i++) {
		word = next_random(&seed) & KEY_MASK & ~MULTICAST;
		if (i & 1)
			word &= ~ANY_VID;
		memcpy(&key, &word, sizeof(key));
		assert_int_equal(lab_filter_add(lab, &key, vport_of(i)), 0);
		other = key;
		other.vlan ^= 1 + i % 0xffe;
		check_lookup(lab, &key, vport_of(i));
		check_lookup(lab, &other, NOBODY);
		assert_int_equal(lab_filter_del(lab, &key), 0);
		check_lookup(lab, &key, NOBODY);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_each_slot),    cmocka_unit_test(test_overflow),
	cmocka_unit_test(test_hash_only),    cmocka_unit_test(test_overflow_changes),
	cmocka_unit_test(test_move),	     cmocka_unit_test(test_tag_zero),
	cmocka_unit_test(test_each_tag_bit), cmocka_unit_test(test_port_program),
	cmocka_unit_test(test_one_to_one),   cmocka_unit_test(test_random_keys),
};

int main(void)
{
	return run_main("index", NULL, 0, tests, ROWS(tests));
}
