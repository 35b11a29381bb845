// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_xdp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xsk.h"

#define UMEM_SIZE (XSK_FRAME_SIZE * XSK_FRAMES)

static int make_rings(struct xsk *x)
{
	struct xdp_umem_reg reg = { .addr = (uintptr_t)x->umem,
				    .len = UMEM_SIZE,
				    .chunk_size = XSK_FRAME_SIZE };
	int n = XSK_FRAMES;

	if (setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ||
	    setsockopt(x->fd, SOL_XDP, XDP_UMEM_FILL_RING, &n, sizeof(n)) ||
	    setsockopt(x->fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &n, sizeof(n)) ||
	    setsockopt(x->fd, SOL_XDP, XDP_RX_RING, &n, sizeof(n)))
		return -errno;
	return 0;
}

static int map_rings(struct xsk *x, uint32_t room)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	uint32_t i, *producer;
	uint64_t *addr;

	if (getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		return -errno;
	x->fill_size = off.fr.desc + XSK_FRAMES * sizeof(*addr);
	x->rx_size = off.rx.desc + XSK_FRAMES * sizeof(struct xdp_desc);
	x->fill = mmap(NULL, x->fill_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, x->fd,
		       XDP_UMEM_PGOFF_FILL_RING);
	x->rx = mmap(NULL, x->rx_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, x->fd,
		     XDP_PGOFF_RX_RING);
	if (x->fill == MAP_FAILED || x->rx == MAP_FAILED)
		return -errno;
	addr = (uint64_t *)((uint8_t *)x->fill + off.fr.desc);
	producer = (uint32_t *)((uint8_t *)x->fill + off.fr.producer);
	for (i = 0; i < room; i++)
		addr[i] = (uint64_t)i * XSK_FRAME_SIZE;
	__atomic_store_n(producer, room, __ATOMIC_RELEASE);
	x->rx_producer = (uint32_t *)((uint8_t *)x->rx + off.rx.producer);
	x->rx_consumer = (uint32_t *)((uint8_t *)x->rx + off.rx.consumer);
	x->rx_descs = (const struct xdp_desc *)((uint8_t *)x->rx + off.rx.desc);
	return 0;
}

/* The kernel lets go of a closed socket's queue after a grace period. */
static int bind_patiently(int fd, const struct sockaddr_xdp *addr)
{
	int tries;

	for (tries = 0; tries < 2000; tries++) {
		if (!bind(fd, (const struct sockaddr *)addr, sizeof(*addr)))
			return 0;
		if (errno != EBUSY)
			return -errno;
		poll(NULL, 0, 1);
	}
	return -EBUSY;
}

int xsk_open(struct xsk *x, uint32_t ifindex, uint32_t queue, uint32_t room)
{
	const struct sockaddr_xdp addr = { .sxdp_family = AF_XDP,
					   .sxdp_flags = XDP_COPY,
					   .sxdp_ifindex = ifindex,
					   .sxdp_queue_id = queue };
	int r;

	*x = (struct xsk){ .umem = MAP_FAILED, .rx = MAP_FAILED, .fill = MAP_FAILED };
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (x->fd < 0)
		return -errno;
	x->umem = mmap(NULL, UMEM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	r = x->umem == MAP_FAILED ? -ENOMEM : make_rings(x);
	r = r ? r : map_rings(x, room);
	r = r ? r : bind_patiently(x->fd, &addr);
	if (r)
		xsk_close(x);
	return r;
}

void xsk_close(struct xsk *x)
{
	if (x->fd < 0)
		return;
	if (x->rx != MAP_FAILED)
		munmap(x->rx, x->rx_size);
	if (x->fill != MAP_FAILED)
		munmap(x->fill, x->fill_size);
	close(x->fd);
	if (x->umem != MAP_FAILED)
		munmap(x->umem, UMEM_SIZE);
	x->fd = -1;
}

const uint8_t *xsk_next(struct xsk *x, uint32_t *len)
{
	uint32_t at = *x->rx_consumer;
	const struct xdp_desc *d;

	if (__atomic_load_n(x->rx_producer, __ATOMIC_ACQUIRE) == at)
		return NULL;
	d = &x->rx_descs[at % XSK_FRAMES];
	*len = d->len;
	__atomic_store_n(x->rx_consumer, at + 1, __ATOMIC_RELEASE);
	return x->umem + d->addr;
}
