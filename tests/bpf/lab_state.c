// SPDX-License-Identifier: GPL-2.0-only
/* The lab's changing parts: configuration for one test, and the counters. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frame.h"
#include "lab.h"
#include "run.h"

/* VPorts whose counters a test looks at: all that exist, and the next one. */
static const uint32_t watched[] = { 0, 1, 2, 3, 4, 5, LAB_GONE, 7, XVSW_VPORT_WIRE };
#define WATCHED (sizeof(watched) / sizeof(watched[0]))

static void clear_counters(struct lab *lab)
{
	struct xvsw_counters *zero = calloc(lab->cpus, sizeof(*zero));
	uint32_t i;

	assert_non_null(zero);
	for (i = 0; i < WATCHED; i++)
		assert_int_equal(bpf_map_update_elem(lab->counters, &watched[i], zero, BPF_ANY), 0);
	free(zero);
}

void lab_set_flood(struct lab *lab, int set_fd)
{
	uint32_t vlan = 0;

	if (set_fd == lab->flood_now)
		return;
	assert_int_equal(set_fd < 0 ? bpf_map_delete_elem(lab->flood_map, &vlan)
				    : bpf_map_update_elem(lab->flood_map, &vlan, &set_fd, BPF_ANY),
			 0);
	lab->flood_now = set_fd;
}

void lab_set(struct lab *lab, unsigned int with)
{
	struct xvsw_conf c = {
		.schema = XVSW_SCHEMA,
		.uplink_ifindex = lab->own[P_WIRE],
		.leg_ifindex = lab->own[P_HOST],
		.leg_host_ifindex = lab->peer[P_HOST],
		.uplink_mac = MAC_UPLINK,
		.flags = with & LAB_GENERIC ? XVSW_CONF_F_GENERIC : 0,
		.ports_map_id = lab->ports_map_id + !!(with & LAB_OTHER_PORTS),
		.netns = net_inode(),
	};
	uint32_t zero = 0, pair = XVSW_PORT_FLOOD;

	if (with & LAB_NO_UPLINK)
		memset(&c, 0, sizeof(c));
	assert_int_equal(bpf_map_update_elem(lab->ports, &pair, &lab->flood_own, BPF_ANY), 0);
	if (with & LAB_NO_PAIR)
		assert_int_equal(bpf_map_delete_elem(lab->ports, &pair), 0);
	assert_int_equal(bpf_map_update_elem(lab->conf, &zero, &c, BPF_ANY), 0);
	lab_set_flood(lab, with & LAB_NO_FLOOD ? -1 : lab->flood_set[0]);
	if (with & LAB_SOCKET)
		lab_open_socket(lab, XSK_FRAMES);
	clear_counters(lab);
}

void lab_open_socket(struct lab *lab, uint32_t room)
{
	uint32_t queue = 0;

	xsk_close(&lab->xsk);
	assert_int_equal(xsk_open(&lab->xsk, lab->peer[P_G1], queue, room), 0);
	assert_int_equal(bpf_map_update_elem(lab->xsks, &queue, &lab->xsk.fd, BPF_ANY), 0);
}

/* Also empties the packet sockets, so that one test's frames do not fail the next. */
int lab_restore(void **state)
{
	struct lab *lab = *state;
	char name[16], own[16];
	int p, r = 0;

	xsk_close(&lab->xsk);
	for (p = 0; p < LAB_PORTS && !r; p++) {
		snprintf(name, sizeof(name), "p%d", p);
		snprintf(own, sizeof(own), "v%d", p);
		bpf_xdp_detach(lab->own[p], XDP_FLAGS_DRV_MODE, NULL);
		bpf_xdp_detach(lab->own[p], XDP_FLAGS_SKB_MODE, NULL);
		r = bpf_xdp_attach(lab->peer[p], lab->prog_peek, XDP_FLAGS_DRV_MODE, NULL);
		r = r ? r : net_set_up(name, 1);
		r = r ? r : net_set_up(own, 1);
		r = r ? r : net_wait_running(name);
		r = r ? r : net_wait_running(own);
		r = r ? r : net_collect(lab->listen[p], lab->own[p], lab->seen);
	}
	return r;
}

void lab_counters(struct lab *lab, uint32_t vport, uint64_t sum[LAB_COUNTERS])
{
	uint64_t *v = calloc(lab->cpus, sizeof(struct xvsw_counters));
	size_t i;

	assert_non_null(v);
	assert_int_equal(bpf_map_lookup_elem(lab->counters, &vport, v), 0);
	memset(sum, 0, sizeof(struct xvsw_counters));
	for (i = 0; i < lab->cpus * LAB_COUNTERS; i++)
		sum[i % LAB_COUNTERS] += v[i];
	free(v);
}

static const char *counter_name(size_t what)
{
	static const char *const names[LAB_COUNTERS] = { "rx_packets",	 "rx_bytes", "tx_packets",
							 "tx_bytes",	 "rx_lost",
#define X(name, side, text) #name,
							 XVSW_REASONS(X)
#undef X
	};

	return names[what];
}

void lab_check_counters(struct lab *lab, const struct lab_count *want, const char *name)
{
	uint64_t have[LAB_COUNTERS], expect[LAB_COUNTERS];
	const struct lab_count *w;
	size_t i, k;
	int bad = 0;

	for (i = 0; i < WATCHED; i++) {
		memset(expect, 0, sizeof(expect));
		for (w = want; w->n; w++)
			if (w->vport == watched[i])
				expect[w->what] += w->n;
		lab_counters(lab, watched[i], have);
		for (k = 0; k < LAB_COUNTERS; k++) {
			if (have[k] == expect[k])
				continue;
			print_error("%s: VPort %u %s is %llu, not %llu\n", name, watched[i],
				    counter_name(k), (unsigned long long)have[k],
				    (unsigned long long)expect[k]);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

void lab_attach(unsigned int ifindex, int prog_fd)
{
	assert_int_equal(bpf_xdp_attach(ifindex, prog_fd, XDP_FLAGS_DRV_MODE, NULL), 0);
}

void lab_attach_generic(unsigned int ifindex, int prog_fd)
{
	assert_int_equal(bpf_xdp_attach(ifindex, prog_fd, XDP_FLAGS_SKB_MODE, NULL), 0);
}

static struct frame_spec next_fence(struct lab *lab)
{
	return (struct frame_spec){ .dst = MAC_BROADCAST,
				    .src = MAC_OF(++lab->fence_number),
				    .tags = { { TPID_Q, LAB_VID_FENCE } } };
}

static void wait_fence(struct lab *lab)
{
	const size_t at = sizeof(struct xvsw_meta) + 11; /* last byte of the source address */
	struct net_frame *f = test_malloc(sizeof(*f));
	int r;

	do {
		r = net_receive(lab->fence_listen, f);
	} while (!r && (f->len <= at || f->data[at] != lab->fence_number));
	test_free(f);
	if (r)
		fail_msg("no flood came out at the fence: %s", strerror(-r));
}

void lab_drain(struct lab *lab)
{
	const struct frame_spec fence = next_fence(lab);

	assert_int_equal(run_live(lab->prog_uplink, lab->own[P_WIRE], &fence, 1, 0), 0);
	wait_fence(lab);
}

void lab_drain_wire(struct lab *lab)
{
	const struct frame_spec fence = next_fence(lab);
	uint8_t data[FRAME_MAX];

	assert_int_equal(net_send(lab->peer[P_WIRE], data, frame_build(&fence, data)), 0);
	wait_fence(lab);
}
