// SPDX-License-Identifier: GPL-2.0-only
/* Unicast, live: all frames arrive at the right device, whole, and nowhere else. */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define FRAMES 60
#define ROUNDS 4
#define FT(from, to) .src = MAC_##from, .dst = MAC_##to
#define NOWHERE LAB_PORTS

struct path {
	const char *name;
	enum run_prog prog;
	enum lab_port in, out; /* NOWHERE: dropped */
	struct frame_spec frame;
	struct frame_spec arrives; /* len 0: as sent */
	struct xvsw_meta meta;	   /* magic 0: none */
};

static const struct path paths[] = {
	{ "wire to guest",
	  RUN_UPLINK,
	  P_WIRE,
	  P_G1,
	  { FT(PEER, G1) },
	  .meta = META(WIRE, 1, 0, 0) },
	{ "wire to guest, full size", RUN_UPLINK, P_WIRE, P_G2, { FT(PEER, G2), .len = 1514 } },
	{ "wire to isolated guest",
	  RUN_UPLINK,
	  P_WIRE,
	  P_ISO_B,
	  { FT(PEER, ISO_B) },
	  .meta = META(WIRE, 4, 0, 0) },
	{ "wire to guest, priority tag",
	  RUN_UPLINK,
	  P_WIRE,
	  P_G1,
	  { FT(PEER, G1), .tags = { { TPID_Q, 0xa000 } } },
	  { FT(PEER, G1), .len = 60 },
	  META(WIRE, 1, 0xa000, 0) },
	{ "guest to guest", RUN_PORT, P_G1, P_G2, { FT(G1, G2) } },
	{ "guest to guest, full size",
	  RUN_PORT,
	  P_G2,
	  P_G1,
	  { FT(G2, G1), .len = 1514 },
	  .meta = META(2, 1, 0, 0) },
	{ "guest to wire", RUN_PORT, P_G1, P_WIRE, { FT(G1, PEER), .len = 1514 } },
	{ "guest to wire, priority tag",
	  RUN_PORT,
	  P_G1,
	  P_WIRE,
	  { FT(G1, PEER), .tags = { { TPID_Q, 0xa000 } } } },
	{ "guest to host", RUN_PORT, P_G1, P_HOST, { FT(G1, UPLINK) } },
	{ "host to guest",
	  RUN_PORT,
	  P_HOST,
	  P_G1,
	  { FT(UPLINK, G1), .tags = { { TPID_AD, 0 } } },
	  { FT(UPLINK, G1), .len = 60 },
	  META(0, 1, 0, 0) },
	{ "isolated to isolated", RUN_PORT, P_ISO_A, NOWHERE, { FT(ISO_A, ISO_B) } },
	{ "guest to itself", RUN_PORT, P_G1, NOWHERE, { FT(G1, G1) } },
	{ "spoofed", RUN_PORT, P_G1, NOWHERE, { FT(PEER, G2) } },
	{ "past the MTU of the wire",
	  RUN_PORT,
	  P_JUMBO,
	  NOWHERE,
	  { FT(JUMBO, PEER), .len = 1515 } },
};

static void run_path(struct lab *lab, const struct path *c)
{
	const struct frame_spec *arrives = c->arrives.len ? &c->arrives : &c->frame;
	const struct xvsw_meta *meta = c->meta.magic ? &c->meta : NULL;
	int round, p;

	print_message("# %s\n", c->name);
	lab_set(lab, 0);
	for (round = 0; round < ROUNDS; round++) {
		assert_int_equal(run_live(run_prog_fd(lab, c->prog), lab->own[c->in], &c->frame,
					  FRAMES, 0),
				 0);
		for (p = 0; p < LAB_PORTS; p++)
			run_expect(lab, p, p == (int)c->out ? FRAMES : 0, arrives, meta);
	}
}

static void test_paths(void **state)
{
	size_t i;

	for (i = 0; i < ROWS(paths); i++)
		run_path(*state, &paths[i]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_paths),
};

int main(void)
{
	return run_main("live", NULL, 0, tests, ROWS(tests));
}
