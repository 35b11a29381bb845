/* SPDX-License-Identifier: BSD-2-Clause */
/* Open and close: what the broker handed over is checked before a byte of it is mapped. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "guest/internal.h"

static int opts_read(const struct xvsw_guest_opts *opts, struct xvsw_guest_opts *out)
{
	const uint8_t *bytes = (const uint8_t *)opts;

	if (opts->size < sizeof(*opts))
		return guest_error_set(-EINVAL, "size of the options is wrong");
	/* Options of a later version, which we would have to obey and cannot. */
	for (uint32_t i = sizeof(*opts); i < opts->size; i++)
		if (bytes[i])
			return guest_error_set(-E2BIG, "an option of a later version is set");
	*out = *opts;
	return 0;
}

static int sizes_check(const struct broker_msg *msg)
{
	uint32_t frames = msg->attached.frames, size = msg->attached.frame_size;

	if (frames < GUEST_FRAMES_MIN || frames > GUEST_FRAMES_MAX || (frames & (frames - 1)))
		return -EPROTO;
	if (size != 2048 && size != 4096)
		return -EPROTO;
	/* Each queue needs a frame to receive into, and room for all that the daemon posted. */
	if (msg->attached.n_queues > frames / 2)
		return -EPROTO;
	return frames / 2 / msg->attached.n_queues <= msg->attached.fill_size ? 0 : -EPROTO;
}

static int umem_map(struct xvsw_guest *g)
{
	int seals = fcntl(g->memfd, F_GET_SEALS);
	struct stat st;

	if (fstat(g->memfd, &st))
		return -errno;
	/* A file that may still shrink could take the memory away under us. */
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || (uint64_t)st.st_size < g->umem_size)
		return -EPROTO;
	g->umem = mmap(NULL, g->umem_size, PROT_READ | PROT_WRITE, MAP_SHARED, g->memfd, 0);
	if (g->umem == MAP_FAILED) {
		g->umem = NULL;
		return -errno;
	}
	return 0;
}

static int epoll_watch(struct xvsw_guest *g, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(g->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int epoll_init(struct xvsw_guest *g)
{
	int r;

	g->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll_fd < 0)
		return -errno;
	r = epoll_watch(g, g->broker_fd);
	for (uint32_t i = 0; i < g->n_queues && r == 0; i++)
		r = epoll_watch(g, g->queue[i].fd);
	return r;
}

static struct xvsw_guest *guest_new(int broker_fd, const struct broker_msg *msg, const int *fds)
{
	struct xvsw_guest *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->broker_fd = broker_fd;
	g->epoll_fd = -1;
	g->n_queues = msg->attached.n_queues;
	g->memfd = fds[g->n_queues];
	g->frame_size = msg->attached.frame_size;
	g->umem_size = (uint64_t)msg->attached.frames * g->frame_size;
	g->fill_target = msg->attached.frames / 2 / g->n_queues;
	for (uint32_t i = 0; i < g->n_queues; i++) {
		g->queue[i].fd = fds[i];
		g->queue[i].posted = g->fill_target;
	}
	g->info.vport_id = msg->attached.vport_id;
	g->info.mtu = msg->attached.mtu;
	memcpy(g->info.name, msg->attached.name, sizeof(g->info.name));
	guest_macs_copy(&g->info, &msg->attached.macs);
	return g;
}

static int guest_setup(struct xvsw_guest *g, const struct broker_msg *msg)
{
	int r = sizes_check(msg);

	if (r == 0)
		r = umem_map(g);
	for (uint32_t i = 0; i < g->n_queues && r == 0; i++)
		r = guest_queue_map(&g->queue[i], msg);
	if (r == 0)
		r = guest_pool_init(g, msg->attached.frames);
	if (r == 0)
		r = epoll_init(g);
	if (r)
		return guest_error_set(r, "what the broker handed over cannot be used: %s",
				       strerror(-r));
	guest_pool_refill(g);
	return 0;
}

int xvsw_guest_open(const char *path, const struct xvsw_guest_opts *opts, struct xvsw_guest **out)
{
	int fds[BROKER_QUEUES_MAX + 1], broker_fd, r;
	struct xvsw_guest_opts known;
	struct broker_msg msg;
	struct xvsw_guest *g;

	guest_error_set(0, "%s", "");
	r = opts ? opts_read(opts, &known) : 0;
	if (r)
		return r;
	r = guest_broker_attach(path, opts ? &known : NULL, &broker_fd, &msg, fds);
	if (r)
		return r;
	g = guest_new(broker_fd, &msg, fds);
	if (!g) {
		for (uint32_t i = 0; i <= msg.attached.n_queues; i++)
			close(fds[i]);
		close(broker_fd);
		return guest_error_set(-ENOMEM, "no memory");
	}
	r = guest_setup(g, &msg);
	if (r) {
		xvsw_guest_close(g);
		return r;
	}
	*out = g;
	return 0;
}

void xvsw_guest_close(struct xvsw_guest *g)
{
	if (!g)
		return;
	if (g->epoll_fd >= 0)
		close(g->epoll_fd);
	for (uint32_t i = 0; i < g->n_queues; i++) {
		guest_queue_unmap(&g->queue[i]);
		close(g->queue[i].fd);
	}
	if (g->umem)
		munmap(g->umem, g->umem_size);
	close(g->memfd);
	/* Last: once it is closed the daemon may take the sockets for free. */
	close(g->broker_fd);
	free(g->pool.free);
	free(g);
}
