/* SPDX-License-Identifier: BSD-2-Clause */
/* Receiving: RX rings, release, waiting. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "guest/internal.h"
#include "maps/meta.h"

/* While the kernel has not taken all of our frames, waiting goes by steps of this, to kick again.
 */
#define TX_RETRY_MS 1

/* -EPROTO for a descriptor that lies outside the UMEM or across frames. */
static int frame_set(struct xvsw_guest *g, struct xvsw_frame *frame, const struct xdp_desc *desc)
{
	uint64_t base = guest_frame_base(g, desc->addr);
	struct xvsw_meta meta;

	if (desc->addr >= g->umem_size || desc->len > g->frame_size - (desc->addr - base))
		return -EPROTO;
	frame->data = g->umem + desc->addr;
	frame->len = desc->len;
	frame->handle = base;
	frame->src = 0;
	frame->flags = 0;
	if (desc->addr - base < sizeof(meta))
		return 0;
	memcpy(&meta, g->umem + desc->addr - sizeof(meta), sizeof(meta));
	if (meta.magic == XVSW_META_MAGIC && meta.version == XVSW_META_VERSION) {
		frame->src = meta.src;
		frame->flags = meta.flags & XVSW_META_F_FLOOD ? XVSW_GUEST_F_FLOOD : 0;
	}
	return 0;
}

static uint32_t queue_recv(struct xvsw_guest *g, struct guest_queue *q, struct xvsw_frame *frames,
			   uint32_t n)
{
	const struct xdp_desc *descs = q->rx.desc;
	uint32_t avail = guest_ring_avail(&q->rx, n), got = 0;
	uint64_t bytes = 0;

	if (avail > n)
		avail = n;
	if (avail > q->posted)
		avail = q->posted;
	for (uint32_t i = 0; i < avail; i++) {
		if (frame_set(g, &frames[got], &descs[(q->rx.cons + i) & q->rx.mask]))
			continue;
		bytes += frames[got++].len;
	}
	if (avail) {
		q->rx.cons += avail;
		guest_store_release(q->rx.consumer, q->rx.cons);
	}
	q->posted -= got;
	g->pool.posted -= got;
	g->pool.lent += got;
	g->stats.rx_packets += got;
	g->stats.rx_bytes += bytes;
	return got;
}

/* The queues take turns in being first, so that a busy one cannot starve the others. */
int xvsw_guest_recv(struct xvsw_guest *g, struct xvsw_frame *frames, uint32_t n)
{
	uint32_t got = 0;

	if (g->gone)
		return -ENODEV;
	if (n > g->pool.frames)
		n = g->pool.frames;
	for (uint32_t i = 0; i < g->n_queues && got < n; i++) {
		uint32_t k = (g->next_queue + i) % g->n_queues;

		got += queue_recv(g, &g->queue[k], frames + got, n - got);
	}
	if (g->n_queues > 1)
		g->next_queue = (g->next_queue + 1) % g->n_queues;
	if (guest_tx_pending(g))
		guest_tx_kick(g);
	if (g->pool.sending)
		guest_pool_reap(g);
	guest_pool_refill(g);
	if (got)
		return (int)got;
	/* A caller that spins on us alone learns of the end here. */
	return guest_broker_glance(g);
}

void xvsw_guest_release(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n)
{
	for (uint32_t i = 0; i < n && g->pool.lent; i++) {
		if (frames[i].handle >= g->umem_size)
			continue;
		g->pool.free[g->pool.n_free++] = guest_frame_base(g, frames[i].handle);
		g->pool.lent--;
	}
	guest_pool_refill(g);
}

bool guest_rx_ready(struct xvsw_guest *g)
{
	for (uint32_t i = 0; i < g->n_queues; i++)
		if (guest_ring_avail(&g->queue[i].rx, 1))
			return true;
	return false;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Sleep until something happens, at most @left_ms (below 0: for ever). 0 or -errno. */
static int guest_sleep(struct xvsw_guest *g, int left_ms)
{
	struct epoll_event events[BROKER_QUEUES_MAX + 1];
	int n;

	if (guest_tx_pending(g) && (left_ms < 0 || left_ms > TX_RETRY_MS))
		left_ms = TX_RETRY_MS;
	n = epoll_wait(g->epoll_fd, events, BROKER_QUEUES_MAX + 1, left_ms);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++)
		if (events[i].data.fd == g->broker_fd)
			return guest_broker_update(g);
	return 0;
}

int xvsw_guest_poll(struct xvsw_guest *g, int timeout_ms)
{
	int64_t end = timeout_ms > 0 ? now_ms() + timeout_ms : 0;
	int left = timeout_ms, r;

	r = guest_broker_glance(g);
	if (r)
		return r;
	for (;;) {
		if (guest_tx_pending(g))
			guest_tx_kick(g);
		guest_pool_reap(g);
		guest_pool_refill(g);
		if (guest_rx_ready(g))
			return 1;
		if (timeout_ms > 0) {
			int64_t rest = end - now_ms();

			left = rest > 0 ? (int)rest : 0;
		}
		r = guest_sleep(g, left);
		if (r)
			return r;
		if (left == 0)
			return guest_rx_ready(g);
	}
}
