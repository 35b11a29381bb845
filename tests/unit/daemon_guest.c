// SPDX-License-Identifier: GPL-2.0-only
/* The guest's end of daemon_world.h. */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon_world.h"

int dguest_connect(struct dworld *w, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(addr.sun_path, dworld_path(w, name));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		fail_msg("connect to %s: %s", addr.sun_path, strerror(errno));
	return fd;
}

void dguest_send(int fd, const void *buf, size_t len)
{
	assert_int_equal(send(fd, buf, len, MSG_NOSIGNAL), len);
}

void dguest_send_attach(int fd)
{
	struct broker_msg msg = {
		.type = BROKER_ATTACH,
		.attach = { .frames = 64, .frame_size = 4096, .rx_size = 32, .tx_size = 16 },
	};
	char buf[BROKER_MSG_MAX];
	int len = broker_encode(&msg, buf, sizeof(buf));

	assert_true(len > 0);
	dguest_send(fd, buf, (size_t)len);
}

static void take_fds(struct msghdr *mh, struct dguest_msg *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		assert_int_equal(c->cmsg_type, SCM_RIGHTS);
		m->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(m->fds, CMSG_DATA(c), m->n_fds * sizeof(int));
	}
}

void dguest_recv(int fd, struct dguest_msg *m)
{
	union {
		char buf[CMSG_SPACE(DWORLD_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	char buf[BROKER_MSG_MAX + 1];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n = recvmsg(fd, &mh, MSG_CMSG_CLOEXEC);

	memset(m, 0, sizeof(*m));
	if (n < 0) {
		if (errno != EAGAIN)
			fail_msg("receive: %s", strerror(errno));
		m->none = true;
		return;
	}
	assert_int_equal(mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC), 0);
	take_fds(&mh, m);
	m->eof = n == 0;
	if (n)
		assert_int_equal(broker_decode(buf, (size_t)n, &m->msg), 0);
}

void dguest_close_fds(struct dguest_msg *m)
{
	while (m->n_fds)
		close(m->fds[--m->n_fds]);
}

int dguest_attached(struct dworld *w, const char *name)
{
	int fd = dguest_connect(w, name);
	struct dguest_msg m;

	dguest_send_attach(fd);
	dworld_settle(w);
	dguest_recv(fd, &m);
	if (m.none || m.eof || m.msg.type != BROKER_ATTACHED)
		fail_msg("not attached to %s: %s", name,
			 m.none	 ? "no answer"
			 : m.eof ? "closed"
				 : m.msg.refused.text);
	assert_int_equal(m.n_fds, 2);
	dguest_close_fds(&m);
	assert_true(dworld_attached(w, name));
	return fd;
}

void dguest_expect_none(int fd)
{
	struct dguest_msg m;

	dguest_recv(fd, &m);
	assert_true(m.none);
}

void dguest_expect_eof(int fd)
{
	struct dguest_msg m;

	dguest_recv(fd, &m);
	assert_true(m.eof);
	assert_int_equal(m.n_fds, 0);
}

void dguest_expect_refused(int fd, int code, const char *part)
{
	struct dguest_msg m;

	dguest_recv(fd, &m);
	assert_false(m.none || m.eof);
	assert_int_equal(m.msg.type, BROKER_REFUSED);
	assert_int_equal(m.n_fds, 0);
	if (m.msg.refused.code != code || !strstr(m.msg.refused.text, part))
		fail_msg("refused with %d \"%s\", expected %d \"%s\"", m.msg.refused.code,
			 m.msg.refused.text, code, part);
	dguest_expect_eof(fd);
	close(fd);
}

void dguest_expect_macs(int fd, uint32_t total, uint32_t n)
{
	struct dguest_msg m;

	dguest_recv(fd, &m);
	assert_false(m.none || m.eof);
	assert_int_equal(m.msg.type, BROKER_MACS);
	assert_int_equal(m.msg.macs.total, total);
	assert_int_equal(m.msg.macs.n, n);
	assert_int_equal(m.n_fds, 0);
}
