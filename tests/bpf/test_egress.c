// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devmap program on flood copies (bpf/egress.bpf.c). The kernel refuses to test-run devmap
 * programs, so these are live frames: what comes out of each port, byte by byte.
 */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gen.h"
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

/* One flood: who gets a copy, whose copy is taken out, and who counts a drop. */
struct flood_case {
	const char *name;
	enum run_prog prog;
	enum lab_port in;
	struct frame_spec frame;
	uint16_t src;	   /* VPort id in the metadata */
	uint32_t to;	   /* ports, TO() bits */
	uint32_t skips;	   /* ports where the copy is taken out, counted in `skipped` */
	uint32_t too_long; /* those of them that count it under `mtu` */
};

static const struct flood_case cases[] = {
	{ "from the wire",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST) },
	  WIRE,
	  TO(HOST) | ALL_GUESTS,
	  0,
	  0 },
	{ "from a guest",
	  RUN_PORT,
	  P_G1,
	  { FT(G1, BROADCAST) },
	  1,
	  TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G1)),
	  0,
	  0 },
	{ "multicast from a guest",
	  RUN_PORT,
	  P_G2,
	  { FT(G2, GROUP) },
	  2,
	  TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G2)),
	  0,
	  0 },
	{ "from an isolated guest",
	  RUN_PORT,
	  P_ISO_A,
	  { FT(ISO_A, BROADCAST) },
	  3,
	  TO(HOST) | TO(WIRE) | TO(G1) | TO(G2) | TO(JUMBO),
	  TO(ISO_B),
	  0 },
	{ "from the host: the wire has it",
	  RUN_PORT,
	  P_HOST,
	  { FT(UPLINK, BROADCAST), .tags = { AD(0) } },
	  0,
	  ALL_GUESTS,
	  TO(WIRE),
	  0 },
	{ "from the wire by tc",
	  RUN_PORT,
	  P_HOST,
	  { FT(PEER, BROADCAST), .tags = { AD(WIRE) } },
	  WIRE,
	  ALL_GUESTS,
	  TO(WIRE),
	  0 },
	{ "priority tag from the wire",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(0xa000) } },
	  WIRE,
	  TO(HOST) | ALL_GUESTS,
	  0,
	  0 },
	{ "priority tag from a guest",
	  RUN_PORT,
	  P_G1,
	  { FT(G1, BROADCAST), .tags = { Q(0xa000) } },
	  1,
	  TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(G1)),
	  0,
	  0 },
	{ "on a VLAN with one member",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(LAB_VID) } },
	  WIRE,
	  TO(G2),
	  0,
	  0 },
	{ "MTU, at the limit",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .len = 1514 },
	  WIRE,
	  TO(HOST) | ALL_GUESTS,
	  0,
	  0 },
	{ "MTU, one past it",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .len = 1515 },
	  WIRE,
	  TO(JUMBO),
	  TO(HOST) | (ALL_GUESTS & ~TO(JUMBO)),
	  TO(HOST) | (ALL_GUESTS & ~TO(JUMBO)) },
	{ "MTU of the wire, one past it",
	  RUN_PORT,
	  P_JUMBO,
	  { FT(JUMBO, BROADCAST), .len = 1515 },
	  5,
	  0,
	  TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(JUMBO)),
	  TO(HOST) | TO(WIRE) | (ALL_GUESTS & ~TO(JUMBO)) },
	{ "MTU, a tag is not counted",
	  RUN_UPLINK,
	  P_WIRE,
	  { FT(PEER, BROADCAST), .tags = { Q(0) }, .len = 1518 },
	  WIRE,
	  TO(HOST) | ALL_GUESTS,
	  0,
	  0 },
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
	int fd = run_prog_fd(lab, c->prog);
	size_t n = 0;
	int p;

	lab_set(lab, 0);
	assert_int_equal(run_live(fd, lab->own[c->in], &c->frame, FRAMES, 0), 0);
	for (p = 0; p < LAB_PORTS; p++) {
		const struct xvsw_meta meta =
			META(c->src, lab_vport_id(p), tci_of(c), XVSW_META_F_FLOOD);
		const struct frame_spec f = copy_for(c, p);

		run_expect(lab, p, c->to & 1u << p ? FRAMES : 0, &f, &meta);
		n += add_counts(c, p, &counts[n]);
		assert_int_equal(lab_skipped(lab, lab_vport_id(p)),
				 c->skips & 1u << p ? FRAMES : 0);
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

#define BURST 16

/* Of @n frames seen at @p, those that are broadcast and those that are not. */
static void count_kinds(struct lab *lab, enum lab_port p, int has_meta, uint32_t *unicast,
			uint32_t *flooded)
{
	const struct net_frames *seen = lab->seen;
	uint32_t i;

	*unicast = *flooded = 0;
	assert_int_equal(net_collect(lab->listen[p], lab->own[p], lab->seen), 0);
	for (i = 0; i < seen->n; i++) {
		const uint8_t *f = seen->f[i].data;

		if (has_meta || f[0] == XVSW_META_MAGIC)
			f += sizeof(struct xvsw_meta);
		if (f[0] == 0xff)
			(*flooded)++;
		else
			(*unicast)++;
	}
}

/*
 * One burst of both kinds to one device: the kernel keeps a single devmap program for a burst, the
 * first frame's. Each frame must come out once, counted once, whichever kind is first.
 */
static void check_mixed_burst(struct lab *lab, int broadcast_first, int prog, enum lab_port in,
			      const struct frame_spec *frame, enum lab_port out)
{
	int mix = gen_mix(lab->peer[in], broadcast_first);
	uint64_t sum[LAB_COUNTERS];
	uint32_t unicast, flooded;

	assert_true(mix >= 0);
	lab_set(lab, 0);
	lab_attach(lab->own[in], prog);
	assert_int_equal(run_live(mix, lab->peer[in], frame, BURST, 0), 0);
	count_kinds(lab, out, out != P_WIRE, &unicast, &flooded);
	close(mix);
	lab_counters(lab, lab_vport_id(out), sum);
	print_message("# %s first: %u unicast, %u flooded, counted %lu\n",
		      broadcast_first ? "flood" : "unicast", unicast, flooded,
		      (unsigned long)sum[C_RX_PACKETS]);
	assert_int_equal(unicast, BURST / 2);
	assert_int_equal(flooded, BURST / 2);
	assert_int_equal(sum[C_RX_PACKETS], BURST);
}

static void test_mixed_from_wire_unicast_first(void **state)
{
	const struct frame_spec frame = { FT(PEER, G1) };
	struct lab *lab = *state;

	check_mixed_burst(lab, 0, lab->prog_uplink, P_WIRE, &frame, P_G1);
}

static void test_mixed_from_wire_flood_first(void **state)
{
	const struct frame_spec frame = { FT(PEER, G1) };
	struct lab *lab = *state;

	check_mixed_burst(lab, 1, lab->prog_uplink, P_WIRE, &frame, P_G1);
}

static void test_mixed_to_wire_unicast_first(void **state)
{
	const struct frame_spec frame = { FT(G1, PEER) };
	struct lab *lab = *state;

	check_mixed_burst(lab, 0, lab->prog_port, P_G1, &frame, P_WIRE);
}

static void test_mixed_to_wire_flood_first(void **state)
{
	const struct frame_spec frame = { FT(G1, PEER) };
	struct lab *lab = *state;

	check_mixed_burst(lab, 1, lab->prog_port, P_G1, &frame, P_WIRE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_mixed_from_wire_unicast_first),
	cmocka_unit_test(test_mixed_from_wire_flood_first),
	cmocka_unit_test(test_mixed_to_wire_unicast_first),
	cmocka_unit_test(test_mixed_to_wire_flood_first),
};

int main(void)
{
	struct CMUnitTest all[ROWS(cases) + ROWS(tests)];
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
	for (i = 0; i < ROWS(tests); i++) {
		all[ROWS(cases) + i] = tests[i];
		all[ROWS(cases) + i].teardown_func = lab_restore;
		all[ROWS(cases) + i].initial_state = lab;
	}
	r = cmocka_run_group_tests_name("egress", all, NULL, NULL);
	lab_close(lab);
	return r;
}
