// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames lost after the redirect (bpf/loss.bpf.c), by live frames: they are in rx_packets, and in
 * rx_lost and one reason each.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

#include "loss.skel.h"

#define WIRE XVSW_VPORT_WIRE
#define FRAMES 40
#define COPIES 6      /* of each frame of a flood, to overrun a device */
#define BURST_MAX 256 /* of BPF_PROG_TEST_RUN */

static const struct frame_spec to_g1 = { .src = MAC_PEER, .dst = MAC_G1 };
static const struct frame_spec to_all = { .src = MAC_PEER, .dst = MAC_BROADCAST };

static void attach_loss(struct lab *lab)
{
	if (!lab->loss->links.xvsw_redirect_err)
		assert_int_equal(loss_bpf__attach(lab->loss), 0);
}

static void send_live(struct lab *lab, const struct frame_spec *f, uint32_t n, uint32_t burst)
{
	assert_int_equal(run_live(lab->prog_uplink, lab->own[P_WIRE], f, n, burst), 0);
}

/* Nothing is lost: nothing is counted as lost, but for what the devmap program takes out. */
static void test_no_loss(void **state)
{
	const struct frame_spec isolated = { .src = MAC_ISO_A, .dst = MAC_BROADCAST };
	const struct lab_count unicast[] = { RX_N(1, FRAMES, FRAMES * 64), { 0 } };
	const struct lab_count flood[] = {
		TX_N(3, FRAMES, FRAMES * 64),
		RX_N(0, FRAMES, FRAMES * 64),
		RX_N(1, FRAMES, FRAMES * 64),
		RX_N(2, FRAMES, FRAMES * 64),
		RX_N(5, FRAMES, FRAMES * 64),
		RX_N(WIRE, FRAMES, FRAMES * 64),
		{ 0 },
	};
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	send_live(lab, &to_g1, FRAMES, 0);
	lab_check_counters(lab, unicast, "unicast");
	lab_set(lab, 0);
	assert_int_equal(run_live(lab->prog_port, lab->own[P_ISO_A], &isolated, FRAMES, 0), 0);
	lab_drain(lab);
	lab_check_counters(lab, flood, "flood");
}

/* The far end has neither XDP nor NAPI: the redirect itself fails. */
static void test_target_cannot(void **state)
{
	const struct lab_count counts[] = { RX_N(1, FRAMES, FRAMES * 64),
					    LOST(1, target_down, FRAMES),
					    { 0 } };
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	lab_attach(lab->peer[P_G1], -1);
	send_live(lab, &to_g1, FRAMES, 0);
	lab_check_counters(lab, counts, "target without NDO_XMIT");
}

static uint64_t device_dropped(const char *dev)
{
	uint64_t n;

	assert_int_equal(net_counter(dev, NET_TX_DROPPED, &n), 0);
	return n;
}

/* The device itself is down: the redirect fails. */
static void test_device_down(void **state)
{
	const struct lab_count counts[] = { RX_N(1, FRAMES, FRAMES * 64),
					    LOST(1, target_down, FRAMES),
					    { 0 } };
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	assert_int_equal(net_set_up("v1", 0), 0);
	send_live(lab, &to_g1, FRAMES, 0);
	assert_int_equal(net_set_up("v1", 1), 0);
	lab_check_counters(lab, counts, "device down");
}

/* The far end is down: in the device's own counter of drops. */
static void test_target_down(void **state)
{
	const struct lab_count counts[] = { RX_N(1, FRAMES, FRAMES * 64), { 0 } };
	const uint64_t before = device_dropped("v1");
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	assert_int_equal(net_set_up("p1", 0), 0);
	send_live(lab, &to_g1, FRAMES, 0);
	lab_check_counters(lab, counts, "target down");
	assert_int_equal(device_dropped("v1") - before, FRAMES);
}

/* Members that cannot take the copy: the others get theirs, and nothing is counted as received. */
static void check_flood_without_g1(struct lab *lab, const char *name)
{
	const struct lab_count counts[] = {
		RX_N(0, FRAMES, FRAMES * 64), RX_N(2, FRAMES, FRAMES * 64),
		RX_N(3, FRAMES, FRAMES * 64), RX_N(4, FRAMES, FRAMES * 64),
		RX_N(5, FRAMES, FRAMES * 64), { 0 }
	};

	send_live(lab, &to_all, FRAMES, 0);
	lab_drain(lab);
	lab_check_counters(lab, counts, name);
}

static void test_flood_target_down(void **state)
{
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	assert_int_equal(net_set_up("v1", 0), 0);
	check_flood_without_g1(lab, "flood, a member's device down");
	assert_int_equal(net_set_up("v1", 1), 0);
}

static void test_flood_target_cannot(void **state)
{
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, 0);
	lab_attach(lab->peer[P_G1], -1);
	check_flood_without_g1(lab, "flood, a member without NDO_XMIT");
}

