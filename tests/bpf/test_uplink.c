// SPDX-License-Identifier: GPL-2.0-only
/* Frames from the wire: verdict, frame, metadata and every counter (bpf/uplink.bpf.c). */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define TO(x) .dst = MAC_##x, .src = MAC_PEER
#define Q(tci)                                                                                     \
	{                                                                                          \
		TPID_Q, tci                                                                        \
	}
#define AD(tci)                                                                                    \
	{                                                                                          \
		TPID_AD, tci                                                                       \
	}
#define AT .prog = RUN_UPLINK, .in = P_WIRE
#define PASSED .verdict = XDP_PASS, .counts = { RX(0, 64) }

static const struct run_case cases[] = {
	{ "unicast, filter hit", AT, .frame = { TO(G1) }, .verdict = XDP_REDIRECT,
	  .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "unicast, second filter of a VPort", AT, .frame = { TO(G1_SECOND) },
	  .verdict = XDP_REDIRECT, .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "unicast, VPort that reads no metadata", AT, .frame = { TO(G2) }, .verdict = XDP_REDIRECT,
	  .counts = { RX(2, 64) } },
	{ "unicast, isolated VPort", AT, .frame = { TO(ISO_A) }, .verdict = XDP_REDIRECT,
	  .meta = META(WIRE, 3, 0, 0), .counts = { RX(3, 64) } },
	{ "unicast, filter of the default VPort", AT, .frame = { TO(HOST_FILTER) }, PASSED },
	{ "unicast, miss", AT, .frame = { TO(PEER) }, PASSED },
	{ "unicast, the uplink's own MAC", AT, .frame = { TO(UPLINK) }, PASSED },
	{ "unicast, the uplink's own MAC with a tag", AT,
	  .frame = { TO(UPLINK), .tags = { Q(LAB_VID) } }, PASSED },
	{ "VID 0 tag is stripped towards a guest", AT, .frame = { TO(G1), .tags = { Q(0xe000) } },
	  .verdict = XDP_REDIRECT, .out = { TO(G1), .len = 60 }, .meta = META(WIRE, 1, 0xe000, 0),
	  .counts = { RX(1, 60) } },
	{ "VID 0 tag stays towards the host", AT, .frame = { TO(PEER), .tags = { Q(0xe000) } },
	  PASSED },
	{ "VID is not matched by a MAC-only filter", AT,
	  .frame = { TO(G1), .tags = { Q(LAB_VID) } }, PASSED },
	{ "VID is matched by a filter with it", AT, .frame = { TO(G2), .tags = { Q(LAB_VID) } },
	  .verdict = XDP_REDIRECT, .out = { TO(G2), .len = 60 }, .counts = { RX(2, 60) } },
	{ "filter with a VID, another VID", AT, .frame = { TO(G2), .tags = { Q(LAB_VID + 1) } },
	  PASSED },
	{ "VID of 4095 is nobody's", AT, .frame = { TO(G1), .tags = { Q(0xfff) } }, PASSED },
	{ "802.1ad outer tag", AT, .frame = { TO(G1), .tags = { AD(0) } }, PASSED },
	{ "802.1ad outer tag, broadcast", AT, .frame = { TO(BROADCAST), .tags = { AD(0) } },
	  PASSED },
	{ "broadcast", AT, .frame = { TO(BROADCAST) }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(WIRE) },
	{ "multicast", AT, .frame = { TO(GROUP) }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(WIRE) },
	{ "broadcast with VID 0 tag", AT, .frame = { TO(BROADCAST), .tags = { Q(0x6000) } },
	  .verdict = XDP_REDIRECT, .flooded = FLOODED(WIRE) },
	{ "broadcast on a VLAN with members", AT,
	  .frame = { TO(BROADCAST), .tags = { Q(LAB_VID) } }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(WIRE) },
	{ "broadcast on a VLAN of nobody", AT,
	  .frame = { TO(BROADCAST), .tags = { Q(LAB_VID_NOBODY) } }, PASSED },
	{ "broadcast without a flood set", AT, .with = LAB_NO_FLOOD, .frame = { TO(BROADCAST) },
	  PASSED },
	{ "broadcast without the flood pair", AT, .with = LAB_NO_PAIR, .frame = { TO(BROADCAST) },
	  .verdict = XDP_PASS, .counts = { RX(0, 64) } },
	{ "broadcast in generic mode", AT, .with = LAB_GENERIC, .frame = { TO(BROADCAST) },
	  .verdict = XDP_REDIRECT, .flooded = FLOODED(WIRE) },
	{ "re-injected in generic mode: passes, not counted again", AT, .with = LAB_GENERIC,
	  .frame = { .src = MAC_G1_GROUP_BIT, .dst = MAC_UPLINK }, .verdict = XDP_PASS,
	  .out = { .src = MAC_G1, .dst = MAC_UPLINK, .len = 64 } },
	{ "re-injected in generic mode: broadcast", AT, .with = LAB_GENERIC,
	  .frame = { .src = MAC_G1_GROUP_BIT, .dst = MAC_BROADCAST }, .verdict = XDP_PASS,
	  .out = { .src = MAC_G1, .dst = MAC_BROADCAST, .len = 64 } },
	{ "source with the group bit in native mode", AT,
	  .frame = { .src = MAC_G1_GROUP_BIT, .dst = MAC_G1 }, .verdict = XDP_REDIRECT,
	  .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "unicast in generic mode", AT, .with = LAB_GENERIC, .frame = { TO(G1) },
	  .verdict = XDP_REDIRECT, .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "broadcast in several buffers", AT, .frame = { TO(BROADCAST), .len = 8000 },
	  .verdict = XDP_PASS, .counts = { RX(0, 8000) } },
	{ "link-local, first", AT, .frame = { .dst = MAC_LINK_LOCAL(0x00), .src = MAC_PEER },
	  PASSED },
	{ "link-local, last", AT, .frame = { .dst = MAC_LINK_LOCAL(0x0f), .src = MAC_PEER },
	  PASSED },
	{ "one past link-local is a flood", AT,
	  .frame = { .dst = MAC_LINK_LOCAL(0x10), .src = MAC_PEER }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(WIRE) },
	{ "MTU, at the limit", AT, .frame = { TO(G1), .len = 1514 }, .verdict = XDP_REDIRECT,
	  .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 1514) } },
	{ "MTU, one past it", AT, .frame = { TO(G1), .len = 1515 }, .verdict = XDP_DROP,
	  .counts = { DROPPED(1, mtu) } },
	{ "MTU, a tag is not counted", AT, .frame = { TO(G1), .tags = { Q(0) }, .len = 1518 },
	  .verdict = XDP_REDIRECT, .out = { TO(G1), .len = 1514 }, .meta = META(WIRE, 1, 0, 0),
	  .counts = { RX(1, 1514) } },
	{ "MTU, with a tag one past it", AT, .frame = { TO(G1), .tags = { Q(0) }, .len = 1519 },
	  .verdict = XDP_DROP, .counts = { DROPPED(1, mtu) } },
	{ "MTU, two tags are not counted", AT,
	  .frame = { TO(G1), .tags = { Q(0), Q(5) }, .len = 1522 }, .verdict = XDP_REDIRECT,
	  .out = { TO(G1), .tags = { Q(5) }, .len = 1518 }, .meta = META(WIRE, 1, 0, 0),
	  .counts = { RX(1, 1518) } },
	{ "MTU, with two tags one past it", AT,
	  .frame = { TO(G1), .tags = { Q(0), Q(5) }, .len = 1523 }, .verdict = XDP_DROP,
	  .counts = { DROPPED(1, mtu) } },
	{ "MTU, an inner 802.1ad tag is not counted", AT,
	  .frame = { TO(G1), .tags = { Q(0), AD(5) }, .len = 1522 }, .verdict = XDP_REDIRECT,
	  .out = { TO(G1), .tags = { AD(5) }, .len = 1518 }, .meta = META(WIRE, 1, 0, 0),
	  .counts = { RX(1, 1518) } },
	{ "MTU of 9,000, at the limit, in several buffers", AT, .frame = { TO(JUMBO), .len = 9014 },
	  .verdict = XDP_REDIRECT, .meta = META(WIRE, 5, 0, 0), .counts = { RX(5, 9014) } },
	{ "MTU of 9,000, one past it", AT, .frame = { TO(JUMBO), .len = 9015 }, .verdict = XDP_DROP,
	  .counts = { DROPPED(5, mtu) } },
	{ "VID 0 tag stripped from a frame in several buffers", AT,
	  .frame = { TO(JUMBO), .tags = { Q(0) }, .len = 9018 }, .verdict = XDP_REDIRECT,
	  .out = { TO(JUMBO), .len = 9014 }, .meta = META(WIRE, 5, 0, 0),
	  .counts = { RX(5, 9014) } },
	{ "VPort without a device", AT, .frame = { TO(GONE) }, .verdict = XDP_DROP,
	  .counts = { DROPPED(LAB_GONE, no_target) } },
	{ "tag cut before its first byte", AT, .frame = { TO(G1), .tags = { Q(0) }, .len = 14 },
	  .verdict = XDP_DROP, .counts = { DROPPED(WIRE, malformed) } },
	{ "tag cut before its last byte", AT, .frame = { TO(G1), .tags = { Q(0) }, .len = 17 },
	  .verdict = XDP_DROP, .counts = { DROPPED(WIRE, malformed) } },
	{ "tag and nothing else", AT, .frame = { TO(G1), .tags = { Q(0) }, .len = 18 },
	  .verdict = XDP_REDIRECT, .out = { TO(G1), .len = 14 }, .meta = META(WIRE, 1, 0, 0),
	  .counts = { RX(1, 14) } },
	{ "second tag cut before its first byte", AT,
	  .frame = { TO(G1), .tags = { Q(0), Q(5) }, .len = 18 }, .verdict = XDP_DROP,
	  .counts = { DROPPED(WIRE, malformed) } },
	{ "second tag cut before its last byte", AT,
	  .frame = { TO(G1), .tags = { Q(0), Q(5) }, .len = 21 }, .verdict = XDP_DROP,
	  .counts = { DROPPED(WIRE, malformed) } },
	{ "somebody's metadata is in front already", AT, .frame = { TO(G1) },
	  .meta_in = { .magic = 0x11, .src = 7, .dst = 7 }, .verdict = XDP_REDIRECT,
	  .meta = META(WIRE, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "somebody's metadata in front, to a VPort that reads none", AT, .frame = { TO(G2) },
	  .meta_in = { .magic = 0x11, .src = 7, .dst = 7 }, .verdict = XDP_REDIRECT,
	  .meta = { .magic = 0x11, .src = 7, .dst = 7 }, .counts = { RX(2, 64) } },
	{ "somebody's metadata in front of a flood", AT, .frame = { TO(BROADCAST) },
	  .meta_in = META(7, 7, 7, 0), .verdict = XDP_REDIRECT, .flooded = FLOODED(WIRE),
	  .meta = META(7, 7, 7, 0) },
	{ "somebody's metadata in front, to the host", AT, .frame = { TO(PEER) },
	  .meta_in = META(7, 7, 7, 0), .verdict = XDP_PASS, .meta = META(7, 7, 7, 0),
	  .counts = { RX(0, 64) } },
};

