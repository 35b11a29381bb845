/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NETLINK_USERSOCK with the sender's kernel-attested identity on each datagram. libmnl's own socket
 * calls send to the kernel only and drop credentials. Private to user/proto.
 */
#ifndef XVSW_PROTO_SOCK_H
#define XVSW_PROTO_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proto_sock_from {
	uint32_t port; /* of the sender */
	uid_t uid;     /* of the sender at the time; (uid_t)-1: not told */
};

/* A socket with SO_PASSCRED, bound to @port (0: the kernel chooses). Returns the fd or -errno. */
int proto_sock_open(uint32_t port);
/* Unicast from anybody but @port is refused by the kernel from then on. */
int proto_sock_connect(int fd, uint32_t port);
/*
 * Receive one datagram. Returns its whole length, which is above @size when it was cut, or -errno:
 * EAGAIN nothing there (or time-out), ENOBUFS records of a group were lost.
 */
ssize_t proto_sock_recv(int fd, void *buf, size_t size, int flags, struct proto_sock_from *from);
/* Send to @port, or to multicast @group when not 0. 0 or -errno. */
int proto_sock_send(int fd, uint32_t port, uint32_t group, const void *buf, size_t len, int flags);

#endif
