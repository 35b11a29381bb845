/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bare AF_XDP socket, copy mode, one queue: the control for libxvsw-guest. On purpose without a
 * library, so that what is compared is only rings and system calls.
 */
#ifndef XVSW_BENCH_XSK_H
#define XVSW_BENCH_XSK_H

#include <linux/if_xdp.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench.h"
#include "guest/xvsw-guest.h"

#define XSK_FRAMES 4096
#define XSK_FRAME_SIZE 2048
#define XSK_RX_SIZE 2048
#define XSK_TX_SIZE 2048
#define XSK_BIND_SECONDS 3

struct xsk_ring {
	uint32_t *producer, *consumer, *flags;
	void *entries;
	uint32_t mask;
	uint32_t head; /* our side's index */
	uint32_t seen; /* the kernel's side when last read */
};

struct xsk {
	int fd;
	uint8_t *umem;
	struct xsk_ring rx, tx, fill, comp;
	uint32_t n_free;
	uint64_t free[XSK_FRAMES]; /* addresses that neither the kernel nor the caller holds */
};

static inline void xsk_check(int rc, const char *what)
{
	if (rc < 0)
		bench_die(1, "AF_XDP %s: %s", what, strerror(errno));
}

static inline void xsk_ring_map(int fd, struct xsk_ring *r, const struct xdp_ring_offset *off,
				uint32_t size, size_t entry, uint64_t pgoff)
{
	char *p = mmap(NULL, off->desc + size * entry, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, pgoff);

	if (p == MAP_FAILED)
		bench_die(1, "AF_XDP ring: %s", strerror(errno));
	r->producer = (uint32_t *)(p + off->producer);
	r->consumer = (uint32_t *)(p + off->consumer);
	r->flags = (uint32_t *)(p + off->flags);
	r->entries = p + off->desc;
	r->mask = size - 1;
}