static void check_size(struct lab *lab, uint32_t len)
{
	char name[64];
	struct run_case c = { .name = name,
			      AT,
			      .frame = { TO(JUMBO), .len = len },
			      .verdict = XDP_REDIRECT,
			      .meta = META(WIRE, 5, 0, 0),
			      .counts = { RX(5, len) } };

	snprintf(name, sizeof(name), "%u bytes", len);
	run_case(lab, &c);
}

static void test_small_sizes(void **state)
{
	uint32_t len;

	for (len = 14; len <= 60; len++)
		check_size(*state, len);
}

/* One buffer and several; each size around where the first buffer of a test run ends. */
static void test_large_sizes(void **state)
{
	uint32_t len;

	for (len = 61; len <= 9014; len += 127)
		check_size(*state, len);
	for (len = 3510; len <= 3530; len++)
		check_size(*state, len);
}

/* At no moment does a moved filter match nothing: one store changes the target. */
static void test_filter_move(void **state)
{
	const struct xvsw_filter_key key = { MAC_G1, 0 };
	const struct run_case before = cases[0];
	struct run_case after = { "moved", AT, .frame = { TO(G1) }, .verdict = XDP_REDIRECT,
				  .counts = { RX(2, 64) } };

	assert_int_equal(lab_filter_move(*state, &key, 2), 0);
	run_case(*state, &after);
	assert_int_equal(lab_filter_move(*state, &key, 1), 0);
	run_case(*state, &before);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_small_sizes),
	cmocka_unit_test(test_large_sizes),
	cmocka_unit_test(test_filter_move),
};

int main(void)
{
	return run_main("uplink", cases, ROWS(cases), tests, ROWS(tests));
}
