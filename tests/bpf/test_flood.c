// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that clones floods (bpf/flood.bpf.c), by itself; and bursts in which unicast and
 * floods are mixed, live.
 */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gen.h"
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
#define CLONED(src, tci) META(src, XVSW_VPORT_SLOTS, tci, XVSW_META_F_FLOOD)
#define AT .prog = RUN_FLOOD
#define OUT .out = { FT(PEER, BROADCAST), .len = 60 }
#define NOT_OURS .verdict = XDP_DROP

static const struct run_case cases[] = {
	{ "from a guest", AT, .frame = { FT(PEER, BROADCAST), .tags = { AD(1) } },
	  .verdict = XDP_REDIRECT, OUT, .meta = CLONED(1, 0) },
	{ "from the host", AT, .frame = { FT(PEER, BROADCAST), .tags = { AD(0) } },
	  .verdict = XDP_REDIRECT, OUT, .meta = CLONED(0, 0) },
	{ "from the wire", AT, .frame = { FT(PEER, GROUP), .tags = { AD(WIRE) } },
	  .verdict = XDP_REDIRECT, .out = { FT(PEER, GROUP), .len = 60 }, .meta = CLONED(WIRE, 0) },
	{ "from the wire, the host has it", AT,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(WIRE | XVSW_SOURCE_HOST_HAS) } },
	  .verdict = XDP_REDIRECT, OUT,
	  .meta = META(WIRE, XVSW_VPORT_SLOTS, 0, XVSW_META_F_FLOOD | XVSW_META_F_HOST_HAS) },
	{ "priority tag", AT, .frame = { FT(PEER, BROADCAST), .tags = { AD(1), Q(0xa000) } },
	  .verdict = XDP_REDIRECT, .out = { FT(PEER, BROADCAST), .tags = { Q(0xa000) }, .len = 60 },
	  .meta = CLONED(1, 0xa000) },
	{ "on a VLAN", AT, .with = LAB_NO_FLOOD,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(2), Q(0xe000 | LAB_VID) } },
	  .verdict = XDP_REDIRECT,
	  .out = { FT(PEER, BROADCAST), .tags = { Q(0xe000 | LAB_VID) }, .len = 60 },
	  .meta = CLONED(2, 0xe000 | LAB_VID) },
	{ "VLAN of nobody", AT,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(1), Q(LAB_VID_NOBODY) } },
	  .verdict = XDP_DROP, .counts = { DROPPED(1, no_target) } },
	{ "no flood set", AT, .with = LAB_NO_FLOOD,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(WIRE) } }, .verdict = XDP_DROP,
	  .counts = { DROPPED(WIRE, no_target) } },
	{ "somebody's metadata in front", AT, .frame = { FT(PEER, BROADCAST), .tags = { AD(1) } },
	  .meta_in = META(7, 7, 7, 0), .verdict = XDP_REDIRECT, OUT, .meta = CLONED(1, 0) },
	{ "in generic mode", AT, .with = LAB_GENERIC,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(1) } }, .verdict = XDP_REDIRECT, OUT,
	  .meta = CLONED(1, 0) },
	{ "names no source", AT, .frame = { FT(PEER, BROADCAST) }, NOT_OURS },
	{ "names no source, metadata", AT, .frame = { FT(PEER, BROADCAST) },
	  .meta_in = CLONED(1, 0), NOT_OURS },
	{ "names no source, 802.1Q", AT, .frame = { FT(PEER, BROADCAST), .tags = { Q(1) } },
	  NOT_OURS },
	{ "tag cut short", AT, .frame = { FT(PEER, BROADCAST), .tags = { AD(1) }, .len = 17 },
	  NOT_OURS },
	{ "inner tag cut short", AT,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(1), Q(0) }, .len = 21 }, NOT_OURS },
};

#define BURST 16

/* What came out of @p, with the metadata of its kind: unicast, and floods of VPort @src. */
static void check_kinds(struct lab *lab, enum lab_port p, uint32_t n_unicast,
			const struct xvsw_meta *unicast_meta, uint32_t n_floods, uint16_t src)
{
	const struct xvsw_meta flood_meta = META(src, lab_vport_id(p), 0, XVSW_META_F_FLOOD);
	uint32_t unicast = 0, floods = 0, i;
	int has_meta;

	assert_int_equal(net_collect(lab->listen[p], lab->own[p], lab->seen), 0);
	for (i = 0; i < lab->seen->n; i++) {
		const uint8_t *f = lab->seen->f[i].data;
		struct xvsw_meta meta = {};

		has_meta = f[0] == XVSW_META_MAGIC;
		if (has_meta) {
			memcpy(&meta, f, sizeof(meta));
			f += sizeof(meta);
		}
		assert_int_equal(lab->seen->f[i].len, FRAME_LEN + (has_meta ? sizeof(meta) : 0));
		assert_memory_equal(&meta, f[0] == 0xff ? &flood_meta : unicast_meta, sizeof(meta));
		if (f[0] == 0xff)
			floods++;
		else
			unicast++;
	}
	if (unicast != n_unicast || floods != n_floods)
		fail_msg("%s: %u unicast and %u floods came out, not %u and %u", lab_port_name(p),
			 unicast, floods, n_unicast, n_floods);
}

