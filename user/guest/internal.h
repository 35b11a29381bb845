/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside of libxvsw-guest: rings shared with the kernel, and the pool of frames.
 *
 * Every frame of the UMEM is in exactly one place, and the four counters of struct guest_pool say
 * in which: free (on the library's stack), posted (fill rings, or in the kernel's hands until it is
 * received), lent (the caller's: received or allocated), sending (TX ring, until it comes back by
 * the completion ring). Their sum is the number of frames, always; debug builds assert it.
 *
 * Frames wander: one received may be sent, and one sent may be posted for receiving afterwards.
 */
#ifndef XVSW_GUEST_INTERNAL_H
#define XVSW_GUEST_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/if_xdp.h>

#include "guest/xvsw-guest.h"
#include "proto/broker.h"

#define GUEST_FRAMES_MIN 8
#define GUEST_FRAMES_MAX (1u << 20)
#define GUEST_RING_MAX (1u << 16)
#define GUEST_ETH_HLEN 14

/* One ring, mapped. We are the producer of fill and TX, the consumer of RX and completion. */
struct guest_ring {
	_Atomic uint32_t *producer, *consumer;
	_Atomic uint32_t *flags;
	void *desc; /* uint64_t addresses (fill, completion) or struct xdp_desc (RX, TX) */
	uint32_t size, mask;
	uint32_t prod, cons; /* ours, and the other side's as last seen */
	void *map;
	size_t map_len;
};

struct guest_queue {
	int fd; /* bound AF_XDP socket; -1: none */
	bool zerocopy;
	struct guest_ring fill, comp, rx, tx;
	uint32_t posted; /* frames that the kernel holds for receiving */
};

struct guest_pool {
	uint64_t *free; /* addresses, a stack */
	uint32_t frames, n_free, posted, lent, sending;
};

struct xvsw_guest {
	int broker_fd, epoll_fd, memfd;
	bool gone; /* the broker hung up: -ENODEV from now on */
	uint32_t n_queues, next_queue;
	uint32_t fill_target; /* frames that a queue's fill ring is kept at */
	uint32_t idle_calls;  /* since the broker's socket was looked at */
	struct guest_queue queue[BROKER_QUEUES_MAX];
	uint8_t *umem;
	uint32_t frame_size;
	uint64_t umem_size;
	struct guest_pool pool;
	struct xvsw_guest_info info;
	struct xvsw_guest_stats stats;
};

/* liberror.c. The sentence that xvsw_guest_error() returns; returns @code. */
int guest_error_set(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* libbroker.c. Connect and attach; fds[]: n_queues sockets, then the memfd, now the caller's. */
int guest_broker_attach(const char *path, const struct xvsw_guest_opts *opts, int *broker_fd,
			struct broker_msg *attached, int fds[BROKER_QUEUES_MAX + 1]);
/* Take in what the broker sent since; 0, or -ENODEV once it hung up. */
int guest_broker_update(struct xvsw_guest *g);
/* The same, but looks only at every 64th call: for paths that run per burst. */
int guest_broker_glance(struct xvsw_guest *g);
void guest_macs_copy(struct xvsw_guest_info *info, const struct broker_macs *macs);

/* librings.c */
int guest_queue_map(struct guest_queue *q, const struct broker_msg *attached);
void guest_queue_unmap(struct guest_queue *q);

/* libpool.c */
int guest_pool_init(struct xvsw_guest *g, uint32_t frames);
void guest_pool_check(const struct xvsw_guest *g);
/* Take back what the kernel has sent, and keep the fill rings filled. */
void guest_pool_reap(struct xvsw_guest *g);
void guest_pool_refill(struct xvsw_guest *g);

/* libtx.c. Ask the kernel to send what is on the TX rings; 0, or why the device cannot. */
int guest_tx_kick(struct xvsw_guest *g);
bool guest_tx_pending(const struct xvsw_guest *g);

/* librx.c */
bool guest_rx_ready(struct xvsw_guest *g);

static inline uint32_t guest_load_acquire(const _Atomic uint32_t *p)
{
	return atomic_load_explicit((_Atomic uint32_t *)p, memory_order_acquire);
}

static inline void guest_store_release(_Atomic uint32_t *p, uint32_t v)
{
	atomic_store_explicit(p, v, memory_order_release);
}

/* The kernel asks to be woken (XDP_USE_NEED_WAKEUP). */
static inline bool guest_ring_sleeps(const struct guest_ring *r)
{
	return atomic_load_explicit(r->flags, memory_order_relaxed) & XDP_RING_NEED_WAKEUP;
}

/*
 * Entries to consume; the other side's index is read only when fewer than @want are known. An index
 * that is further ahead than the ring is long is nonsense and counts as an empty ring.
 */
static inline uint32_t guest_ring_avail(struct guest_ring *r, uint32_t want)
{
	if (r->prod - r->cons < want)
		r->prod = guest_load_acquire(r->producer);
	if (r->prod - r->cons > r->size)
		r->prod = r->cons;
	return r->prod - r->cons;
}

/* Room to produce, likewise. */
static inline uint32_t guest_ring_room(struct guest_ring *r, uint32_t want)
{
	if (r->size - (r->prod - r->cons) < want)
		r->cons = guest_load_acquire(r->consumer);
	if (r->prod - r->cons > r->size)
		return 0;
	return r->size - (r->prod - r->cons);
}

static inline uint64_t guest_frame_base(const struct xvsw_guest *g, uint64_t addr)
{
	return addr & ~(uint64_t)(g->frame_size - 1);
}

#endif
