// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devmap program on flood copies (bpf/egress.bpf.c). The kernel refuses to test-run devmap
 * programs, so these are live frames, through the flood pair: what comes out of each port, byte by
 * byte.
 */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define FRAMES 3
#define FT(from, to) .src = MAC_##from, .dst = MAC_##to
#define Q(tci)                                                                                     \
	{                                                                                          \
		TPID_Q, tci                                                                        \
	}
#define AD(tci)                                                                                    \
	{                                                                                          \
		TPID_AD, tci                                                                       \
	}
#define TO(port) (1u << P_##port)
#define ALL_GUESTS (TO(G1) | TO(G2) | TO(ISO_A) | TO(ISO_B) | TO(JUMBO))

/* One flood: who gets a copy, and who counts a drop; who is in neither is none of the frame's. */
struct flood_case {
	const char *name;
	enum run_prog prog;
	enum lab_port in;
	struct frame_spec frame;
	uint16_t src;	   /* VPort id in the metadata */
	uint32_t to;	   /* ports, TO() bits */
	int host_has;	   /* the metadata says so */
	uint32_t too_long; /* ports that count it under `mtu` */
};

static const struct flood_case cases[] = {
	{ "from the wire",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST) },
	  .src = WIRE,
	  .to = TO(HOST) | ALL_GUESTS },
	{ "from a guest",
	  RUN_PORT,
	  P_G1,
	  { FT(G1, BROADCAST) },
	  .src = 1,
	  .to = TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G1)) },
	{ "multicast from a guest",
	  RUN_PORT,
	  P_G2,
	  { FT(G2, GROUP) },
	  .src = 2,
	  .to = TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G2)) },
	{ "from an isolated guest",
	  RUN_PORT,
	  P_ISO_A,
	  { FT(ISO_A, BROADCAST) },
	  .src = 3,
	  .to = TO(HOST) | TO(WIRE) | TO(G1) | TO(G2) | TO(JUMBO) },
	{ "from the other isolated guest",
	  RUN_PORT,
	  P_ISO_B,
	  { FT(ISO_B, GROUP) },
	  .src = 4,
	  .to = TO(HOST) | TO(WIRE) | TO(G1) | TO(G2) | TO(JUMBO) },
	{ "from the host: the wire has it",
	  RUN_PORT,
	  P_HOST,
	  { FT(UPLINK, BROADCAST), .tags = { AD(0) } },
	  .src = 0,
	  .to = ALL_GUESTS },
	{ "from the wire by tc: the host has it",
	  RUN_PORT,
	  P_HOST,
	  { FT(PEER, BROADCAST), .tags = { AD(WIRE | XVSW_SOURCE_HOST_HAS) } },
	  .src = WIRE,
	  .to = ALL_GUESTS,
	  .host_has = 1 },
	{ "from the wire by tc",
	  RUN_PORT,
	  P_HOST,
	  { FT(PEER, BROADCAST), .tags = { AD(WIRE) } },
	  .src = WIRE,
	  .to = TO(HOST) | ALL_GUESTS },
	{ "priority tag from the wire",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(0xa000) } },
	  .src = WIRE,
	  .to = TO(HOST) | ALL_GUESTS },
	{ "priority tag from a guest",
	  RUN_PORT,
	  P_G1,
	  { FT(G1, BROADCAST), .tags = { Q(0xa000) } },
	  .src = 1,
	  .to = TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G1)) },
	{ "on a VLAN with one member",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(LAB_VID) } },
	  .src = WIRE,
	  .to = TO(G2) },
	{ "MTU, at the limit",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .len = 1514 },
	  .src = WIRE,
	  .to = TO(HOST) | ALL_GUESTS },
	{ "MTU, one past it",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .len = 1515 },
	  .src = WIRE,
	  .to = TO(JUMBO),
	  .too_long = TO(HOST) | (ALL_GUESTS & ~TO(JUMBO)) },
	{ "MTU of the wire, one past it",
	  RUN_PORT,
	  P_JUMBO,
	  { FT(JUMBO, BROADCAST), .len = 1515 },
	  .src = 5,
	  .to = 0,
	  .too_long = TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(JUMBO)) },
	{ "MTU, not a drop of who is left out",
	  RUN_PORT,
	  P_ISO_A,
	  { FT(ISO_A, BROADCAST), .len = 1515 },
	  .src = 3,
	  .to = TO(JUMBO),
	  .too_long = TO(HOST) | TO(WIRE) | TO(G1) | TO(G2) },
	{ "MTU, a tag is not counted",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(0) }, .len = 1518 },
	  .src = WIRE,
	  .to = TO(HOST) | ALL_GUESTS },
};