/*
 * One burst of both kinds: the kernel keeps a single devmap program for all that leaves by a device
 * in one poll, the first frame's. Each frame must come out once, as its kind does, counted once,
 * whichever kind is first.
 */
static void check_mixed_burst(struct lab *lab, int broadcast_first, enum lab_port in,
			      const struct frame_spec *frame, enum lab_port out)
{
	const int prog = in == P_WIRE ? lab->prog_uplink : lab->prog_port;
	const uint16_t src = lab_vport_id(in);
	const struct xvsw_meta meta =
		lab_port_meta(out, (struct xvsw_meta)META(src, lab_vport_id(out), 0, 0));
	int mix = gen_mix(lab->peer[in], broadcast_first), p;
	struct lab_count counts[2 * LAB_PORTS + 3] = {};
	uint64_t before;
	char dev[16];
	size_t n = 0;

	assert_true(mix >= 0);
	snprintf(dev, sizeof(dev), "v%d", in);
	assert_int_equal(net_counter(dev, NET_RX_PACKETS, &before), 0);
	lab_set(lab, 0);
	lab_attach(lab->own[in], prog);
	assert_int_equal(run_live(mix, lab->peer[in], frame, BURST, 0), 0);
	close(mix);
	assert_int_equal(net_wait_received(dev, before + BURST), 0);
	lab_drain(lab);
	for (p = 0; p < LAB_PORTS; p++) {
		const uint32_t floods = p == (int)in ? 0 : BURST / 2;
		const uint32_t unicast = p == (int)out ? BURST / 2 : 0;

		check_kinds(lab, p, unicast, &meta, floods, src);
		if (!floods && !unicast)
			continue;
		counts[n++] = (struct lab_count){ lab_vport_id(p), C_RX_PACKETS, unicast + floods };
		counts[n++] = (struct lab_count){ lab_vport_id(p), C_RX_BYTES,
						  (unicast + floods) * FRAME_LEN };
	}
	if (in != P_WIRE) {
		counts[n++] = (struct lab_count){ src, C_TX_PACKETS, BURST };
		counts[n++] = (struct lab_count){ src, C_TX_BYTES, BURST * FRAME_LEN };
	}
	lab_check_counters(lab, counts, "mixed");
}

#define MIXED(name, in, frame_from, frame_to, out)                                                 \
	static void test_mixed_##name##_unicast_first(void **state)                                \
	{                                                                                          \
		const struct frame_spec frame = { FT(frame_from, frame_to) };                      \
                                                                                                   \
		check_mixed_burst(*state, 0, in, &frame, out);                                     \
	}                                                                                          \
	static void test_mixed_##name##_flood_first(void **state)                                  \
	{                                                                                          \
		const struct frame_spec frame = { FT(frame_from, frame_to) };                      \
                                                                                                   \
		check_mixed_burst(*state, 1, in, &frame, out);                                     \
	}
#define MIXED_TESTS(name)                                                                          \
	cmocka_unit_test(test_mixed_##name##_unicast_first),                                       \
		cmocka_unit_test(test_mixed_##name##_flood_first)
MIXED(from_wire, P_WIRE, PEER, G1, P_G1)
MIXED(from_wire_without_metadata, P_WIRE, PEER, G2, P_G2)
MIXED(to_wire, P_G1, G1, PEER, P_WIRE)
MIXED(between_guests, P_G2, G2, G1, P_G1)
MIXED(to_host, P_G2, G2, UPLINK, P_HOST)

/* An uplink in generic mode: floods are skbs on the pair. */
static void test_generic_flood(void **state)
{
	const struct frame_spec frame = { FT(PEER, BROADCAST), .len = 700 };
	struct lab_count counts[2 * LAB_PORTS + 1] = {};
	struct lab *lab = *state;
	uint8_t data[FRAME_MAX];
	size_t n = 0;
	int p;

	lab_set(lab, LAB_GENERIC);
	lab_attach_generic(lab->own[P_WIRE], lab->prog_uplink);
	assert_int_equal(net_send(lab->peer[P_WIRE], data, frame_build(&frame, data)), 0);
	lab_drain_wire(lab);
	for (p = 0; p < LAB_PORTS; p++) {
		const struct xvsw_meta meta = META(WIRE, lab_vport_id(p), 0, XVSW_META_F_FLOOD);

		run_expect(lab, p, p == P_WIRE ? 0 : 1, &frame, &meta);
		if (p == P_WIRE)
			continue;
		counts[n++] = (struct lab_count){ lab_vport_id(p), C_RX_PACKETS, 1 };
		counts[n++] = (struct lab_count){ lab_vport_id(p), C_RX_BYTES, 700 };
	}
	lab_check_counters(lab, counts, "generic");
}

static const struct CMUnitTest tests[] = {
	MIXED_TESTS(from_wire), MIXED_TESTS(from_wire_without_metadata),
	MIXED_TESTS(to_wire),	MIXED_TESTS(between_guests),
	MIXED_TESTS(to_host),	cmocka_unit_test(test_generic_flood),
};

int main(void)
{
	return run_main("flood", cases, ROWS(cases), tests, ROWS(tests));
}
