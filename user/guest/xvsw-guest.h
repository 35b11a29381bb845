/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libxvsw-guest: a process as the guest of an AF_XDP VPort. No capability is needed: xvswd makes
 * and binds the sockets and hands them over the broker's Unix socket, which belongs to the VPort's
 * owner.
 *
 * One struct xvsw_guest is for one thread. Frames live in memory shared with the kernel (UMEM):
 * received frames are lent until xvsw_guest_release(), frames to send come from xvsw_guest_alloc().
 *
 * Functions return 0 or a count, or -errno. -ENODEV: the VPort was deleted (or the daemon's end of
 * the socket is gone); close and open again.
 */
#ifndef XVSW_GUEST_H
#define XVSW_GUEST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xvsw_guest;

#define XVSW_GUEST_WIRE 4095 /* source of frames that came from the wire */
#define XVSW_GUEST_HOST 0    /* source of frames that came from the host */

#define XVSW_GUEST_F_FLOOD 0x1 /* a copy of a broadcast or multicast */

struct xvsw_guest_opts {
	uint32_t size;		   /* sizeof(struct xvsw_guest_opts), for later versions */
	uint32_t frames;	   /* UMEM frames, a power of two; 0: default */
	uint32_t frame_size;	   /* 2048 or 4096; 0: default */
	uint32_t rx_size, tx_size; /* ring entries, powers of two; 0: default */
};

struct xvsw_guest_info {
	char name[32]; /* the VPort's */
	uint32_t vport_id;
	uint32_t mtu; /* payload bytes after the Ethernet header */
	uint32_t n_macs;
	uint8_t mac[64][6]; /* the VPort's receive filters, the first 64 */
};

struct xvsw_frame {
	void *data;	 /* Ethernet header first */
	uint32_t len;	 /* bytes, without FCS */
	uint16_t src;	 /* received: source VPort id, XVSW_GUEST_WIRE, XVSW_GUEST_HOST */
	uint16_t flags;	 /* received: XVSW_GUEST_F_* */
	uint64_t handle; /* the library's */
};

struct xvsw_guest_stats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t rx_dropped; /* by the kernel: fill or receive ring without room */
	uint64_t rx_ring_full, rx_fill_empty, tx_invalid;
};

/*
 * xvsw_guest_open() - attach to the VPort behind a broker socket.
 * @path: e.g. /run/xvsw/default/guest/vm1.sock
 * @opts: NULL for defaults.
 * Errors: -ENOENT, -ECONNREFUSED no such VPort or no daemon; -EACCES not the owner; -EBUSY a guest
 * is attached already; -EPROTONOSUPPORT version.
 */
int xvsw_guest_open(const char *path, const struct xvsw_guest_opts *opts, struct xvsw_guest **g);
/* Detach; NULL is accepted. */
void xvsw_guest_close(struct xvsw_guest *g);

/* The sentence of the last refusal in this thread (e.g. why open failed); "" if none. */
const char *xvsw_guest_error(void);

/* Current description; MACs follow the switch. -ENODEV when the VPort is gone. */
int xvsw_guest_info(struct xvsw_guest *g, struct xvsw_guest_info *info);

/* For poll(): readable when frames wait or the VPort went. */
int xvsw_guest_fd(const struct xvsw_guest *g);
/* Wait up to timeout_ms (-1: for ever). 1: frames, 0: time is up, -EINTR: a signal, or -errno. */
int xvsw_guest_poll(struct xvsw_guest *g, int timeout_ms);

/* Up to n frames now; 0 if none. Release them, or send them with xvsw_guest_send(). */
int xvsw_guest_recv(struct xvsw_guest *g, struct xvsw_frame *frames, uint32_t n);
void xvsw_guest_release(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n);

/* Up to n empty frames to fill; 0 when all are in flight (poll, or send again later). */
int xvsw_guest_alloc(struct xvsw_guest *g, struct xvsw_frame *frames, uint32_t n);
/* Room for a frame to send: bytes that fit at frame.data. */
uint32_t xvsw_guest_room(const struct xvsw_guest *g);
/*
 * Send the first k of n frames and return k (less than n: ring full; the rest is still yours). A
 * frame's ownership goes with it. -EMSGSIZE: the first frame is larger than the UMEM frame;
 * -EINVAL: it is shorter than an Ethernet header, or no frame of this guest's.
 */
int xvsw_guest_send(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n);
/* Kick the kernel until everything sent has left, or timeout_ms is over (-ETIMEDOUT). */
int xvsw_guest_flush(struct xvsw_guest *g, int timeout_ms);

int xvsw_guest_stats(struct xvsw_guest *g, struct xvsw_guest_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
