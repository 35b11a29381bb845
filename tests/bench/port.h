/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's port for the bench, either through libxvsw-guest or on a bare socket, behind one set of
 * calls with equal rings and bursts: senders and readers have one loop for both.
 */
#ifndef XVSW_BENCH_PORT_H
#define XVSW_BENCH_PORT_H

#include "xsk.h"

#define PORT_BURST 64
#define PORT_FLUSH_MS 100

struct port {
	struct xvsw_guest *guest; /* NULL: xsk */
	struct xsk xsk;
};

static inline uint32_t port_check(int rc, const char *what)
{
	if (rc == -EINTR || rc == -ETIMEDOUT)
		return 0;
	if (rc < 0)
		bench_die(1, "guest %s: %s", what, strerror(-rc));
	return rc;
}

static inline void port_open_guest(struct port *p, const char *path)
{
	struct xvsw_guest_opts opts = { .size = sizeof(opts),
					.frames = XSK_FRAMES,
					.frame_size = XSK_FRAME_SIZE,
					.rx_size = XSK_RX_SIZE,
					.tx_size = XSK_TX_SIZE };
	int err = xvsw_guest_open(path, &opts, &p->guest);

	if (err)
		bench_die(1, "%s: %s %s", path, strerror(-err), xvsw_guest_error());
}

static inline void port_open_xsk(struct port *p, const char *dev)
{
	p->guest = NULL;
	xsk_open(&p->xsk, bench_ifindex(dev), 0);
}

static inline void port_close(struct port *p)
{
	if (p->guest)
		xvsw_guest_close(p->guest);
	else
		close(p->xsk.fd);
}

static inline uint32_t port_recv(struct port *p, struct xvsw_frame *frames, uint32_t n)
{
	if (p->guest)
		return port_check(xvsw_guest_recv(p->guest, frames, n), "recv");
	return xsk_recv(&p->xsk, frames, n);
}

static inline void port_release(struct port *p, const struct xvsw_frame *frames, uint32_t n)
{
	if (p->guest)
		xvsw_guest_release(p->guest, frames, n);
	else
		xsk_release(&p->xsk, frames, n);
}

static inline void port_poll(struct port *p, int timeout_ms)
{
	struct pollfd pfd = { .fd = p->guest ? -1 : p->xsk.fd, .events = POLLIN };

	if (p->guest)
		port_check(xvsw_guest_poll(p->guest, timeout_ms), "poll");
	else
		poll(&pfd, 1, timeout_ms);
}

static inline uint32_t port_alloc(struct port *p, struct xvsw_frame *frames, uint32_t n)
{
	if (p->guest)
		return port_check(xvsw_guest_alloc(p->guest, frames, n), "alloc");
	return xsk_alloc(&p->xsk, frames, n);
}

/* The count sent; the rest is still the caller's. */
static inline uint32_t port_send(struct port *p, const struct xvsw_frame *frames, uint32_t n)
{
	if (p->guest)
		return port_check(xvsw_guest_send(p->guest, frames, n), "send");
	return xsk_send(&p->xsk, frames, n);
}

static inline void port_flush(struct port *p)
{
	if (p->guest)
		port_check(xvsw_guest_flush(p->guest, PORT_FLUSH_MS), "flush");
	else
		xsk_kick(&p->xsk);
}

/* Frames lost in front of the socket. */
static inline uint64_t port_dropped(struct port *p)
{
	struct xvsw_guest_stats stats = { 0 };

	if (!p->guest)
		return xsk_dropped(&p->xsk);
	port_check(xvsw_guest_stats(p->guest, &stats), "stats");
	return stats.rx_dropped;
}

#endif
