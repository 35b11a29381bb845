// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/int.h"
#include "datapath/link.h"

enum side { SIDE_RX, SIDE_TX };

static const struct {
	const char *name;
	enum side side;
} reasons[] = {
#define X(name, side, text) { #name, SIDE_##side },
	XVSW_REASONS(X)
#undef X
};

_Static_assert(XVSW_REASON_COUNT <= INFO_REASONS_MAX, "more reasons than info_stats has room for");

/* Sum over the CPUs into @sum. */
static int read_slot(int map, uint32_t slot, struct xvsw_counters *sum)
{
	const int cpus = libbpf_num_possible_cpus();
	struct xvsw_counters *all;
	int cpu, r = 0;
	size_t i;

	if (cpus < 0)
		return cpus;
	all = calloc(cpus, sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map, &slot, all)) {
		r = -errno;
		goto out;
	}
	for (cpu = 0; cpu < cpus; cpu++) {
		const __u64 *from = (const __u64 *)&all[cpu];
		__u64 *to = (__u64 *)sum;

		for (i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
			to[i] += from[i];
	}
out:
	free(all);
	return r;
}

/*
 * rx counts what was redirected; what was lost after it comes off. Its bytes are not known one by
 * one: they come off at the mean size.
 */
static void take_off_lost(struct xvsw_counters *c)
{
	__u64 lost = c->rx_lost < c->rx_packets ? c->rx_lost : c->rx_packets;

	if (!lost)
		return;
	c->rx_bytes -= (__u64)((double)c->rx_bytes / c->rx_packets * lost);
	c->rx_packets -= lost;
}

/* All that is known of the device's drops; the last reading where there is none now. */
static uint64_t drops_read(struct datapath *dp, struct dev_drops *d, uint32_t ifindex)
{
	uint64_t n;

	if (!link_tx_dropped(dp->rt, ifindex, &n) && n >= d->base)
		d->seen = n - d->base;
	return d->before + d->seen;
}

void drops_plug(struct datapath *dp, struct dev_drops *d, uint32_t ifindex)
{
	d->base = 0;
	if (link_tx_dropped(dp->rt, ifindex, &d->base))
		d->base = 0;
	d->seen = 0;
}

void drops_unplug(struct datapath *dp, struct dev_drops *d, uint32_t ifindex)
{
	d->before = drops_read(dp, d, ifindex);
	d->seen = 0;
}

/*
 * Frames that were redirected and that the device then had no room for. Those lost on the way to
 * the wire, or before a flood was cloned, are on the default VPort, but never were its rx packets.
 */
static void add_dropped(struct dp_vport *vp, struct xvsw_counters *c)
{
	struct dp_switch *sw = vp->sw;
	uint64_t own = drops_read(sw->dp, &vp->drops, vp->ifindex), more = 0;

	if (vp->conf.kind == XKIND_HOST)
		more = drops_read(sw->dp, &sw->wire_drops, sw->info.ifindex) +
		       drops_read(sw->dp, &sw->flood_drops, sw->flood.ifindex[0]);
	c->rx_lost += own;
	c->reasons[XVSW_REASON_target_full] += own + more;
}

int stats_read(struct dp_vport *vp, struct info_stats *stats, struct err *err)
{
	struct xvsw_counters c = {}, wire = {};
	struct info_stats s = {};
	size_t i;
	int r = read_slot(vp->sw->progs.counters, vp->conf.id, &c);

	if (!r && vp->conf.kind == XKIND_HOST)
		r = read_slot(vp->sw->progs.counters, XVSW_VPORT_WIRE, &wire);
	if (r)
		return err_set(err, r, 0, "reading the counters failed: %s", strerror(-r));
	add_dropped(vp, &c);
	take_off_lost(&c);
	s.rx_packets = c.rx_packets;
	s.rx_bytes = c.rx_bytes;
	s.tx_packets = c.tx_packets;
	s.tx_bytes = c.tx_bytes;
	s.n_reasons = XVSW_REASON_COUNT;
	for (i = 0; i < XVSW_REASON_COUNT; i++) {
		/* The wire's drops are on the default VPort (DESIGN.md, "counters"). */
		__u64 n = c.reasons[i] + wire.reasons[i];

		snprintf(s.reasons[i].name, sizeof(s.reasons[i].name), "%s", reasons[i].name);
		s.reasons[i].count = n;
		if (reasons[i].side == SIDE_RX)
			s.rx_dropped += n;
		else
			s.tx_dropped += n;
	}
	*stats = s;
	return 0;
}

void stats_clear(struct dp_switch *sw, uint32_t id)
{
	const int cpus = libbpf_num_possible_cpus();
	struct xvsw_counters *none = cpus > 0 ? calloc(cpus, sizeof(*none)) : NULL;

	if (none)
		bpf_map_update_elem(sw->progs.counters, &id, none, BPF_ANY);
	free(none);
}
