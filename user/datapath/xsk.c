// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of AF_XDP guests. Made, registered and bound here with our rights; the guest gets the
 * descriptors and needs none. A fresh socket for each attach: what a guest did to the last one's
 * rings is of no matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/int.h"
#include "datapath/netns.h"

_Static_assert(4096 - 256 - 16 - 14 - 8 >= XVSW_XSK_MTU_MAX, "a frame must fit one descriptor");

#define FRAMES_DEFAULT 8192
#define FRAMES_MIN 64
#define FRAMES_MAX 65536
#define RING_DEFAULT 2048
#define RING_MIN 16
#define RING_MAX 16384
/*
 * Beside the kernel's 256 bytes, so that metadata and headers share a cache line: the metadata end
 * where the frame begins.
 */
#define HEADROOM 16
/* Memory that one guest may have pinned, bytes. */
#define UMEM_MAX (64u << 20)

uint32_t xsk_frame_mtu(uint32_t frame_size)
{
	return frame_size - 256 - HEADROOM - 14 - 8; /* Ethernet header, two tags */
}

static bool is_pow2(uint32_t v, uint32_t min, uint32_t max)
{
	return v >= min && v <= max && !(v & (v - 1));
}

static int choose_sizes(const struct dp_vport *vp, const struct dp_guest_req *req,
			struct dp_guest *g, struct err *err)
{
	g->frames = req->frames ? req->frames : FRAMES_DEFAULT;
	g->rx_size = req->rx_size ? req->rx_size : RING_DEFAULT;
	g->tx_size = req->tx_size ? req->tx_size : RING_DEFAULT;
	g->frame_size = vp->info.mtu > xsk_frame_mtu(2048) ? 4096 : 2048;
	if (req->frame_size > g->frame_size)
		g->frame_size = req->frame_size;
	if (!is_pow2(g->frames, FRAMES_MIN, FRAMES_MAX))
		return err_set(err, -EINVAL, 0, "frames %u: not a power of two from %u to %u",
			       g->frames, FRAMES_MIN, FRAMES_MAX);
	if (g->frame_size != 2048 && g->frame_size != 4096)
		return err_set(err, -EINVAL, 0, "frame size %u: not 2048 or 4096", g->frame_size);
	if ((uint64_t)g->frames * g->frame_size > UMEM_MAX)
		return err_set(err, -EINVAL, 0, "frames %u of %u bytes: more than %u MiB",
			       g->frames, g->frame_size, UMEM_MAX >> 20);
	if (!is_pow2(g->rx_size, RING_MIN, RING_MAX) || !is_pow2(g->tx_size, RING_MIN, RING_MAX))
		return err_set(err, -EINVAL, 0, "ring size: not a power of two from %u to %u",
			       RING_MIN, RING_MAX);
	/* Half of the frames to receive into, and room to complete all of them. */
	g->fill_size = g->frames;
	g->comp_size = g->frames;
	g->mtu = vp->info.mtu;
	g->n_queues = 1;
	return 0;
}

/* The guest must not shrink it under the kernel, nor grow it past what was granted. */
static int make_umem(struct dp_guest *g)
{
	const size_t size = (size_t)g->frames * g->frame_size;
	int fd = memfd_create("xvsw-umem", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		r = -errno;
		close(fd);
		return r;
	}
	g->umem_fd = fd;
	return 0;
}

static int set_rings(int fd, const struct dp_guest *g)
{
	const struct {
		int name;
		int size;
	} rings[] = {
		{ XDP_UMEM_FILL_RING, g->fill_size },
		{ XDP_UMEM_COMPLETION_RING, g->comp_size },
		{ XDP_RX_RING, g->rx_size },
		{ XDP_TX_RING, g->tx_size },
	};
	size_t i;

	for (i = 0; i < sizeof(rings) / sizeof(rings[0]); i++)
		if (setsockopt(fd, SOL_XDP, rings[i].name, &rings[i].size, sizeof(int)))
			return -errno;
	return 0;
}

static int register_umem(int fd, const struct dp_guest *g)
{
	const size_t size = (size_t)g->frames * g->frame_size;
	struct xdp_umem_reg reg = { .len = size,
				    .chunk_size = g->frame_size,
				    .headroom = HEADROOM };
	void *area =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, g->umem_fd, 0);
	int r;

	if (area == MAP_FAILED)
		return -errno;
	reg.addr = (uintptr_t)area;
	r = setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ? -errno : 0;
	munmap(area, size); /* the kernel holds the pages itself */
	return r;
}

/*
 * Post the lower half of the frames before the first can arrive: none is lost between the attach
 * and the guest's own start. The guest's library knows this rule (proto/broker.h).
 */
