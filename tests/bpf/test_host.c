// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tc side of the host's leg (bpf/host.bpf.c).
 *
 *   v6 = the uplink, p6 = the wire        p0 = the leg's host end, v0 = the leg's switch end
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "run.h"

#define WIRE XVSW_VPORT_WIRE
#define MARK_FOREIGN 0x1234
#define FT(from, to) .src = MAC_##from, .dst = MAC_##to
#define Q(tci)                                                                                     \
	{                                                                                          \
		TPID_Q, tci                                                                        \
	}
#define AD(tci)                                                                                    \
	{                                                                                          \
		TPID_AD, tci                                                                       \
	}

enum tc_prog { HOST_OUT, HOST_IN, WIRE_IN };

struct tc_case {
	const char *name;
	enum tc_prog prog;
	unsigned int with;
	struct frame_spec frame;
	uint32_t mark_in, gso_segs;
	int verdict;
	int marks_source; /* the group bit of the source address comes back set */
	int clone;	  /* outer tag of the copy into the leg + 1; 0: no copy */
	struct lab_count counts[4];
};

#define CLONE(src) ((src) + 1)
#define SENT .counts = { TX(0, 64) }

static const struct tc_case cases[] = {
	{ "host out: hit", HOST_OUT, .frame = { FT(UPLINK, G1) }, .verdict = TC_ACT_REDIRECT,
	  SENT },
	{ "host out: hit with a priority tag", HOST_OUT,
	  .frame = { FT(UPLINK, G1), .tags = { Q(0x2000) } }, .verdict = TC_ACT_REDIRECT, SENT },
	{ "host out: hit on a VID", HOST_OUT, .frame = { FT(UPLINK, G2), .tags = { Q(LAB_VID) } },
	  .verdict = TC_ACT_REDIRECT, SENT },
	{ "host out: MAC without this VID", HOST_OUT,
	  .frame = { FT(UPLINK, G1), .tags = { Q(LAB_VID) } }, .verdict = TC_ACT_UNSPEC, SENT },
	{ "host out: miss", HOST_OUT, .frame = { FT(UPLINK, PEER) }, .verdict = TC_ACT_UNSPEC,
	  SENT },
	{ "host out: a filter of the default VPort", HOST_OUT, .frame = { FT(UPLINK, HOST_FILTER) },
	  .verdict = TC_ACT_UNSPEC, SENT },
	{ "host out: 802.1ad", HOST_OUT, .frame = { FT(UPLINK, G1), .tags = { AD(0) } },
	  .verdict = TC_ACT_UNSPEC, SENT },
	{ "host out: segments are counted", HOST_OUT, .frame = { FT(UPLINK, PEER) }, .gso_segs = 5,
	  .verdict = TC_ACT_UNSPEC, .counts = { TX_N(0, 5, 64) } },
	{ "host out: broadcast", HOST_OUT, .frame = { FT(UPLINK, BROADCAST) },
	  .verdict = TC_ACT_UNSPEC, .clone = CLONE(0), SENT },
	{ "host out: multicast", HOST_OUT, .frame = { FT(UPLINK, GROUP) }, .verdict = TC_ACT_UNSPEC,
	  .clone = CLONE(0), SENT },
	{ "host out: broadcast on a VLAN of nobody", HOST_OUT,
	  .frame = { FT(UPLINK, BROADCAST), .tags = { Q(LAB_VID_NOBODY) } },
	  .verdict = TC_ACT_UNSPEC, SENT },
	{ "host out: link-local", HOST_OUT,
	  .frame = { .src = MAC_UPLINK, .dst = MAC_LINK_LOCAL(2) }, .verdict = TC_ACT_UNSPEC,
	  SENT },
	{ "host in: redirect", HOST_IN, .frame = { FT(G1, UPLINK) }, .verdict = TC_ACT_REDIRECT },
	{ "host in: redirect in generic mode", HOST_IN, .with = LAB_GENERIC,
	  .frame = { FT(G1, UPLINK) }, .marks_source = 1, .verdict = TC_ACT_REDIRECT },
	{ "host in: no uplink", HOST_IN, .with = LAB_NO_UPLINK, .frame = { FT(G1, UPLINK) },
	  .verdict = TC_ACT_SHOT, .counts = { LOST(0, no_target, 1) } },
	{ "host out: no leg, hit", HOST_OUT, .with = LAB_NO_UPLINK, .frame = { FT(UPLINK, G1) },
	  .verdict = TC_ACT_UNSPEC },
	{ "host out: no leg, broadcast", HOST_OUT, .with = LAB_NO_UPLINK,
	  .frame = { FT(UPLINK, BROADCAST) }, .verdict = TC_ACT_UNSPEC },
	{ "wire in: no leg, broadcast", WIRE_IN, .with = LAB_NO_UPLINK,
	  .frame = { FT(PEER, BROADCAST) }, .verdict = TC_ACT_UNSPEC },
	{ "wire in: unicast", WIRE_IN, .frame = { FT(PEER, UPLINK) }, .mark_in = MARK_FOREIGN,
	  .verdict = TC_ACT_UNSPEC },
	{ "wire in: broadcast", WIRE_IN, .frame = { FT(PEER, BROADCAST) }, .mark_in = MARK_FOREIGN,
	  .verdict = TC_ACT_UNSPEC, .clone = CLONE(WIRE | XVSW_SOURCE_HOST_HAS) },
	{ "wire in: broadcast on a VLAN of nobody", WIRE_IN,
	  .frame = { FT(PEER, BROADCAST), .tags = { Q(LAB_VID_NOBODY) } },
	  .verdict = TC_ACT_UNSPEC },
	{ "wire in: 802.1ad broadcast", WIRE_IN,
	  .frame = { FT(PEER, BROADCAST), .tags = { AD(0) } }, .verdict = TC_ACT_UNSPEC },
	{ "wire in: link-local", WIRE_IN, .frame = { .src = MAC_PEER, .dst = MAC_LINK_LOCAL(0x0e) },
	  .verdict = TC_ACT_UNSPEC },
};