static inline void xsk_rings(struct xsk *x)
{
	uint32_t rx = XSK_RX_SIZE, tx = XSK_TX_SIZE, frames = XSK_FRAMES;
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);

	xsk_check(setsockopt(x->fd, SOL_XDP, XDP_UMEM_FILL_RING, &frames, 4), "fill ring");
	xsk_check(setsockopt(x->fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &tx, 4), "completion ring");
	xsk_check(setsockopt(x->fd, SOL_XDP, XDP_RX_RING, &rx, 4), "receive ring");
	xsk_check(setsockopt(x->fd, SOL_XDP, XDP_TX_RING, &tx, 4), "transmit ring");
	xsk_check(getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len), "offsets");
	xsk_ring_map(x->fd, &x->rx, &off.rx, rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
	xsk_ring_map(x->fd, &x->tx, &off.tx, tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
	xsk_ring_map(x->fd, &x->fill, &off.fr, frames, 8, XDP_UMEM_PGOFF_FILL_RING);
	xsk_ring_map(x->fd, &x->comp, &off.cr, tx, 8, XDP_UMEM_PGOFF_COMPLETION_RING);
}

/* Give n frames back to the kernel to receive into. The fill ring holds every frame there is. */
static inline void xsk_refill(struct xsk *x, uint32_t n)
{
	uint64_t *entries = x->fill.entries;

	for (uint32_t i = 0; i < n; i++)
		entries[x->fill.head++ & x->fill.mask] = x->free[--x->n_free];
	__atomic_store_n(x->fill.producer, x->fill.head, __ATOMIC_RELEASE);
}

/*
 * Half of the frames are for receiving and half for sending, as a guest would divide them.
 * The XSKMAP entry is the caller's affair.
 */
static inline void xsk_open(struct xsk *x, unsigned int ifindex, uint32_t queue)
{
	struct sockaddr_xdp addr = { .sxdp_family = AF_XDP,
				     .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
				     .sxdp_ifindex = ifindex,
				     .sxdp_queue_id = queue };
	struct xdp_umem_reg reg = { .len = (uint64_t)XSK_FRAMES * XSK_FRAME_SIZE,
				    .chunk_size = XSK_FRAME_SIZE };
	double end = bench_now() + XSK_BIND_SECONDS;

	memset(x, 0, sizeof(*x));
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	xsk_check(x->fd, "socket");
	x->umem = mmap(NULL, reg.len, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (x->umem == MAP_FAILED)
		bench_die(1, "UMEM: %s", strerror(errno));
	reg.addr = (uintptr_t)x->umem;
	xsk_check(setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)), "UMEM");
	xsk_rings(x);
	for (uint32_t i = 0; i < XSK_FRAMES; i++)
		x->free[x->n_free++] = (uint64_t)i * XSK_FRAME_SIZE;
	xsk_refill(x, XSK_FRAMES / 2);
	/* An earlier socket of this queue is released some time after its close(). */
	while (bind(x->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		if (errno != EBUSY || bench_now() > end)
			bench_die(1, "AF_XDP bind: %s", strerror(errno));
		usleep(1000);
	}
}

/* Receive up to n frames; they are lent until xsk_release(). */
static inline uint32_t xsk_recv(struct xsk *x, struct xvsw_frame *frames, uint32_t n)
{
	const struct xdp_desc *desc = x->rx.entries;
	uint32_t got;

	if (x->rx.seen - x->rx.head < n)
		x->rx.seen = __atomic_load_n(x->rx.producer, __ATOMIC_ACQUIRE);
	got = x->rx.seen - x->rx.head;
	if (got > n)
		got = n;
	for (uint32_t i = 0; i < got; i++) {
		const struct xdp_desc *d = &desc[x->rx.head++ & x->rx.mask];

		frames[i].data = x->umem + d->addr;
		frames[i].len = d->len;
		frames[i].handle = d->addr & ~(uint64_t)(XSK_FRAME_SIZE - 1);
	}
	if (got)
		__atomic_store_n(x->rx.consumer, x->rx.head, __ATOMIC_RELEASE);
	return got;
}

static inline void xsk_release(struct xsk *x, const struct xvsw_frame *frames, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		x->free[x->n_free++] = frames[i].handle;
	xsk_refill(x, n);
}

static inline void xsk_complete(struct xsk *x)
{
	const uint64_t *addr = x->comp.entries;

	x->comp.seen = __atomic_load_n(x->comp.producer, __ATOMIC_ACQUIRE);
	while (x->comp.head != x->comp.seen)
		x->free[x->n_free++] = addr[x->comp.head++ & x->comp.mask];
	__atomic_store_n(x->comp.consumer, x->comp.head, __ATOMIC_RELEASE);
}

/* A copy-mode kick sends a few frames only: kick until the transmit ring is empty. */
static inline void xsk_kick(struct xsk *x)
{
	while (__atomic_load_n(x->tx.consumer, __ATOMIC_ACQUIRE) != x->tx.head && !bench_stop) {
		if (sendto(x->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN &&
		    errno != EBUSY && errno != ENOBUFS && errno != EINTR)
			bench_die(1, "AF_XDP send: %s", strerror(errno));
		xsk_complete(x);
	}
}

/* Up to n empty frames; 0 when all are in flight. */
static inline uint32_t xsk_alloc(struct xsk *x, struct xvsw_frame *frames, uint32_t n)
{
	if (x->n_free < n)
		xsk_complete(x);
	if (n > x->n_free)
		n = x->n_free;
	for (uint32_t i = 0; i < n; i++) {
		frames[i].handle = x->free[--x->n_free];
		frames[i].data = x->umem + frames[i].handle;
	}
	return n;
}

/* All n are taken: the transmit ring is empty between calls, and larger than any burst. */
static inline uint32_t xsk_send(struct xsk *x, const struct xvsw_frame *frames, uint32_t n)
{
	struct xdp_desc *desc = x->tx.entries;

	for (uint32_t i = 0; i < n; i++)
		desc[x->tx.head++ & x->tx.mask] =
			(struct xdp_desc){ .addr = frames[i].handle, .len = frames[i].len };
	__atomic_store_n(x->tx.producer, x->tx.head, __ATOMIC_RELEASE);
	xsk_kick(x);
	xsk_complete(x);
	return n;
}

/* Frames lost in front of the socket: fill ring empty, receive ring full. */
static inline uint64_t xsk_dropped(const struct xsk *x)
{
	struct xdp_statistics st = { 0 };
	socklen_t len = sizeof(st);

	if (getsockopt(x->fd, SOL_XDP, XDP_STATISTICS, &st, &len))
		return 0;
	return st.rx_dropped + st.rx_ring_full;
}

#endif
