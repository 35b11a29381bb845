// SPDX-License-Identifier: GPL-2.0-only
/* The guest end of an AF_XDP VPort: into the socket, or counted (bpf/guest.bpf.c). */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define AT .prog = RUN_GUEST, .in = P_G1, .frame = { .src = MAC_PEER, .dst = MAC_G1 }
#define NO_GUEST .verdict = XDP_DROP, .counts = { LOST(1, no_guest, 1) }
#define NOT_OURS                                                                                   \
	{                                                                                          \
		.magic = XVSW_META_MAGIC, .version = XVSW_META_VERSION + 1, .src = 9               \
	}

static const struct run_case cases[] = {
	{ "no socket", AT, .meta_in = META(WIRE, 1, 0, 0), NO_GUEST },
	{ "no socket, no metadata", AT, NO_GUEST },
	{ "metadata stays", AT, .with = LAB_SOCKET, .meta_in = META(2, 1, 5, XVSW_META_F_FLOOD),
	  .verdict = XDP_REDIRECT, .meta = META(2, 1, 5, XVSW_META_F_FLOOD) },
	{ "missing metadata is added", AT, .with = LAB_SOCKET, .verdict = XDP_REDIRECT,
	  .meta = META(0, 1, 0, 0) },
	{ "missing metadata is added, from the wire in generic mode", AT,
	  .with = LAB_SOCKET | LAB_GENERIC, .verdict = XDP_REDIRECT, .meta = META(WIRE, 1, 0, 0) },
	{ "metadata of another version is not taken", AT, .with = LAB_SOCKET, .meta_in = NOT_OURS,
	  .verdict = XDP_REDIRECT, .meta = META(0, 1, 0, 0) },
};

/* A dead guest's socket leaves the map by itself: its frames are counted, none vanishes. */
static void test_socket_gone(void **state)
{
	struct lab *lab = *state;

	lab_open_socket(lab, XSK_FRAMES);
	xsk_close(&lab->xsk);
	run_case(lab, &cases[0]);
}

/* Wire to AF_XDP guest, both hops live: every byte and the source's id reach the UMEM. */
static void test_two_hops(void **state)
{
	const struct frame_spec frame = { .src = MAC_PEER, .dst = MAC_G1, .len = 1514 };
	const struct xvsw_meta meta = META(WIRE, 1, 0, 0);
	const struct lab_count counts[] = { RX_N(1, 40, 40 * 1514), { 0 } };
	struct lab *lab = *state;
	uint8_t want[FRAME_MAX];
	const uint8_t *got;
	uint32_t len, n;

	lab_set(lab, LAB_SOCKET);
	lab_attach(lab->peer[P_G1], lab->prog_guest);
	frame_build(&frame, want);
	assert_int_equal(run_live(lab->prog_uplink, lab->own[P_WIRE], &frame, 40, 0), 0);
	for (n = 0; (got = xsk_next(&lab->xsk, &len)); n++) {
		assert_int_equal(len, 1514);
		assert_memory_equal(got, want, len);
		assert_memory_equal(got - sizeof(meta), &meta, sizeof(meta));
	}
	assert_int_equal(n, 40);
	lab_check_counters(lab, counts, "two hops");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_socket_gone),
	cmocka_unit_test(test_two_hops),
};

int main(void)
{
	return run_main("guest", cases, ROWS(cases), tests, ROWS(tests));
}