/* Verdict; @mark in and out. The frame must come back as it went in, but for @src0: its byte 6. */
static int run_skb(int fd, unsigned int ifindex, const struct frame_spec *frame, uint32_t gso_segs,
		   uint8_t src0, uint32_t *mark)
{
	uint8_t in[FRAME_MAX], back[FRAME_MAX];
	uint32_t len = frame_build(frame, in);
	struct __sk_buff ctx = { .ifindex = ifindex, .mark = *mark, .gso_segs = gso_segs };
	struct __sk_buff got = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = len, .data_out = back,
		    .data_size_out = sizeof(back), .ctx_in = &ctx, .ctx_size_in = sizeof(ctx),
		    .ctx_out = &got, .ctx_size_out = sizeof(got));

	assert_int_equal(bpf_prog_test_run_opts(fd, &opts), 0);
	assert_int_equal(opts.data_size_out, len);
	in[6] = src0;
	assert_memory_equal(back, in, len);
	*mark = got.mark;
	return (int)opts.retval;
}

/* What came out of the leg's switch end, against one copy behind an 802.1ad tag, or none. */
static void check_leg(struct lab *lab, int fd, const struct frame_spec *frame, int clone)
{
	struct frame_spec f;
	uint8_t want[FRAME_MAX];
	uint32_t len;

	assert_int_equal(net_collect(fd, lab->peer[P_HOST], lab->seen), 0);
	assert_int_equal(lab->seen->n, clone ? 1 : 0);
	if (!clone)
		return;
	f = frame_tagged(frame, TPID_AD, clone - 1);
	len = frame_build(&f, want);
	assert_int_equal(lab->seen->f[0].len, len);
	assert_memory_equal(lab->seen->f[0].data, want, len);
}

static void run_tc_case(struct lab *lab, int leg, const struct tc_case *c)
{
	const int fds[] = { lab->prog_host_out, lab->prog_host_in, lab->prog_wire_in };
	const unsigned int ifindex = c->prog == HOST_IN ? lab->peer[P_HOST] : lab->own[P_WIRE];
	uint32_t mark = c->mark_in;

	print_message("# %s\n", c->name);
	lab_set(lab, c->with);
	assert_int_equal(run_skb(fds[c->prog], ifindex, &c->frame, c->gso_segs,
				 c->frame.src[0] | !!c->marks_source, &mark),
			 c->verdict);
	if (c->prog != HOST_IN)
		assert_int_equal(mark, c->mark_in);
	lab_check_counters(lab, c->counts, c->name);
	check_leg(lab, leg, &c->frame, c->clone);
}

static void test_rows(void **state)
{
	struct lab *lab = *state;
	int leg = net_listen(lab->own[P_HOST]);
	size_t i;

	assert_true(leg >= 0);
	for (i = 0; i < ROWS(cases); i++)
		run_tc_case(lab, leg, &cases[i]);
	close(leg);
}

/* What host_in marks, wire_in passes, without a copy and without the mark. */
static void test_mark(void **state)
{
	const struct frame_spec f = { FT(G1, BROADCAST) };
	struct lab *lab = *state;
	int leg = net_listen(lab->own[P_HOST]);
	uint32_t mark = 0;

	assert_true(leg >= 0);
	lab_set(lab, 0);
	run_skb(lab->prog_host_in, lab->peer[P_HOST], &f, 0, f.src[0], &mark);
	assert_int_not_equal(mark, 0);
	assert_int_not_equal(mark, MARK_FOREIGN);
	assert_int_equal(run_skb(lab->prog_wire_in, lab->own[P_WIRE], &f, 0, f.src[0], &mark),
			 TC_ACT_UNSPEC);
	assert_int_equal(mark, 0);
	check_leg(lab, leg, &f, 0);
	close(leg);
}

