/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four rings of an AF_XDP socket. Their layout comes from the kernel (XDP_MMAP_OFFSETS), their
 * sizes from the broker; mmap() fails when the ring is shorter than we were told.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "guest/internal.h"

/* Offsets beyond any ring's length are nonsense, and would overflow the sum below. */
#define OFFSET_MAX (1u << 20)

static bool size_valid(uint32_t size)
{
	return size && size <= GUEST_RING_MAX && !(size & (size - 1));
}

static int ring_map(struct guest_ring *ring, int fd, uint32_t size, size_t entry,
		    const struct xdp_ring_offset *off, uint64_t pgoff)
{
	size_t len;
	uint8_t *map;

	if (!size_valid(size) || off->desc > OFFSET_MAX || off->producer > OFFSET_MAX ||
	    off->consumer > OFFSET_MAX || off->flags > OFFSET_MAX)
		return -EPROTO;
	len = (size_t)off->desc + size * entry;
	if (off->producer + sizeof(uint32_t) > len || off->consumer + sizeof(uint32_t) > len ||
	    off->flags + sizeof(uint32_t) > len)
		return -EPROTO;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)pgoff);
	if (map == MAP_FAILED)
		return -errno;
	ring->map = map;
	ring->map_len = len;
	ring->producer = (_Atomic uint32_t *)(map + off->producer);
	ring->consumer = (_Atomic uint32_t *)(map + off->consumer);
	ring->flags = (_Atomic uint32_t *)(map + off->flags);
	ring->desc = map + off->desc;
	ring->size = size;
	ring->mask = size - 1;
	ring->prod = guest_load_acquire(ring->producer);
	ring->cons = guest_load_acquire(ring->consumer);
	return 0;
}

static void ring_unmap(struct guest_ring *ring)
{
	if (ring->map)
		munmap(ring->map, ring->map_len);
	memset(ring, 0, sizeof(*ring));
}

/*
 * Fresh, but for the frames that the daemon posted and the kernel may have used: on rings that
 * another guest had, the pool could not know where the frames are.
 */
static bool rings_fresh(const struct guest_queue *q)
{
	return q->fill.prod == q->posted && q->rx.cons == 0 && q->tx.prod == 0 && q->comp.prod == 0;
}

int guest_queue_map(struct guest_queue *q, const struct broker_msg *attached)
{
	struct xdp_mmap_offsets off;
	struct xdp_options options;
	socklen_t len = sizeof(off);
	int r;

	/* Kernels before 5.4 answer with a shorter struct; need_wakeup came with the longer one. */
	if (getsockopt(q->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len) || len != sizeof(off))
		return -EPROTO;
	len = sizeof(options);
	if (getsockopt(q->fd, SOL_XDP, XDP_OPTIONS, &options, &len) == 0)
		q->zerocopy = options.flags & XDP_OPTIONS_ZEROCOPY;
	r = ring_map(&q->rx, q->fd, attached->attached.rx_size, sizeof(struct xdp_desc), &off.rx,
		     XDP_PGOFF_RX_RING);
	if (r == 0)
		r = ring_map(&q->tx, q->fd, attached->attached.tx_size, sizeof(struct xdp_desc),
			     &off.tx, XDP_PGOFF_TX_RING);
	if (r == 0)
		r = ring_map(&q->fill, q->fd, attached->attached.fill_size, sizeof(uint64_t),
			     &off.fr, XDP_UMEM_PGOFF_FILL_RING);
	if (r == 0)
		r = ring_map(&q->comp, q->fd, attached->attached.comp_size, sizeof(uint64_t),
			     &off.cr, XDP_UMEM_PGOFF_COMPLETION_RING);
	if (r == 0 && !rings_fresh(q))
		r = -EPROTO;
	if (r)
		guest_queue_unmap(q);
	return r;
}

void guest_queue_unmap(struct guest_queue *q)
{
	ring_unmap(&q->rx);
	ring_unmap(&q->tx);
	ring_unmap(&q->fill);
	ring_unmap(&q->comp);
}