static int post_frames(int fd, const struct dp_guest *g)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	uint32_t i, n = g->frames / 2;
	uint64_t *addrs;
	size_t size;
	uint8_t *ring;

	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		return -errno;
	if (len != sizeof(off))
		return -EOPNOTSUPP;
	size = off.fr.desc + (size_t)g->fill_size * sizeof(uint64_t);
	ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, XDP_UMEM_PGOFF_FILL_RING);
	if (ring == MAP_FAILED)
		return -errno;
	addrs = (uint64_t *)(ring + off.fr.desc);
	for (i = 0; i < n; i++)
		addrs[i] = (uint64_t)i * g->frame_size;
	__atomic_store_n((uint32_t *)(ring + off.fr.producer), n, __ATOMIC_RELEASE);
	munmap(ring, size);
	return 0;
}

static int bind_socket(int fd, uint32_t ifindex)
{
	struct sockaddr_xdp addr = { .sxdp_family = AF_XDP,
				     .sxdp_ifindex = ifindex,
				     .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP };

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

/* In the guest's namespace, which the socket belongs to from its making. */
static int make_socket(struct dp_vport *vp, struct dp_guest *g)
{
	int fd, home, r = netns_enter(vp->netns_fd, &home);

	if (r)
		return r;
	fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	r = fd < 0 ? -errno : 0;
	r = r ? r : register_umem(fd, g);
	r = r ? r : set_rings(fd, g);
	r = r ? r : post_frames(fd, g);
	netns_leave(home);
	g->sock_fd[0] = fd;
	return r;
}

static int bind_in_netns(struct dp_vport *vp, int fd)
{
	int home, r = netns_enter(vp->netns_fd, &home);

	if (r)
		return r;
	r = bind_socket(fd, vp->guest_ifindex);
	netns_leave(home);
	return r;
}

static void guest_close(struct dp_guest *g)
{
	if (g->sock_fd[0] >= 0)
		close(g->sock_fd[0]);
	if (g->umem_fd >= 0)
		close(g->umem_fd);
	g->sock_fd[0] = g->umem_fd = -1;
}

void xsk_drop_pending(struct dp_vport *vp)
{
	if (vp->is_pending)
		guest_close(&vp->pending);
	vp->is_pending = false;
}

/*
 * Memory and socket, all but bound. What was made for a try that found the queue taken is used
 * again: making it is what takes time, and a guest may try as often as it likes.
 */
static int prepare(struct dp_vport *vp, const struct dp_guest_req *req, struct err *err)
{
	struct dp_guest g = { .umem_fd = -1, .sock_fd = { -1 } };
	int r;

	if (vp->is_pending && !memcmp(req, &vp->pending_req, sizeof(*req)) &&
	    vp->pending.mtu == vp->info.mtu)
		return 0;
	xsk_drop_pending(vp);
	r = choose_sizes(vp, req, &g, err);
	if (r)
		return r;
	r = make_umem(&g);
	r = r ? r : make_socket(vp, &g);
	if (r) {
		guest_close(&g);
		return err_set(err, r, 0, "cannot make the guest's socket: %s", strerror(-r));
	}
	vp->pending = g;
	vp->pending_req = *req;
	vp->is_pending = true;
	return 0;
}

int xsk_guest_attach(struct dp_vport *vp, const struct dp_guest_req *req, struct dp_guest *out,
		     struct err *err)
{
	__u32 queue = 0;
	int r;

	if (vp->attached)
		return err_set(err, -EBUSY, 0, "a guest is attached already");
	r = prepare(vp, req, err);
	if (r)
		return r;
	r = bind_in_netns(vp, vp->pending.sock_fd[0]);
	if (r == -EBUSY) /* the queue is let go of by a work item after the close */
		return err_set(err, -EAGAIN, 0, "the previous guest's socket is still in use");
	if (!r) {
		vp->sock_fd = fcntl(vp->pending.sock_fd[0], F_DUPFD_CLOEXEC, 3);
		r = vp->sock_fd < 0 ? -errno
				    : map_update(vp->xsks_fd, &queue, &vp->sock_fd, MAP_ANY);
	}
	if (r) {
		if (vp->sock_fd >= 0)
			close(vp->sock_fd);
		vp->sock_fd = -1;
		xsk_drop_pending(vp);
		return err_set(err, r, 0, "cannot bind the guest's socket: %s", strerror(-r));
	}
	*out = vp->pending; /* the caller's now */
	vp->is_pending = false;
	vp->frame_size = out->frame_size;
	vp->attached = true;
	vport_refresh(vp, true);
	return 0;
}

void xsk_guest_detach(struct dp_vport *vp)
{
	__u32 queue = 0;

	if (!vp->attached)
		return;
	/* No more frames into it, then let go. */
	map_delete(vp->xsks_fd, &queue);
	close(vp->sock_fd);
	vp->sock_fd = -1;
	vp->attached = false;
	vport_refresh(vp, true);
}