static void attach_tc(unsigned int ifindex, enum bpf_tc_attach_point point, int fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = fd, .flags = BPF_TC_F_REPLACE, .handle = 1,
		    .priority = 1);
	int r = bpf_tc_hook_create(&hook);

	assert_true(!r || r == -EEXIST);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
}

static void send_frame(unsigned int ifindex, const struct frame_spec *f)
{
	uint8_t data[FRAME_MAX];

	assert_int_equal(net_send(ifindex, data, frame_build(f, data)), 0);
}

/* Live: what the host sends to a guest leaves by the leg with its tag, not by the wire. */
static void test_live_out(void **state)
{
	const struct frame_spec hit = { FT(UPLINK, G1) }, miss = { FT(UPLINK, PEER) },
				all = { FT(UPLINK, BROADCAST) };
	struct lab *lab = *state;
	int leg = net_listen(lab->own[P_HOST]);

	assert_true(leg >= 0);
	lab_set(lab, 0);
	attach_tc(lab->own[P_WIRE], BPF_TC_EGRESS, lab->prog_host_out);
	send_frame(lab->own[P_WIRE], &hit);
	check_leg(lab, leg, &hit, CLONE(0));
	run_expect(lab, P_WIRE, 0, NULL, NULL);
	send_frame(lab->own[P_WIRE], &miss);
	check_leg(lab, leg, &miss, 0);
	run_expect(lab, P_WIRE, 1, &miss, NULL);
	send_frame(lab->own[P_WIRE], &all);
	check_leg(lab, leg, &all, CLONE(0));
	run_expect(lab, P_WIRE, 1, &all, NULL);
	close(leg);
}

/* Live: a frame for the host comes in by the leg and is seen once, on the uplink. */
static void test_live_in(void **state)
{
	const struct frame_spec f = { FT(G1, BROADCAST), .len = 700 };
	struct lab *lab = *state;
	int leg = net_listen(lab->own[P_HOST]), uplink = net_listen(lab->own[P_WIRE]);
	uint8_t want[FRAME_MAX];

	assert_true(leg >= 0 && uplink >= 0);
	lab_set(lab, 0);
	attach_tc(lab->peer[P_HOST], BPF_TC_INGRESS, lab->prog_host_in);
	attach_tc(lab->own[P_WIRE], BPF_TC_INGRESS, lab->prog_wire_in);
	send_frame(lab->own[P_HOST], &f);
	assert_int_equal(net_collect(uplink, lab->peer[P_WIRE], lab->seen), 0);
	assert_int_equal(lab->seen->n, 1);
	assert_int_equal(lab->seen->f[0].len, frame_build(&f, want));
	assert_memory_equal(lab->seen->f[0].data, want, 700);
	check_leg(lab, leg, &f, 0);
	close(leg);
	close(uplink);
}

/* The same in generic mode: the uplink's program sees it again, unmarks it and counts nothing. */
static void test_live_in_generic(void **state)
{
	static const struct frame_spec frames[] = { { FT(G1, UPLINK), .len = 700 },
						    { FT(G1, BROADCAST), .len = 700 } };
	const struct lab_count none[] = { { 0 } };
	struct lab *lab = *state;
	int leg = net_listen(lab->own[P_HOST]), uplink = net_listen(lab->own[P_WIRE]);
	uint8_t want[FRAME_MAX];
	size_t i;

	assert_true(leg >= 0 && uplink >= 0);
	lab_set(lab, LAB_GENERIC);
	attach_tc(lab->peer[P_HOST], BPF_TC_INGRESS, lab->prog_host_in);
	attach_tc(lab->own[P_WIRE], BPF_TC_INGRESS, lab->prog_wire_in);
	lab_attach_generic(lab->own[P_WIRE], lab->prog_uplink);
	for (i = 0; i < ROWS(frames); i++) {
		send_frame(lab->own[P_HOST], &frames[i]);
		lab_check_counters(lab, none, "generic");
		check_leg(lab, leg, &frames[i], 0);
	}
	bpf_xdp_detach(lab->own[P_WIRE], XDP_FLAGS_SKB_MODE, NULL);
	assert_int_equal(net_collect(uplink, lab->peer[P_WIRE], lab->seen), 0);
	assert_int_equal(lab->seen->n, ROWS(frames));
	for (i = 0; i < ROWS(frames); i++) {
		assert_int_equal(lab->seen->f[i].len, frame_build(&frames[i], want));
		assert_memory_equal(lab->seen->f[i].data, want, 700);
	}
	close(leg);
	close(uplink);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_rows),
	cmocka_unit_test(test_mark),
	cmocka_unit_test(test_live_out),
	cmocka_unit_test(test_live_in),
	cmocka_unit_test(test_live_in_generic),
};

int main(void)
{
	return run_main("host", NULL, 0, tests, ROWS(tests));
}
