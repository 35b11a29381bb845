/* SPDX-License-Identifier: BSD-2-Clause */
/* The broker's socket: attach, take the descriptors over, follow the MACs, notice the end. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest/internal.h"

#define ATTACH_TIMEOUT_S 10
#define GLANCE_EVERY 64

static int broker_connect(const char *path, int *out)
{
	struct timeval timeout = { .tv_sec = ATTACH_TIMEOUT_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd, r;

	if (len == 0 || len >= sizeof(addr.sun_path))
		return guest_error_set(-ENAMETOOLONG, "the broker's path must have 1 to %zu bytes",
				       sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return guest_error_set(-errno, "no Unix socket: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		r = errno == EAGAIN ? -ETIMEDOUT : -errno;
		close(fd);
		return guest_error_set(r, "%s: %s", path, strerror(-r));
	}
	*out = fd;
	return 0;
}

static int broker_send_attach(int fd, const struct xvsw_guest_opts *opts)
{
	struct broker_msg msg = { .type = BROKER_ATTACH };
	uint8_t buf[BROKER_MSG_MAX];
	int len;

	if (opts) {
		msg.attach.frames = opts->frames;
		msg.attach.frame_size = opts->frame_size;
		msg.attach.rx_size = opts->rx_size;
		msg.attach.tx_size = opts->tx_size;
	}
	len = broker_encode(&msg, buf, sizeof(buf));
	if (len < 0)
		return len;
	if (send(fd, buf, (size_t)len, MSG_NOSIGNAL) != len)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

static void close_all(const int *fds, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		close(fds[i]);
}

/* Every descriptor that came is in @fds, even when there are more messages of it than expected. */
static unsigned int take_fds(struct msghdr *mh, int *fds, unsigned int max)
{
	unsigned int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < max)
				fds[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

/* 0 with *n_fds descriptors; -ECONNRESET: the other side closed; -EAGAIN; -EPROTO... */
static int broker_recv(int fd, int flags, struct broker_msg *msg, int *fds, unsigned int max,
		       unsigned int *n_fds)
{
	union {
		char buf[CMSG_SPACE((BROKER_QUEUES_MAX + 1) * sizeof(int))];
		struct cmsghdr align;
	} control;
	uint8_t buf[BROKER_MSG_MAX];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buf,
			     .msg_controllen = sizeof(control.buf) };
	unsigned int n;
	ssize_t len;
	int r;

	do {
		len = recvmsg(fd, &mh, flags | MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR && !(flags & MSG_DONTWAIT));
	if (len < 0)
		return -errno;
	n = take_fds(&mh, fds, max);
	if (len == 0)
		r = -ECONNRESET;
	else if (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		r = -EPROTO;
	else
		r = broker_decode(buf, (size_t)len, msg);
	if (r) {
		close_all(fds, n);
		return r;
	}
	*n_fds = n;
	return 0;
}

/* What the broker's first answer means; on failure no descriptor stays open. */
static int broker_answer(const struct broker_msg *msg, int *fds, unsigned int n_fds)
{
	if (msg->type == BROKER_ATTACHED && n_fds == msg->attached.n_queues + 1)
		return 0;
	close_all(fds, n_fds);
	if (msg->type == BROKER_REFUSED)
		return guest_error_set(msg->refused.code, "%s", msg->refused.text);
	return guest_error_set(-EPROTO, "the broker's answer does not fit the protocol");
}

int guest_broker_attach(const char *path, const struct xvsw_guest_opts *opts, int *broker_fd,
			struct broker_msg *attached, int fds[BROKER_QUEUES_MAX + 1])
{
	unsigned int n_fds;
	int fd = -1, r, sent;

	r = broker_connect(path, &fd);
	if (r)
		return r;
	/* A broker that refuses may have closed before our message: its answer comes first. */
	sent = broker_send_attach(fd, opts);
	r = broker_recv(fd, 0, attached, fds, BROKER_QUEUES_MAX + 1, &n_fds);
	if (r == 0)
		r = broker_answer(attached, fds, n_fds);
	else if (r == -EAGAIN)
		r = guest_error_set(-ETIMEDOUT, "%s: the broker does not answer", path);
	else if (r == -ECONNRESET)
		r = guest_error_set(sent ? sent : -ECONNREFUSED, "%s: the broker hung up", path);
	else if (r == -EPROTONOSUPPORT)
		guest_error_set(r, "%s: the daemon speaks another protocol version", path);
	else
		guest_error_set(r, "%s: %s", path, strerror(-r));
	if (r) {
		close(fd);
		return r;
	}
	*broker_fd = fd;
	return 0;
}

void guest_macs_copy(struct xvsw_guest_info *info, const struct broker_macs *macs)
{
	_Static_assert(sizeof(info->mac) == sizeof(macs->mac), "as many MACs in both");

	info->n_macs = macs->n;
	memcpy(info->mac, macs->mac, sizeof(info->mac));
}

int guest_broker_update(struct xvsw_guest *g)
{
	int fds[BROKER_QUEUES_MAX + 1];
	struct broker_msg msg;
	unsigned int n_fds;

	g->idle_calls = 0;
	while (!g->gone) {
		int r = broker_recv(g->broker_fd, MSG_DONTWAIT, &msg, fds, BROKER_QUEUES_MAX + 1,
				    &n_fds);

		if (r == -EAGAIN || r == -EINTR)
			return 0;
		if (r == 0) {
			close_all(fds, n_fds);
			if (msg.type == BROKER_MACS)
				guest_macs_copy(&g->info, &msg.macs);
			continue;
		}
		/* A malformed message is skipped, the next one may be good again. */
		if (r != -EPROTO && r != -EPROTONOSUPPORT)
			g->gone = true;
	}
	return -ENODEV;
}

int guest_broker_glance(struct xvsw_guest *g)
{
	if (g->gone)
		return -ENODEV;
	if (++g->idle_calls < GLANCE_EVERY)
		return 0;
	return guest_broker_update(g);
}