/*
 * More than a veth's queue holds before its NAPI may run: VLAN 0 has the small set, where false
 * members on the same device multiply each frame. Each copy arrives or is in the device's own
 * counter of drops, which the data path reads, and so is each frame lost before it was cloned; the
 * programs count none as lost.
 */
static void test_target_full(void **state)
{
	const uint64_t before = device_dropped("v2"), pair_before = device_dropped("flood0");
	struct lab_count counts[] = { RX_N(2, 0, 0), { 0 } };
	struct lab *lab = *state;
	struct bpf_devmap_val again = { .ifindex = lab->own[P_G2],
					.bpf_prog.fd = lab->prog_egress };
	uint32_t key;
	uint64_t n;

	attach_loss(lab);
	lab_set(lab, 0);
	lab_set_flood(lab, lab->flood_set[1]);
	for (key = 77; key < 77 + COPIES - 1; key++)
		assert_int_equal(bpf_map_update_elem(lab->flood_set[1], &key, &again, BPF_ANY), 0);
	send_live(lab, &to_all, BURST_MAX, BURST_MAX);
	lab_drain(lab);
	for (key = 77; key < 77 + COPIES - 1; key++)
		bpf_map_delete_elem(lab->flood_set[1], &key);
	n = COPIES * (BURST_MAX - (device_dropped("flood0") - pair_before));
	counts[0].n = n;
	counts[1].n = n * 64;
	assert_int_equal(net_collect(lab->listen[P_G2], lab->own[P_G2], lab->seen), 0);
	assert_in_range(lab->seen->n, 1, n - 1);
	assert_int_equal(device_dropped("v2") - before, n - lab->seen->n);
	lab_check_counters(lab, counts, "target full");
}

static void check_ring_full(struct lab *lab, unsigned int with, const struct lab_count *counts)
{
	const uint32_t room = 16;

	attach_loss(lab);
	lab_set(lab, with);
	lab_open_socket(lab, room);
	assert_int_equal(run_live(lab->prog_guest, lab->peer[P_G1], &to_g1, FRAMES, 0), 0);
	lab_check_counters(lab, counts, "ring full");
}

static void test_ring_full(void **state)
{
	const struct lab_count counts[] = { LOST(1, ring_full, FRAMES - 16), { 0 } };

	check_ring_full(*state, 0, counts);
}

static void test_ring_empty_again(void **state)
{
	const struct lab_count none[] = { { 0 } };
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, LAB_SOCKET);
	assert_int_equal(run_live(lab->prog_guest, lab->peer[P_G1], &to_g1, FRAMES, 0), 0);
	lab_check_counters(lab, none, "ring with room");
}

/* The tracepoints fire for the whole host: what is not this switch's is not counted. */
static void test_other_switch(void **state)
{
	const struct lab_count redirected[] = { RX_N(1, FRAMES, FRAMES * 64), { 0 } };
	struct lab *lab = *state;

	attach_loss(lab);
	lab_set(lab, LAB_OTHER_PORTS);
	lab_attach(lab->peer[P_G1], -1);
	send_live(lab, &to_g1, FRAMES, 0);
	lab_check_counters(lab, redirected, "another map");
}

/* A socket of a device that is no VPort's guest end. */
static void test_other_socket(void **state)
{
	struct lab *lab = *state;
	const struct xvsw_guest_dev guest = { net_inode(), lab->peer[P_G1] };
	const struct xvsw_guest_dev others[] = { { guest.netns + 1, guest.ifindex },
						 { guest.netns, guest.ifindex + 1 } };
	const struct lab_count none[] = { { 0 } };
	const uint32_t id = 1;
	size_t i;

	assert_int_equal(bpf_map_delete_elem(lab->guest_devs, &guest), 0);
	for (i = 0; i < ROWS(others); i++)
		bpf_map_update_elem(lab->guest_devs, &others[i], &id, BPF_ANY);
	check_ring_full(lab, 0, none);
	for (i = 0; i < ROWS(others); i++)
		bpf_map_delete_elem(lab->guest_devs, &others[i]);
	assert_int_equal(bpf_map_update_elem(lab->guest_devs, &guest, &id, BPF_ANY), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_no_loss),		  cmocka_unit_test(test_target_cannot),
	cmocka_unit_test(test_device_down),	  cmocka_unit_test(test_target_down),
	cmocka_unit_test(test_flood_target_down), cmocka_unit_test(test_flood_target_cannot),
	cmocka_unit_test(test_target_full),	  cmocka_unit_test(test_ring_full),
	cmocka_unit_test(test_ring_empty_again),  cmocka_unit_test(test_other_switch),
	cmocka_unit_test(test_other_socket),
};

int main(void)
{
	return run_main("loss", NULL, 0, tests, ROWS(tests));
}
