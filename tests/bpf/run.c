// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

int run_prog_fd(const struct lab *lab, enum run_prog prog)
{
	switch (prog) {
	case RUN_UPLINK:
		return lab->prog_uplink;
	case RUN_PORT:
		return lab->prog_port;
	case RUN_FLOOD:
		return lab->prog_flood;
	case RUN_GUEST:
		return lab->prog_guest;
	}
	return -1;
}

int run_xdp(int prog_fd, uint32_t ifindex, const uint8_t *frame, uint32_t len,
	    const struct xvsw_meta *meta, struct run_result *out)
{
	uint32_t m = meta ? sizeof(*meta) : 0;
	uint8_t in[FRAME_MAX + sizeof(*meta)], back[FRAME_MAX + 256];
	struct xdp_md ctx = { .data = m, .data_end = m + len, .ingress_ifindex = ifindex },
		      got = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = m + len,
		    .data_out = back, .data_size_out = sizeof(back), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .ctx_out = &got, .ctx_size_out = sizeof(got));

	if (meta)
		memcpy(in, meta, m);
	memcpy(in + m, frame, len);
	if (bpf_prog_test_run_opts(prog_fd, &opts))
		return -errno;
	out->verdict = opts.retval;
	out->meta_len = got.data - got.data_meta;
	out->len = opts.data_size_out - out->meta_len;
	if (out->meta_len > sizeof(out->meta) || out->len > sizeof(out->frame))
		return -EMSGSIZE;
	memcpy(out->meta, back, out->meta_len);
	memcpy(out->frame, back + out->meta_len, out->len);
	return 0;
}

int run_live(int prog_fd, uint32_t ifindex, const struct frame_spec *frame, uint32_t n,
	     uint32_t burst)
{
	uint8_t in[FRAME_MAX];
	uint32_t len = frame_build(frame, in);
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = n, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = burst);

	return bpf_prog_test_run_opts(prog_fd, &opts) ? -errno : 0;
}

static const char *verdict_name(int verdict)
{
	static const char *const names[] = { "ABORTED", "DROP", "PASS", "TX", "REDIRECT" };

	return verdict >= 0 && verdict < (int)ROWS(names) ? names[verdict] : "?";
}

static void check_bytes(const char *name, const char *what, const uint8_t *have, size_t have_len,
			const uint8_t *want, size_t want_len)
{
	char a[80], b[80];
	long at = frame_differs(have, have_len, want, want_len);

	if (at < 0)
		return;
	fail_msg("%s: %s differs at byte %ld\n  have %zu bytes: %s\n  want %zu bytes: %s", name,
		 what, at, have_len, frame_text(have, have_len, a, sizeof(a)), want_len,
		 frame_text(want, want_len, b, sizeof(b)));
}

/* The metadata is the 8 bytes right in front of the frame (maps/meta.h), and there is no more. */
static void check_meta(const struct run_case *c, const struct run_result *r)
{
	check_bytes(c->name, "metadata", r->meta, r->meta_len, (const uint8_t *)&c->meta,
		    c->meta.magic ? sizeof(c->meta) : 0);
}

static uint32_t ifindex_of(const struct lab *lab, const struct run_case *c)
{
	if (c->prog == RUN_FLOOD)
		return lab->flood_peer;
	return c->from_stranger || c->prog == RUN_GUEST ? lab->peer[c->in] : lab->own[c->in];
}

void run_case(struct lab *lab, const struct run_case *c)
{
	struct frame_spec out = c->out.len ? c->out : c->frame;
	uint8_t in[FRAME_MAX], want[FRAME_MAX];
	uint32_t len = frame_build(&c->frame, in), want_len;
	struct run_result *r = test_malloc(sizeof(*r));
	int err;

	lab_set(lab, c->with);
	err = run_xdp(run_prog_fd(lab, c->prog), ifindex_of(lab, c), in, len,
		      c->meta_in.magic ? &c->meta_in : NULL, r);
	if (err)
		fail_msg("%s: the kernel refused the test run: %s", c->name, strerror(-err));
	if (r->verdict != c->verdict)
		fail_msg("%s: verdict %s, not %s", c->name, verdict_name(r->verdict),
			 verdict_name(c->verdict));
	lab_check_counters(lab, c->counts, c->name);
	if (c->verdict != XDP_DROP) {
		if (c->flooded)
			out = frame_tagged(&out, TPID_AD, (uint16_t)c->flooded);
		want_len = frame_build(&out, want);
		check_bytes(c->name, "frame", r->frame, r->len, want, want_len);
		check_meta(c, r);
	}
	test_free(r);
}

void run_expect(struct lab *lab, enum lab_port p, uint32_t n, const struct frame_spec *frame,
		const struct xvsw_meta *meta)
{
	uint8_t want[FRAME_MAX + sizeof(*meta)];
	uint32_t m = meta ? sizeof(*meta) : 0, i, len;
	const char *name = lab_port_name(p);
	int r;

	lab_drain(lab);
	r = net_collect(lab->listen[p], lab->own[p], lab->seen);
	if (r)
		fail_msg("%s: no fence frame came out: %s", name, strerror(-r));
	if (lab->seen->n != n)
		fail_msg("%s: %u frames came out, not %u", name, lab->seen->n, n);
	if (!n)
		return;
	if (meta)
		memcpy(want, meta, m);
	len = m + frame_build(frame, want + m);
	for (i = 0; i < n; i++)
		check_bytes(name, "frame", lab->seen->f[i].data, lab->seen->f[i].len, want, len);
}

void run_expect_silence(struct lab *lab)
{
	int p;

	for (p = 0; p < LAB_PORTS; p++)
		run_expect(lab, p, 0, NULL, NULL);
}

struct bound {
	struct lab *lab;
	const struct run_case *c;
};

static void test_row(void **state)
{
	struct bound *b = *state;

	run_case(b->lab, b->c);
	xsk_close(&b->lab->xsk);
}

int run_main(const char *name, const struct run_case *cases, size_t n_cases,
	     const struct CMUnitTest *tests, size_t n_tests)
{
	struct CMUnitTest *all = calloc(n_cases + n_tests, sizeof(*all));
	struct bound *bound = calloc(n_cases + 1, sizeof(*bound));
	struct lab *lab = NULL;
	int r = 1;
	size_t i;

	if (!all || !bound || lab_open(&lab))
		goto out;
	for (i = 0; i < n_cases; i++) {
		bound[i] = (struct bound){ lab, &cases[i] };
		all[i] = (struct CMUnitTest){ cases[i].name, test_row, NULL, NULL, &bound[i] };
	}
	for (i = 0; i < n_tests; i++) {
		all[n_cases + i] = tests[i];
		all[n_cases + i].initial_state = lab;
		all[n_cases + i].teardown_func = lab_restore;
	}
	r = _cmocka_run_group_tests(name, all, n_cases + n_tests, NULL, NULL);
out:
	lab_close(lab);
	free(bound);
	free(all);
	return r;
}
