/* SPDX-License-Identifier: BSD-2-Clause */
/* What the VPort is, the descriptor to poll, and the counters. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/internal.h"

int xvsw_guest_info(struct xvsw_guest *g, struct xvsw_guest_info *info)
{
	int r = guest_broker_update(g);

	if (r)
		return r;
	*info = g->info;
	return 0;
}

int xvsw_guest_fd(const struct xvsw_guest *g)
{
	return g->epoll_fd;
}

int xvsw_guest_stats(struct xvsw_guest *g, struct xvsw_guest_stats *stats)
{
	struct xvsw_guest_stats sum = g->stats;

	if (g->gone)
		return -ENODEV;
	for (uint32_t i = 0; i < g->n_queues; i++) {
		struct xdp_statistics s = { 0 };
		socklen_t len = sizeof(s);

		if (getsockopt(g->queue[i].fd, SOL_XDP, XDP_STATISTICS, &s, &len))
			return -errno;
		/* The kernel counts an empty fill ring under rx_dropped, a full RX ring apart. */
		sum.rx_dropped += s.rx_dropped + s.rx_ring_full;
		sum.rx_ring_full += s.rx_ring_full;
		sum.rx_fill_empty += s.rx_fill_ring_empty_descs;
		sum.tx_invalid += s.tx_invalid_descs;
	}
	*stats = sum;
	return 0;
}
