/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests' own network: a namespace that dies with the process, veth pairs, packet sockets. The
 * process stays on one CPU, so that frames queued first arrive first: a fence frame behind them
 * tells when all have come, without waiting for a time.
 */
#ifndef XVSW_TESTS_BPF_NET_H
#define XVSW_TESTS_BPF_NET_H

#include <stddef.h>
#include <stdint.h>

#define NET_FRAMES_MAX 2048
#define NET_FRAME_SIZE 2048

struct net_frame {
	uint32_t len;
	uint8_t data[NET_FRAME_SIZE];
};

struct net_frames {
	unsigned int n;
	struct net_frame f[NET_FRAMES_MAX];
};

/* All return 0 (or a descriptor) or -errno. */
int net_enter(void);
/* A pair that is up, without addresses; @mac is @name's, may be NULL. */
int net_veth(const char *name, const char *peer, unsigned int mtu, const uint8_t *mac);
int net_set_up(const char *name, int up);
/* Waits until the carrier has come and the device sends again. -ETIMEDOUT after some seconds. */
int net_wait_running(const char *name);
int net_listen(unsigned int ifindex);
int net_send(unsigned int ifindex, const uint8_t *data, size_t len);
/* A fence sent out of @from_ifindex; all that @fd received before it. */
int net_collect(int fd, unsigned int from_ifindex, struct net_frames *out);
/* The next frame, with its tags in it. -ETIMEDOUT after some seconds. */
int net_receive(int fd, struct net_frame *f);
/* A device's own counters, by their column in /proc/net/dev. */
enum net_counter { NET_RX_PACKETS = 1, NET_TX_DROPPED = 11 };
int net_counter(const char *name, enum net_counter what, uint64_t *n);
/* Waits until the device's poll has taken @n frames since it was made. -ETIMEDOUT after seconds. */
int net_wait_received(const char *name, uint64_t n);
/* The inode number of this process's network namespace. */
uint32_t net_inode(void);

#endif
