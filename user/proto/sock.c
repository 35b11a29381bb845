// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "proto/sock.h"

int proto_sock_open(uint32_t port)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = port };
	int fd, on = 1, ret;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

int proto_sock_connect(int fd, uint32_t port)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = port };

	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

static uid_t sender_uid(struct msghdr *msg)
{
	struct cmsghdr *c;
	struct ucred cred;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS ||
		    c->cmsg_len < CMSG_LEN(sizeof(cred)))
			continue;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		return cred.uid;
	}
	return (uid_t)-1;
}

ssize_t proto_sock_recv(int fd, void *buf, size_t size, int flags, struct proto_sock_from *from)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct sockaddr_nl addr = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = sizeof(addr),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t len;

	do {
		len = recvmsg(fd, &msg, flags | MSG_TRUNC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	from->port = msg.msg_namelen == sizeof(addr) ? addr.nl_pid : 0;
	from->uid = sender_uid(&msg);
	return len;
}

int proto_sock_send(int fd, uint32_t port, uint32_t group, const void *buf, size_t len, int flags)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_pid = port,
		.nl_groups = group ? 1U << (group - 1) : 0,
	};
	ssize_t n;

	do {
		n = sendto(fd, buf, len, flags, (struct sockaddr *)&addr, sizeof(addr));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
