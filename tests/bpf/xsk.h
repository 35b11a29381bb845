/* SPDX-License-Identifier: GPL-2.0-only */
/* An AF_XDP socket in copy mode with a UMEM of its own; receives only. */
#ifndef XVSW_TESTS_BPF_XSK_H
#define XVSW_TESTS_BPF_XSK_H

#include <stddef.h>
#include <stdint.h>

#define XSK_FRAME_SIZE 2048
#define XSK_FRAMES 64

struct xsk {
	int fd;
	uint8_t *umem;
	void *rx, *fill; /* mappings, of these sizes; they keep the socket bound */
	size_t rx_size, fill_size;
	uint32_t *rx_producer, *rx_consumer;
	const struct xdp_desc *rx_descs;
};

/* @room: frames it can take. 0 or -errno. */
int xsk_open(struct xsk *x, uint32_t ifindex, uint32_t queue, uint32_t room);
void xsk_close(struct xsk *x);
/* The next frame, with the 8 bytes that are in front of it at [-8]; NULL: none. */
const uint8_t *xsk_next(struct xsk *x, uint32_t *len);

#endif
