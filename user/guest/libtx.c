/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending: allocation, TX ring, kicks. All frames leave by the first queue: they keep their order.
 *
 * In copy mode a kick sends a handful of frames (16 to 32) and then says EAGAIN, so kicks repeat
 * while they get somewhere. What the kernel would not take now stays on the ring; recv, poll, send
 * and flush kick again.
 */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include "guest/internal.h"

#define TX_QUEUE(g) (&(g)->queue[0])
/* Kicks in a row that move nothing before we give up for now. */
#define KICKS_IN_VAIN_MAX 2
#define FLUSH_STEP_NS 50000

bool guest_tx_pending(const struct xvsw_guest *g)
{
	const struct guest_ring *tx = &TX_QUEUE(g)->tx;

	/* Our copy of the consumer is old at worst: then we look again. */
	return tx->prod != tx->cons && tx->prod != guest_load_acquire(tx->consumer);
}

int guest_tx_kick(struct xvsw_guest *g)
{
	struct guest_queue *q = TX_QUEUE(g);
	uint32_t last = guest_load_acquire(q->tx.consumer), now;
	int vain = 0;

	while (last != q->tx.prod && vain < KICKS_IN_VAIN_MAX) {
		/* Zero-copy drivers run by themselves unless they ask; copy mode never does. */
		if (q->zerocopy && !guest_ring_sleeps(&q->tx))
			break;
		if (sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN &&
		    errno != EBUSY && errno != ENOBUFS && errno != EINTR)
			return -errno;
		/* Copy mode wants room on the completion ring before it sends. */
		guest_pool_reap(g);
		now = guest_load_acquire(q->tx.consumer);
		vain = now == last ? vain + 1 : 0;
		last = now;
	}
	q->tx.cons = last;
	return 0;
}

int xvsw_guest_alloc(struct xvsw_guest *g, struct xvsw_frame *frames, uint32_t n)
{
	uint32_t got = 0;
	int r = guest_broker_glance(g);

	if (r)
		return r;
	if (g->pool.n_free < n)
		guest_pool_reap(g);
	while (got < n && g->pool.n_free) {
		uint64_t base = g->pool.free[--g->pool.n_free];

		frames[got++] = (struct xvsw_frame){ .data = g->umem + base, .handle = base };
		g->pool.lent++;
	}
	guest_pool_check(g);
	return (int)got;
}

uint32_t xvsw_guest_room(const struct xvsw_guest *g)
{
	return g->frame_size;
}

/* -EINVAL: not a frame of ours; -EMSGSIZE: leaves its UMEM frame. Else *addr is where it starts. */
static int frame_addr(const struct xvsw_guest *g, const struct xvsw_frame *frame, uint64_t *addr)
{
	uint64_t at = (uint64_t)((uintptr_t)frame->data - (uintptr_t)g->umem);

	if (frame->handle >= g->umem_size || at >= g->umem_size || frame->len < GUEST_ETH_HLEN)
		return -EINVAL;
	if (guest_frame_base(g, at) != guest_frame_base(g, frame->handle))
		return -EINVAL;
	if (frame->len > g->frame_size - (at & (g->frame_size - 1)))
		return -EMSGSIZE;
	*addr = at;
	return 0;
}

int xvsw_guest_send(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n)
{
	struct guest_ring *tx = &TX_QUEUE(g)->tx;
	struct xdp_desc *descs = tx->desc;
	uint32_t room, sent = 0;
	int r = guest_broker_glance(g);

	if (r)
		return r;
	if (n > g->pool.lent)
		n = g->pool.lent;
	room = guest_ring_room(tx, n);
	if (n > room)
		n = room;
	for (; sent < n; sent++) {
		struct xdp_desc *desc = &descs[(tx->prod + sent) & tx->mask];
		uint64_t addr;

		r = frame_addr(g, &frames[sent], &addr);
		if (r)
			break;
		*desc = (struct xdp_desc){ .addr = addr, .len = frames[sent].len };
		g->stats.tx_bytes += frames[sent].len;
	}
	if (sent) {
		tx->prod += sent;
		g->pool.lent -= sent;
		g->pool.sending += sent;
		g->stats.tx_packets += sent;
		guest_store_release(tx->producer, tx->prod);
	}
	guest_tx_kick(g);
	guest_pool_reap(g);
	return sent ? (int)sent : r;
}

int xvsw_guest_flush(struct xvsw_guest *g, int timeout_ms)
{
	const struct timespec step = { .tv_nsec = FLUSH_STEP_NS };
	struct timespec start, now;
	int r;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		r = guest_tx_kick(g);
		if (g->gone || guest_broker_update(g))
			return -ENODEV;
		if (r)
			return r;
		guest_pool_reap(g);
		if (!g->pool.sending)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (timeout_ms >= 0 &&
		    (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >=
			    timeout_ms)
			return -ETIMEDOUT;
		nanosleep(&step, NULL);
	}
}
