// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/broker_conn.h"
#include "switch/model.h"

#define MS 1000ULL
/* A few messages; the kernel doubles it. What a guest that never reads can make the host hold. */
#define CONN_SNDBUF 16384
/* Messages taken from a connection that is refused, so that its end reads the refusal first. */
#define CONN_DRAIN 4

/* ---- end of a connection ---- */

static void drain(int fd)
{
	char buf[BROKER_MSG_MAX];

	/* A socket closed with unread data gives its peer ECONNRESET in place of our sentence. */
	for (int i = 0; i < CONN_DRAIN; i++)
		if (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) <= 0)
			return;
}

static void send_refused(int fd, int code, const char *text)
{
	struct broker_msg msg = { .type = BROKER_REFUSED, .version = BROKER_VERSION };
	char buf[BROKER_MSG_MAX];
	int len;

	msg.refused.code = code;
	snprintf(msg.refused.text, sizeof(msg.refused.text), "%s", text);
	len = broker_encode(&msg, buf, sizeof(buf));
	drain(fd);
	/* Best effort: the close that follows says the same in fewer words. */
	if (len < 0 || send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("a refusal could not be sent");
}

void conn_close(struct broker_conn *c, bool detach)
{
	struct broker_vport *vp = c->vport;

	c->timer = sd_event_source_disable_unref(c->timer);
	c->io = sd_event_source_disable_unref(c->io);
	close(c->fd);
	DL_DELETE(vp->conns, c);
	if (vp->guest == c) {
		vp->guest = NULL;
		log_debug("vport '%s': the guest is gone", vp->name);
		if (detach)
			model_guest_detach(vp->broker->model, vp->name);
	} else {
		vp->n_pending--;
	}
	free(c);
}

static void conn_refuse(struct broker_conn *c, int code, const char *text)
{
	log_debug("vport '%s': guest refused: %s", c->vport->name, text);
	send_refused(c->fd, code, text);
	conn_close(c, true);
}

/* ---- the attached guest ---- */

/* The first BROKER_MACS_MAX different ones, and how many filters there are. */
static void collect_macs(struct broker_vport *vp, struct broker_macs *macs)
{
	struct info_filter f;
	uint64_t cursor = 0;
	uint32_t i;

	memset(macs, 0, sizeof(*macs));
	while (model_filter_next(vp->broker->model, vp->name, &cursor, &f, NULL) == 1) {
		/* One MAC on two VLANs is two filters and one address to the guest. */
		for (i = 0; i < macs->n; i++)
			if (!memcmp(macs->mac[i], f.mac.b, sizeof(f.mac.b)))
				break;
		if (i < macs->n)
			continue;
		if (macs->n < BROKER_MACS_MAX)
			memcpy(macs->mac[macs->n++], f.mac.b, sizeof(f.mac.b));
		macs->total++;
	}
}

static void want_write(struct broker_conn *c, bool want)
{
	sd_event_source_set_io_events(c->io, want ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void conn_send_macs(struct broker_conn *c)
{
	struct broker_msg msg = { .type = BROKER_MACS, .version = BROKER_VERSION };
	char buf[BROKER_MSG_MAX];
	int len;

	collect_macs(c->vport, &msg.macs);
	if (!memcmp(&msg.macs, &c->told, sizeof(c->told)))
		return;
	len = broker_encode(&msg, buf, sizeof(buf));
	if (len < 0) {
		log_error("vport '%s': encode MACs: %s", c->vport->name, strerror(-len));
		return;
	}
	if (send(c->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) == len) {
		c->told = msg.macs;
		return;
	}
	/* Not read: this update is dropped, the state of then goes out when there is room. */
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
		want_write(c, true);
	/* Any other error is the peer's end, which comes as an event of its own. */
}

static int send_with_fds(int fd, const void *buf, size_t len, const int *fds, unsigned int n_fds)
{
	union {
		char buf[CMSG_SPACE((BROKER_QUEUES_MAX + 1) * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = CMSG_SPACE(n_fds * sizeof(int)),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	memcpy(CMSG_DATA(cm), fds, n_fds * sizeof(int));
	return sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void fill_attached(struct broker_conn *c, const struct dp_guest *g, struct broker_msg *msg)
{
	struct broker_vport *vp = c->vport;

	msg->type = BROKER_ATTACHED;
	msg->version = BROKER_VERSION;
	msg->attached.vport_id = vp->id;
	snprintf(msg->attached.name, sizeof(msg->attached.name), "%s", vp->name);
	msg->attached.mtu = g->mtu;
	msg->attached.n_queues = g->n_queues;
	msg->attached.frames = g->frames;
	msg->attached.frame_size = g->frame_size;
	msg->attached.rx_size = g->rx_size;
	msg->attached.tx_size = g->tx_size;
	msg->attached.fill_size = g->fill_size;
	msg->attached.comp_size = g->comp_size;
	collect_macs(vp, &msg->attached.macs);
	c->told = msg->attached.macs;
}

/* Hand the descriptors over and close ours, whatever comes of it. */
static int hand_over(struct broker_conn *c, const struct dp_guest *g)
{
	struct broker_msg msg = { 0 };
	char buf[BROKER_MSG_MAX];
	int fds[BROKER_QUEUES_MAX + 1];
	unsigned int n = 0;
	int r;

	for (unsigned int i = 0; i < g->n_queues; i++)
		fds[n++] = g->sock_fd[i];
	fds[n++] = g->umem_fd;
	fill_attached(c, g, &msg);
	r = broker_encode(&msg, buf, sizeof(buf));
	if (r >= 0)
		r = send_with_fds(c->fd, buf, r, fds, n);
	while (n)
		close(fds[--n]);
	return r;
}

/* ---- the way there ---- */

static void conn_try_attach(struct broker_conn *c);

static int on_retry(sd_event_source *s, uint64_t usec, void *ctx)
{
	(void)s;
	(void)usec;
	conn_try_attach(ctx);
	return 0;
}

/* True: asked again later. */
static bool retry_later(struct broker_conn *c)
{
	sd_event *loop = c->vport->broker->loop;
	uint64_t now = loop_now_us(loop);

	if (c->state != CONN_RETRY) {
		c->state = CONN_RETRY;
		c->retry_until_us = now + BROKER_RETRY_TOTAL_MS * MS;
		/* The timer of CONN_HELLO has another handler. */
		c->timer = sd_event_source_disable_unref(c->timer);
	}
	if (now >= c->retry_until_us)
		return false;
	return loop_timer(loop, BROKER_RETRY_MS * MS, on_retry, c, &c->timer) >= 0;
}

static void conn_attached(struct broker_conn *c, const struct dp_guest *g)
{
	struct broker_vport *vp = c->vport;
	int r;

	c->timer = sd_event_source_disable_unref(c->timer);
	c->state = CONN_ATTACHED;
	vp->guest = c;
	vp->n_pending--;
	/* What changed before is in ATTACHED. */
	vp->dirty = false;
	r = hand_over(c, g);
	if (r) {
		/* A guest that goes at once may do so as fast as it likes: no line in the log. */
		if (r == -EPIPE || r == -ECONNRESET)
			log_debug("vport '%s': the guest went at once", vp->name);
		else
			log_warn("vport '%s': hand the sockets over: %s", vp->name, strerror(-r));
		conn_close(c, true);
		return;
	}
	log_debug("vport '%s': a guest of uid %u is attached", vp->name, c->uid);
}

static void conn_try_attach(struct broker_conn *c)
{
	struct broker_vport *vp = c->vport;
	struct dp_guest guest;
	struct err err = { 0 };
	int r;

	r = model_guest_attach(vp->broker->model, vp->name, &c->req, &guest, &err);
	if (!r)
		conn_attached(c, &guest);
	else if (r != -EAGAIN || !retry_later(c))
		conn_refuse(c, r, err.text);
}

static void conn_readable(struct broker_conn *c);

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* One guest at a time, and one that is on its way counts. */
static bool vport_is_taken(struct broker_vport *vp)
{
	struct broker_conn *c;

	/* It may have died with the event of that still in the queue behind ours. */
	if (vp->guest && is_readable(vp->guest->fd))
		conn_readable(vp->guest);
	if (vp->guest)
		return true;
	DL_FOREACH(vp->conns, c)
	{
		if (c->state == CONN_RETRY && is_readable(c->fd)) {
			conn_readable(c);
			return false;
		}
		if (c->state == CONN_RETRY)
			return true;
	}
	return false;
}

static void on_attach(struct broker_conn *c, const struct broker_msg *msg)
{
	c->req = (struct dp_guest_req){
		.frames = msg->attach.frames,
		.frame_size = msg->attach.frame_size,
		.rx_size = msg->attach.rx_size,
		.tx_size = msg->attach.tx_size,
	};
	if (vport_is_taken(c->vport))
		conn_refuse(c, -EBUSY, "a guest is attached already");
	else
		conn_try_attach(c);
}

static void conn_readable(struct broker_conn *c)
{
	struct broker_msg msg;
	/* One byte more than a message, to see a longer one. Descriptors sent along are dropped. */
	char buf[BROKER_MSG_MAX + 1];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
	int r;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || c->state != CONN_HELLO) {
		conn_close(c, true);
		return;
	}
	r = n > BROKER_MSG_MAX ? -EPROTO : broker_decode(buf, n, &msg);
	if (r == -EPROTONOSUPPORT)
		conn_refuse(c, r, "this version of the broker's messages is not spoken here");
	else if (r || msg.type != BROKER_ATTACH)
		conn_refuse(c, -EPROTO, "malformed message");
	else
		on_attach(c, &msg);
}

static int on_conn(sd_event_source *s, int fd, uint32_t events, void *ctx)
{
	struct broker_conn *c = ctx;

	(void)s;
	(void)fd;
	if (events & EPOLLOUT) {
		want_write(c, false);
		conn_send_macs(c);
	}
	if (events & ~EPOLLOUT)
		conn_readable(c);
	return 0;
}

static int on_hello_timeout(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct broker_conn *c = ctx;

	(void)s;
	(void)usec;
	conn_refuse(c, -ETIMEDOUT, "no message in time");
	return 0;
}

/* ---- start of a connection ---- */

/* 0, or a refusal: -errno and what to say. */
static int check_peer(struct broker_vport *vp, int fd, uid_t *uid, struct err *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return err_set(err, -errno, 0, "identity of the peer: %s", strerror(errno));
	if (cred.uid && cred.uid != vp->owner)
		return err_set(err, -EPERM, 0, "vport '%s' belongs to uid %u, not to uid %u",
			       vp->name, vp->owner, cred.uid);
	if (vp->n_pending >= BROKER_PENDING_MAX)
		return err_set(err, -EBUSY, 0, "%d connections wait on vport '%s' already",
			       BROKER_PENDING_MAX, vp->name);
	*uid = cred.uid;
	return 0;
}

static int conn_new(struct broker_vport *vp, int fd, uid_t uid, struct err *err)
{
	static const int sndbuf = CONN_SNDBUF;
	sd_event *loop = vp->broker->loop;
	struct broker_conn *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_set(err, -ENOMEM, 0, "out of memory");
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	c->vport = vp;
	c->fd = fd;
	c->uid = uid;
	r = loop_timer(loop, BROKER_HELLO_MS * MS, on_hello_timeout, c, &c->timer);
	if (r >= 0)
		r = sd_event_add_io(loop, &c->io, fd, EPOLLIN, on_conn, c);
	if (r < 0) {
		sd_event_source_disable_unref(c->timer);
		free(c);
		return err_set(err, r, 0, "event loop: %s", strerror(-r));
	}
	DL_APPEND(vp->conns, c);
	vp->n_pending++;
	return 0;
}

void conn_start(struct broker_vport *vp, int fd)
{
	struct err err = { 0 };
	uid_t uid = 0;
	int r;

	r = check_peer(vp, fd, &uid, &err);
	if (!r)
		r = conn_new(vp, fd, uid, &err);
	if (r) {
		send_refused(fd, r, err.text);
		close(fd);
	}
}
