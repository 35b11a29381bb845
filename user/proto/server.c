// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's end. Every request gets one datagram back, or none when its sender does not read:
 * nothing here ever waits for a peer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "proto/answer.h"
#include "proto/policy.h"
#include "proto/sock.h"

struct proto_server {
	int fd;
	proto_handler handler;
	void *ctx;
	/* Apart from the answer's: handlers send events while an answer is under construction. */
	uint64_t event_buf[PROTO_PAGE_BYTES / sizeof(uint64_t)];
	uint64_t request_buf[PROTO_REQUEST_MAX / sizeof(uint64_t)];
	uint64_t answer_buf[PROTO_PAGE_BYTES / sizeof(uint64_t)];
};

struct proto_answer {
	void *buf;
	size_t len;
	uint32_t seq;
	struct proto_end end;
};

int proto_answer_add(struct proto_answer *a, const struct proto_data *data)
{
	return proto_encode_data(data, a->seq, a->buf, PROTO_PAGE_BYTES - PROTO_DONE_ROOM, &a->len);
}

void proto_answer_more(struct proto_answer *a, uint64_t cursor)
{
	a->end.list = true;
	a->end.more = true;
	a->end.cursor = cursor;
}

void proto_answer_list(struct proto_answer *a, uint32_t generation)
{
	a->end.list = true;
	a->end.generation = generation;
}

int proto_server_new(const char *instance, proto_handler handler, void *ctx,
		     struct proto_server **server, struct err *err)
{
	struct proto_server *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, -ENOMEM, 0, "no memory for the control socket");
	s->handler = handler;
	s->ctx = ctx;
	s->fd = proto_sock_open(proto_port_id(instance));
	if (s->fd < 0) {
		int ret = s->fd;

		free(s);
		if (ret == -EADDRINUSE)
			return err_set(
				err, ret, 0,
				"another xvswd of instance '%s' runs in this network namespace",
				instance);
		return err_set(err, ret, 0, "control socket: %s", strerror(-ret));
	}
	*server = s;
	return 0;
}

void proto_server_free(struct proto_server *s)
{
	if (!s)
		return;
	close(s->fd);
	free(s);
}

int proto_server_fd(const struct proto_server *s)
{
	return s->fd;
}

/* Offset of the attribute that a handler's error is about, so that the peer can name it. */
static uint32_t attr_offset(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *a;
	size_t pos = NLMSG_HDRLEN, at = pos;

	while (type && proto_attr_next(nlh, nlh->nlmsg_len, &pos, &a) > 0) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return at;
		at = pos;
	}
	return 0;
}

static int run_request(struct proto_server *s, size_t len, const struct proto_sock_from *from,
		       struct proto_answer *a, struct err *err)
{
	const struct nlmsghdr *nlh = (const void *)s->request_buf;
	struct proto_req req;
	int ret;

	if (from->uid != 0)
		return err_set(err, -EPERM, 0, "commands need root (CAP_NET_ADMIN)");
	if (len > sizeof(s->request_buf))
		return err_set(err, -EMSGSIZE, 0, "the request is longer than %d bytes",
			       PROTO_REQUEST_MAX);
	ret = proto_decode_request(nlh, len, &req, err, &a->end.offs);
	if (ret)
		return ret;
	ret = s->handler(s->ctx, &req, a, err);
	if (ret)
		a->end.offs = attr_offset(nlh, err->attr);
	return ret;
}

/* A refusal carries no data: what the handler added before it failed is taken back. */
static void end_answer(struct proto_answer *a, const struct nlmsghdr *nlh, int ret,
		       const struct err *err)
{
	if (!ret && a->end.list) {
		proto_encode_done(a->seq, &a->end, a->buf, PROTO_PAGE_BYTES, &a->len);
		return;
	}
	if (ret) {
		a->len = 0;
		a->end.code = ret;
		snprintf(a->end.text, sizeof(a->end.text), "%s",
			 err->text[0] ? err->text : strerror(-ret));
	}
	proto_encode_error(nlh, &a->end, a->buf, PROTO_PAGE_BYTES, &a->len);
}

static void handle_datagram(struct proto_server *s, size_t len, const struct proto_sock_from *from)
{
	const struct nlmsghdr *nlh = (const void *)s->request_buf;
	struct proto_answer a = { .buf = s->answer_buf };
	struct err err = { 0 };
	int ret;

	/*
	 * Without a header there is nobody to answer. Control messages, which answers are, never
	 * get one: two ends must not keep each other busy with refusals. Port 0 is nobody.
	 */
	if (len < NLMSG_HDRLEN || nlh->nlmsg_type < NLMSG_MIN_TYPE || !from->port)
		return;
	a.seq = nlh->nlmsg_seq;
	ret = run_request(s, len, from, &a, &err);
	end_answer(&a, nlh, ret, &err);
	/* A peer that does not read, or has gone, loses its answer. */
	proto_sock_send(s->fd, from->port, 0, a.buf, a.len, MSG_DONTWAIT);
}

/* Returns the number of requests handled, or -errno. */
int proto_server_process(struct proto_server *s, unsigned int budget)
{
	struct proto_sock_from from;
	unsigned int n = 0;

	while (n < budget) {
		ssize_t len = proto_sock_recv(s->fd, s->request_buf, sizeof(s->request_buf),
					      MSG_DONTWAIT, &from);

		if (len == -EAGAIN)
			break;
		if (len < 0 && len != -ENOBUFS)
			return len;
		if (len >= 0)
			handle_datagram(s, len, &from);
		n++;
	}
	return n;
}

static uint32_t event_group(enum proto_cmd type)
{
	switch ((unsigned int)type) {
	case PROTO_EVENT_SWITCH:
		return PROTO_GROUP_SWITCH;
	case PROTO_EVENT_VPORT:
		return PROTO_GROUP_VPORT;
	case PROTO_EVENT_FILTER:
		return PROTO_GROUP_FILTER;
	}
	return 0;
}

void proto_server_event(struct proto_server *s, const struct proto_data *data)
{
	uint32_t group = event_group(data->type);
	size_t len = 0;

	if (!group || proto_encode_data(data, 0, s->event_buf, sizeof(s->event_buf), &len))
		return;
	/*
	 * ESRCH: nobody listens. ECONNREFUSED: the kernel delivers to the group, then finds no
	 * unicast peer at port 0. A full member learns of its loss by itself (ENOBUFS).
	 */
	proto_sock_send(s->fd, 0, group, s->event_buf, len, MSG_DONTWAIT);
}
