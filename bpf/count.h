/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: per CPU, plain additions. All programs that count run with softirqs off, so they do not
 * interrupt one another on a CPU.
 */
#ifndef XVSW_BPF_COUNT_H
#define XVSW_BPF_COUNT_H

#include "maps/maps.h"

static __always_inline struct xvsw_counters *counters_of(__u32 vport)
{
	return bpf_map_lookup_elem(&counters, &vport);
}

static __always_inline void count_rx(__u32 vport, __u32 packets, __u32 bytes)
{
	struct xvsw_counters *c = counters_of(vport);

	if (c) {
		c->rx_packets += packets;
		c->rx_bytes += bytes;
	}
}

static __always_inline void count_tx(__u32 vport, __u32 packets, __u32 bytes)
{
	struct xvsw_counters *c = counters_of(vport);

	if (c) {
		c->tx_packets += packets;
		c->tx_bytes += bytes;
	}
}

/* Count a drop and return the verdict for it. */
static __always_inline int drop(__u32 vport, enum xvsw_reason reason)
{
	struct xvsw_counters *c = counters_of(vport);

	if (c)
		c->reasons[reason]++;
	return XDP_DROP;
}

/* Dropped after a redirect counted it in rx_packets. */
static __always_inline int lost(__u32 vport, enum xvsw_reason reason)
{
	struct xvsw_counters *c = counters_of(vport);

	if (c) {
		c->rx_lost++;
		c->reasons[reason]++;
	}
	return XDP_DROP;
}

#endif
