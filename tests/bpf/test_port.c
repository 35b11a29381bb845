// SPDX-License-Identifier: GPL-2.0-only
/* Frames that VPorts send, and the host's leg (bpf/port.bpf.c). */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define FT(from, to) .src = MAC_##from, .dst = MAC_##to
#define Q(tci)                                                                                     \
	{                                                                                          \
		TPID_Q, tci                                                                        \
	}
#define AD(tci)                                                                                    \
	{                                                                                          \
		TPID_AD, tci                                                                       \
	}
#define AT(port) .prog = RUN_PORT, .in = P_##port
#define REFUSED(vport, reason) .verdict = XDP_DROP, .counts = { DROPPED(vport, reason) }

static const struct run_case cases[] = {
	/* Where frames go */
	{ "guest to wire", AT(G1), .frame = { FT(G1, PEER) }, .verdict = XDP_REDIRECT,
	  .counts = { TX(1, 64), RX(WIRE, 64) } },
	{ "guest to guest", AT(G1), .frame = { FT(G1, G2) }, .verdict = XDP_REDIRECT,
	  .counts = { TX(1, 64), RX(2, 64) } },
	{ "guest to guest, the other way", AT(G2), .frame = { FT(G2, G1) }, .verdict = XDP_REDIRECT,
	  .meta = META(2, 1, 0, 0), .counts = { TX(2, 64), RX(1, 64) } },
	{ "guest to host, by the uplink's MAC", AT(G1), .frame = { FT(G1, UPLINK) },
	  .verdict = XDP_REDIRECT, .counts = { TX(1, 64), RX(0, 64) } },
	{ "guest to host, by a filter of the default VPort", AT(G1),
	  .frame = { FT(G1, HOST_FILTER) }, .verdict = XDP_REDIRECT,
	  .counts = { TX(1, 64), RX(0, 64) } },
	{ "guest to a VPort without a device", AT(G1), .frame = { FT(G1, GONE) },
	  .verdict = XDP_DROP, .counts = { TX(1, 64), DROPPED(LAB_GONE, no_target) } },
	{ "broadcast", AT(G1), .frame = { FT(G1, BROADCAST) }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(1), .counts = { TX(1, 64) } },
	{ "multicast", AT(G1), .frame = { FT(G1, GROUP) }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(1), .counts = { TX(1, 64) } },
	{ "broadcast in several buffers", AT(JUMBO), .frame = { FT(JUMBO, BROADCAST), .len = 8000 },
	  REFUSED(5, flood_frags) },
	{ "broadcast without a flood set", AT(G1), .with = LAB_NO_FLOOD,
	  .frame = { FT(G1, BROADCAST) }, REFUSED(1, no_target) },
	{ "broadcast without the flood pair", AT(G1), .with = LAB_NO_PAIR,
	  .frame = { FT(G1, BROADCAST) }, REFUSED(1, no_target) },
	{ "broadcast with a priority tag", AT(G1),
	  .frame = { FT(G1, BROADCAST), .tags = { Q(0xa000) } }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(1), .counts = { TX(1, 64) } },
	{ "broadcast, somebody's metadata in front", AT(G1), .frame = { FT(G1, BROADCAST) },
	  .meta_in = { .magic = 0x11, .src = 7, .dst = 7 }, .verdict = XDP_REDIRECT,
	  .flooded = FLOODED(1), .meta = { .magic = 0x11, .src = 7, .dst = 7 },
	  .counts = { TX(1, 64) } },
	{ "guest to guest, metadata as if from another", AT(G2), .frame = { FT(G2, G1) },
	  .meta_in = META(7, 1, 0, 0), .verdict = XDP_REDIRECT, .meta = META(2, 1, 0, 0),
	  .counts = { TX(2, 64), RX(1, 64) } },
	{ "on a device that is in no map", AT(G1), .from_stranger = 1, .frame = { FT(G1, PEER) },
	  .verdict = XDP_DROP },
	/* Source check */
	{ "second MAC of the VPort", AT(G1), .frame = { FT(G1_SECOND, PEER) },
	  .verdict = XDP_REDIRECT, .counts = { TX(1, 64), RX(WIRE, 64) } },
	{ "source of nobody", AT(G1), .frame = { FT(PEER, G2) }, REFUSED(1, spoofcheck) },
	{ "source of another VPort", AT(G1), .frame = { FT(G2, PEER) }, REFUSED(1, spoofcheck) },
	{ "source of nobody, broadcast", AT(G1), .frame = { FT(PEER, BROADCAST) },
	  REFUSED(1, spoofcheck) },
	{ "source of the uplink", AT(G1), .frame = { FT(UPLINK, PEER) }, REFUSED(1, spoofcheck) },
	{ "source of nobody, check off", AT(G2), .frame = { FT(GONE, PEER) },
	  .verdict = XDP_REDIRECT, .counts = { TX(2, 64), RX(WIRE, 64) } },
	/* What a guest may not send */
	{ "link-local, first", AT(G1), .frame = { .src = MAC_G1, .dst = MAC_LINK_LOCAL(0) },
	  REFUSED(1, link_local) },
	{ "link-local, last", AT(G1), .frame = { .src = MAC_G1, .dst = MAC_LINK_LOCAL(0x0f) },
	  REFUSED(1, link_local) },
	{ "one past link-local", AT(G1), .frame = { .src = MAC_G1, .dst = MAC_LINK_LOCAL(0x10) },
	  .verdict = XDP_REDIRECT, .flooded = FLOODED(1), .counts = { TX(1, 64) } },
	{ "tag with a VID", AT(G1), .frame = { FT(G1, PEER), .tags = { Q(1) } },
	  REFUSED(1, vlan_not_allowed) },
	{ "tag with a VID, check off", AT(G2), .frame = { FT(G2, G1), .tags = { Q(LAB_VID) } },
	  REFUSED(2, vlan_not_allowed) },
	{ "tag with a VID, broadcast", AT(G1),
	  .frame = { FT(G1, BROADCAST), .tags = { Q(LAB_VID) } }, REFUSED(1, vlan_not_allowed) },
	{ "802.1ad tag", AT(G1), .frame = { FT(G1, PEER), .tags = { AD(5) } },
	  REFUSED(1, vlan_not_allowed) },
	{ "802.1ad tag with VID 0", AT(G2), .frame = { FT(G2, PEER), .tags = { AD(0) } },
	  REFUSED(2, vlan_not_allowed) },
	{ "tag cut short", AT(G1), .frame = { FT(G1, PEER), .tags = { Q(0) }, .len = 17 },
	  REFUSED(1, malformed) },
	{ "second tag cut short", AT(G1),
	  .frame = { FT(G1, G2), .tags = { Q(0), Q(1) }, .len = 21 }, REFUSED(1, malformed) },
	{ "hairpin", AT(G1), .frame = { FT(G1, G1) }, REFUSED(1, hairpin) },
	{ "hairpin by the second MAC", AT(G1), .frame = { FT(G1, G1_SECOND) },
	  REFUSED(1, hairpin) },
	{ "hairpin, check off", AT(G2), .frame = { FT(PEER, G2) }, REFUSED(2, hairpin) },
	/* Priority tags */
	{ "VID 0 tag is in the metadata", AT(ISO_A),
	  .frame = { FT(ISO_A, G1), .tags = { Q(0xa000) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(ISO_A, G1), .len = 60 }, .meta = META(3, 1, 0xa000, 0),
	  .counts = { TX(3, 64), RX(1, 60) } },
	{ "VID 0 tag is stripped towards a guest", AT(G1),
	  .frame = { FT(G1, G2), .tags = { Q(0xa000) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(G1, G2), .len = 60 }, .counts = { TX(1, 64), RX(2, 60) } },
	{ "VID 0 tag stays towards the wire", AT(G1),
	  .frame = { FT(G1, PEER), .tags = { Q(0xa000) } }, .verdict = XDP_REDIRECT,
	  .counts = { TX(1, 64), RX(WIRE, 64) } },
	/* Isolation */
	{ "isolated to isolated", AT(ISO_A), .frame = { FT(ISO_A, ISO_B) }, .verdict = XDP_DROP,
	  .counts = { TX(3, 64), DROPPED(4, isolated) } },
	{ "isolated to isolated, the other way", AT(ISO_B), .frame = { FT(ISO_B, ISO_A) },
	  .verdict = XDP_DROP, .counts = { TX(4, 64), DROPPED(3, isolated) } },
	{ "isolated to others", AT(ISO_A), .frame = { FT(ISO_A, G1) }, .verdict = XDP_REDIRECT,
	  .meta = META(3, 1, 0, 0), .counts = { TX(3, 64), RX(1, 64) } },
	{ "others to isolated", AT(G1), .frame = { FT(G1, ISO_A) }, .verdict = XDP_REDIRECT,
	  .meta = META(1, 3, 0, 0), .counts = { TX(1, 64), RX(3, 64) } },
	{ "isolated to wire", AT(ISO_A), .frame = { FT(ISO_A, PEER) }, .verdict = XDP_REDIRECT,
	  .counts = { TX(3, 64), RX(WIRE, 64) } },
	{ "isolated to host", AT(ISO_A), .frame = { FT(ISO_A, UPLINK) }, .verdict = XDP_REDIRECT,
	  .counts = { TX(3, 64), RX(0, 64) } },
	/* MTU of the target, the sender's does not matter */
	{ "MTU of the wire, at the limit", AT(JUMBO), .frame = { FT(JUMBO, PEER), .len = 1514 },
	  .verdict = XDP_REDIRECT, .counts = { TX(5, 1514), RX(WIRE, 1514) } },
	{ "MTU of the wire, one past it", AT(JUMBO), .frame = { FT(JUMBO, PEER), .len = 1515 },
	  .verdict = XDP_DROP, .counts = { TX(5, 1515), DROPPED(WIRE, mtu) } },
	{ "MTU of the wire, a tag is not counted", AT(JUMBO),
	  .frame = { FT(JUMBO, PEER), .tags = { Q(0) }, .len = 1518 }, .verdict = XDP_REDIRECT,
	  .counts = { TX(5, 1518), RX(WIRE, 1518) } },
	{ "MTU of the host, one past it", AT(JUMBO), .frame = { FT(JUMBO, UPLINK), .len = 1515 },
	  .verdict = XDP_DROP, .counts = { TX(5, 1515), DROPPED(0, mtu) } },
	{ "MTU of a guest, at the limit", AT(JUMBO), .frame = { FT(JUMBO, G1), .len = 1514 },
	  .verdict = XDP_REDIRECT, .meta = META(5, 1, 0, 0),
	  .counts = { TX(5, 1514), RX(1, 1514) } },
	{ "MTU of a guest, one past it", AT(JUMBO), .frame = { FT(JUMBO, G1), .len = 1515 },
	  .verdict = XDP_DROP, .counts = { TX(5, 1515), DROPPED(1, mtu) } },
	{ "9,000 bytes in several buffers", AT(G1), .frame = { FT(G1, JUMBO), .len = 9014 },
	  .verdict = XDP_REDIRECT, .meta = META(1, 5, 0, 0),
	  .counts = { TX(1, 9014), RX(5, 9014) } },
	/* The host's leg: an outer 802.1ad tag names the source; what the host sends tc counts */
	{ "leg: host to guest", AT(HOST), .frame = { FT(UPLINK, G1), .tags = { AD(0) } },
	  .verdict = XDP_REDIRECT, .out = { FT(UPLINK, G1), .len = 60 }, .meta = META(0, 1, 0, 0),
	  .counts = { RX(1, 60) } },
	{ "leg: no tag is from the host", AT(HOST), .frame = { FT(UPLINK, G1) },
	  .verdict = XDP_REDIRECT, .meta = META(0, 1, 0, 0), .counts = { RX(1, 64) } },
	{ "leg: host to guest with a priority tag", AT(HOST),
	  .frame = { FT(UPLINK, G1), .tags = { AD(0), Q(0x4000) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, G1), .len = 56 }, .meta = META(0, 1, 0x4000, 0),
	  .counts = { RX(1, 56) } },
	{ "leg: host to a filter with a VID", AT(HOST),
	  .frame = { FT(UPLINK, G2), .tags = { AD(0), Q(LAB_VID) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, G2), .len = 56 }, .counts = { RX(2, 56) } },
	{ "leg: host, MAC without this VID", AT(HOST),
	  .frame = { FT(UPLINK, G1), .tags = { AD(0), Q(LAB_VID) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, G1), .tags = { Q(LAB_VID) }, .len = 60 },
	  .counts = { RX(WIRE, 60) } },
	{ "leg: host to isolated", AT(HOST), .frame = { FT(UPLINK, ISO_A), .tags = { AD(0) } },
	  .verdict = XDP_REDIRECT, .out = { FT(UPLINK, ISO_A), .len = 60 },
	  .meta = META(0, 3, 0, 0), .counts = { RX(3, 60) } },
	{ "leg: host, filter gone in between", AT(HOST),
	  .frame = { FT(UPLINK, PEER), .tags = { AD(0) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, PEER), .len = 60 }, .counts = { RX(WIRE, 60) } },
	{ "leg: host to itself", AT(HOST), .frame = { FT(UPLINK, HOST_FILTER), .tags = { AD(0) } },
	  REFUSED(0, hairpin) },
	{ "leg: broadcast of the host", AT(HOST),
	  .frame = { FT(UPLINK, BROADCAST), .tags = { AD(0) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, BROADCAST), .len = 60 }, .flooded = FLOODED(0) },
	{ "leg: broadcast of the wire", AT(HOST),
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(WIRE) } }, .verdict = XDP_REDIRECT,
	  .out = { FT(PEER, BROADCAST), .len = 60 }, .flooded = FLOODED(WIRE) },
	{ "leg: broadcast of the wire, the host has it", AT(HOST),
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(WIRE | XVSW_SOURCE_HOST_HAS) } },
	  .verdict = XDP_REDIRECT, .out = { FT(PEER, BROADCAST), .len = 60 },
	  .flooded = FLOODED(WIRE | XVSW_SOURCE_HOST_HAS) },
	{ "leg: broadcast of the wire on a VLAN of nobody", AT(HOST),
	  .frame = { FT(PEER, BROADCAST),
		     .tags = { AD(WIRE | XVSW_SOURCE_HOST_HAS), Q(LAB_VID_NOBODY) } },
	  REFUSED(WIRE, no_target) },
	{ "leg: broadcast of the wire on a VLAN", AT(HOST),
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(WIRE), Q(LAB_VID) } },
	  .verdict = XDP_REDIRECT,
	  .out = { FT(PEER, BROADCAST), .tags = { Q(LAB_VID) }, .len = 60 },
	  .flooded = FLOODED(WIRE) },
	{ "leg: unicast of the wire does not go back", AT(HOST),
	  .frame = { FT(PEER, GONE), .tags = { AD(WIRE) } }, REFUSED(LAB_GONE, no_target) },
	{ "leg: unicast of the wire, source with the bit", AT(HOST),
	  .frame = { FT(PEER, PEER), .tags = { AD(WIRE | XVSW_SOURCE_HOST_HAS) } },
	  REFUSED(WIRE, hairpin) },
	{ "leg: unknown unicast of the wire", AT(HOST),
	  .frame = { FT(PEER, PEER), .tags = { AD(WIRE) } }, REFUSED(WIRE, hairpin) },
	{ "leg: MTU, at the limit", AT(HOST),
	  .frame = { FT(UPLINK, G1), .tags = { AD(0) }, .len = 1518 }, .verdict = XDP_REDIRECT,
	  .out = { FT(UPLINK, G1), .len = 1514 }, .meta = META(0, 1, 0, 0),
	  .counts = { RX(1, 1514) } },
	{ "leg: MTU, one past it", AT(HOST),
	  .frame = { FT(UPLINK, G1), .tags = { AD(0) }, .len = 1519 }, REFUSED(1, mtu) },
	{ "leg: tag cut short", AT(HOST), .frame = { FT(UPLINK, G1), .tags = { AD(0) }, .len = 17 },
	  REFUSED(0, malformed) },
	{ "leg: second tag cut short", AT(HOST),
	  .frame = { FT(UPLINK, G1), .tags = { AD(0), Q(0) }, .len = 21 }, REFUSED(0, malformed) },
};

/* Every size, to a guest and to the wire: a frame is 14 bytes at least. */
static void check_size(struct lab *lab, uint32_t len)
{
	char name[64];
	struct run_case c = { .name = name,
			      AT(G1),
			      .frame = { FT(G1, JUMBO), .len = len },
			      .verdict = XDP_REDIRECT,
			      .meta = META(1, 5, 0, 0),
			      .counts = { TX(1, len), RX(5, len) } };
	struct run_case w = { .name = name,
			      AT(G1),
			      .frame = { FT(G1, PEER), .len = len },
			      .verdict = XDP_REDIRECT,
			      .counts = { TX(1, len), RX(WIRE, len) } };

	snprintf(name, sizeof(name), "%u bytes", len);
	run_case(lab, &c);
	if (len <= 1514)
		run_case(lab, &w);
}

static void test_sizes(void **state)
{
	uint32_t len;

	for (len = 14; len <= 60; len++)
		check_size(*state, len);
	for (len = 61; len <= 9014; len += 89)
		check_size(*state, len);
	check_size(*state, 9014);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_sizes),
};

int main(void)
{
	return run_main("port", cases, ROWS(cases), tests, ROWS(tests));
}
