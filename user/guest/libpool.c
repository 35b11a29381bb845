/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of frames: free stack, fill rings, completion rings. See internal.h for its rule. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/internal.h"
#include "maps/meta.h"

int guest_pool_init(struct xvsw_guest *g, uint32_t frames)
{
	struct guest_pool *pool = &g->pool;

	pool->free = calloc(frames, sizeof(*pool->free));
	if (!pool->free)
		return -ENOMEM;
	pool->frames = frames;
	pool->posted = g->n_queues * g->fill_target; /* the lowest ones, by the daemon */
	for (uint32_t i = frames; i > pool->posted; i--)
		pool->free[pool->n_free++] = (uint64_t)(i - 1) * g->frame_size;
	return 0;
}

void guest_pool_check(const struct xvsw_guest *g)
{
	assert(g->pool.n_free + g->pool.posted + g->pool.lent + g->pool.sending == g->pool.frames);
	(void)g;
}

/*
 * An address from the kernel that is not in the UMEM would be written to later: it is left out. The
 * pool's sum holds all the same, since the frame stays counted where it was.
 */
void guest_pool_reap(struct xvsw_guest *g)
{
	struct guest_pool *pool = &g->pool;

	for (uint32_t i = 0; i < g->n_queues && pool->sending; i++) {
		struct guest_ring *comp = &g->queue[i].comp;
		uint32_t n = guest_ring_avail(comp, comp->size);
		const uint64_t *addrs = comp->desc;

		if (!n)
			continue;
		for (uint32_t k = 0; k < n && pool->sending; k++) {
			uint64_t addr = addrs[(comp->cons + k) & comp->mask];

			if (addr >= g->umem_size)
				continue;
			pool->free[pool->n_free++] = guest_frame_base(g, addr);
			pool->sending--;
		}
		comp->cons += n;
		guest_store_release(comp->consumer, comp->cons);
	}
	guest_pool_check(g);
}

static void queue_refill(struct xvsw_guest *g, struct guest_queue *q)
{
	uint32_t want = g->fill_target - q->posted, room;
	struct guest_ring *fill = &q->fill;
	uint64_t *addrs = fill->desc;

	if (want > g->pool.n_free)
		want = g->pool.n_free;
	room = guest_ring_room(fill, want);
	if (want > room)
		want = room;
	for (uint32_t i = 0; i < want; i++) {
		uint64_t base = g->pool.free[--g->pool.n_free];

		addrs[(fill->prod + i) & fill->mask] = base;
	}
	if (want) {
		fill->prod += want;
		q->posted += want;
		g->pool.posted += want;
		guest_store_release(fill->producer, fill->prod);
	}
	if (guest_ring_sleeps(fill))
		recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

void guest_pool_refill(struct xvsw_guest *g)
{
	for (uint32_t i = 0; i < g->n_queues; i++)
		if (g->queue[i].posted < g->fill_target)
			queue_refill(g, &g->queue[i]);
	guest_pool_check(g);
}