/* As it comes out of @p: guests see no 802.1Q tag, the leg's own tag is gone for all. */
static struct frame_spec copy_for(const struct flood_case *c, enum lab_port p)
{
	struct frame_spec f = c->frame;

	if (f.tags[0].tpid == TPID_AD)
		f = frame_untagged(&f);
	if (f.tags[0].tpid == TPID_Q && p != P_HOST && p != P_WIRE)
		f = frame_untagged(&f);
	f.len = f.len ? f.len : FRAME_LEN;
	return f;
}

static uint16_t tci_of(const struct flood_case *c)
{
	const struct frame_tag *t = c->frame.tags;

	return t[0].tpid == TPID_Q ? t[0].tci : t[1].tpid == TPID_Q ? t[1].tci : 0;
}

static size_t add_counts(const struct flood_case *c, enum lab_port p, struct lab_count *out)
{
	const struct frame_spec f = copy_for(c, p);
	const uint32_t id = lab_vport_id(p);

	if (c->too_long & 1u << p) {
		out[0] = (struct lab_count)DROPPED_N(id, mtu, FRAMES);
		return 1;
	}
	if (!(c->to & 1u << p))
		return 0;
	out[0] = (struct lab_count){ id, C_RX_PACKETS, FRAMES };
	out[1] = (struct lab_count){ id, C_RX_BYTES, FRAMES * f.len };
	return 2;
}

static void run_flood(struct lab *lab, const struct flood_case *c)
{
	struct lab_count counts[2 * LAB_PORTS + 3] = {};
	const uint8_t flags = XVSW_META_F_FLOOD | (c->host_has ? XVSW_META_F_HOST_HAS : 0);
	int fd = run_prog_fd(lab, c->prog);
	size_t n = 0;
	int p;

	lab_set(lab, 0);
	assert_int_equal(run_live(fd, lab->own[c->in], &c->frame, FRAMES, 0), 0);
	for (p = 0; p < LAB_PORTS; p++) {
		const struct xvsw_meta meta = META(c->src, lab_vport_id(p), tci_of(c), flags);
		const struct frame_spec f = copy_for(c, p);

		run_expect(lab, p, c->to & 1u << p ? FRAMES : 0, &f, &meta);
		n += add_counts(c, p, &counts[n]);
	}
	if (c->prog == RUN_PORT && c->in != P_HOST) {
		counts[n++] = (struct lab_count){ c->src, C_TX_PACKETS, FRAMES };
		counts[n++] =
			(struct lab_count){ c->src, C_TX_BYTES,
					    FRAMES * (c->frame.len ? c->frame.len : FRAME_LEN) };
	}
	lab_check_counters(lab, counts, c->name);
}

struct flood_row {
	struct lab *lab;
	const struct flood_case *c;
};

static void test_row(void **state)
{
	const struct flood_row *row = *state;

	run_flood(row->lab, row->c);
}

static int restore_row(void **state)
{
	void *lab = ((struct flood_row *)*state)->lab;

	return lab_restore(&lab);
}

int main(void)
{
	struct CMUnitTest all[ROWS(cases)];
	struct flood_row rows[ROWS(cases)];
	struct lab *lab;
	size_t i;
	int r;

	if (lab_open(&lab))
		return 1;
	for (i = 0; i < ROWS(cases); i++) {
		rows[i] = (struct flood_row){ lab, &cases[i] };
		all[i] =
			(struct CMUnitTest){ cases[i].name, test_row, NULL, restore_row, &rows[i] };
	}
	r = cmocka_run_group_tests_name("egress", all, NULL, NULL);
	lab_close(lab);
	return r;
}
