// SPDX-License-Identifier: GPL-2.0-only
/* Receiver of events. Anybody may multicast to a group: only uid 0 at the daemon's port id counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "proto/policy.h"
#include "proto/sock.h"

/* A batch of 10,000 filters in one go should pass while the reader prints. */
#define RECEIVE_BUFFER_BYTES (16 << 20)

struct proto_monitor {
	int fd;
	uint32_t port;
	bool overrun; /* records were lost; told when the queue is empty */
	uint64_t buf[PROTO_PAGE_BYTES / sizeof(uint64_t)];
};

static int join_groups(int fd, uint32_t groups, struct err *err)
{
	for (unsigned int group = PROTO_GROUP_SWITCH; group <= PROTO_GROUP_FILTER; group++) {
		int ret;

		if (!(groups & (1U << group)))
			continue;
		if (!setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
			continue;
		ret = -errno;
		if (ret == -EPERM)
			return err_set(err, ret, 0, "monitor needs root (CAP_NET_ADMIN)");
		return err_set(err, ret, 0, "monitor socket: %s", strerror(-ret));
	}
	return 0;
}

int proto_monitor_new(const char *instance, uint32_t groups, struct proto_monitor **mon,
		      struct err *err)
{
	struct proto_monitor *m = calloc(1, sizeof(*m));
	int bytes = RECEIVE_BUFFER_BYTES, ret;

	if (!m)
		return err_set(err, -ENOMEM, 0, "no memory for the monitor socket");
	m->port = proto_port_id(instance);
	ret = m->fd = proto_sock_open(0);
	if (ret >= 0)
		ret = proto_sock_connect(m->fd, m->port);
	if (ret < 0) {
		err_set(err, ret, 0, "monitor socket: %s", strerror(-ret));
		goto out;
	}
	/* A smaller buffer only means an overrun sooner. */
	if (setsockopt(m->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	ret = join_groups(m->fd, groups, err);
	if (ret)
		goto out;
	*mon = m;
	return 0;
out:
	proto_monitor_free(m);
	return ret;
}

void proto_monitor_free(struct proto_monitor *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m);
}

int proto_monitor_fd(const struct proto_monitor *m)
{
	return m->fd;
}

static bool from_daemon(const struct proto_monitor *m, const struct proto_sock_from *from)
{
	return from->uid == 0 && from->port == m->port;
}

static int decode_event(const struct proto_monitor *m, size_t len, struct proto_data *data)
{
	const struct nlmsghdr *nlh = (const void *)m->buf;

	if (len < NLMSG_HDRLEN || len > sizeof(m->buf) || nlh->nlmsg_len != len ||
	    nlh->nlmsg_type < PROTO_EVENT_SWITCH)
		return -EPROTO;
	return proto_decode_data(nlh, data);
}

static int tell_overrun(struct proto_data *data)
{
	memset(data, 0, sizeof(*data));
	data->type = PROTO_EVENT_SWITCH; /* of no object: look at the event first */
	data->event = XEVENT_OVERRUN;
	return 1;
}

/*
 * The kernel reports the loss once, before the records that were queued already, and drops more
 * until the queue has been empty. So the overrun is told when the queue is empty: who asks for
 * everything then has missed nothing. Call until it returns 0 before waiting on the fd.
 */
int proto_monitor_next(struct proto_monitor *m, struct proto_data *data)
{
	struct proto_sock_from from;
	bool told;

	for (;;) {
		ssize_t len = proto_sock_recv(m->fd, m->buf, sizeof(m->buf), MSG_DONTWAIT, &from);

		if (len >= 0 && from_daemon(m, &from)) {
			int ret = decode_event(m, len, data);

			return ret ? ret : 1;
		}
		if (len >= 0)
			continue;
		if (len != -EAGAIN && len != -ENOBUFS)
			return len;
		told = m->overrun;
		m->overrun = len == -ENOBUFS;
		if (told)
			return tell_overrun(data);
		if (len == -EAGAIN)
			return 0;
	}
}
