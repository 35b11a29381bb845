// SPDX-License-Identifier: GPL-2.0-only
/* The tool's end: one request in flight, its answer believed only when uid 0 sent it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "proto/answer.h"
#include "proto/policy.h"
#include "proto/sock.h"

#ifndef XVSW_VERSION
#define XVSW_VERSION "unknown"
#endif

#define ANSWER_TIMEOUT_S 5
#define RESTARTS_MAX 5

struct proto_client {
	int fd;
	uint32_t port; /* the daemon's */
	uint32_t seq;
	char instance[CONF_NAME_SIZE * 2];
	uint64_t request_buf[PROTO_REQUEST_MAX / sizeof(uint64_t)];
	/* A page and the end of an answer fit; longer is not from our daemon. */
	uint64_t answer_buf[2 * PROTO_REQUEST_MAX / sizeof(uint64_t)];
};

static int no_daemon(const struct proto_client *c, struct err *err)
{
	return err_set(err, -ECONNREFUSED, 0,
		       "no xvswd of instance '%s' answers: it does not run, or it runs in another "
		       "network namespace",
		       c->instance);
}

static int transport_error(const struct proto_client *c, int code, struct err *err)
{
	if (code == -ECONNREFUSED)
		return no_daemon(c, err);
	if (code == -EAGAIN)
		return err_set(err, -ETIMEDOUT, 0,
			       "xvswd of instance '%s' did not answer within %d seconds",
			       c->instance, ANSWER_TIMEOUT_S);
	return err_set(err, code, 0, "control socket: %s", strerror(-code));
}

static int bad_answer(struct err *err)
{
	return err_set(err, -EPROTO, 0, "xvswd sent an answer that cannot be understood");
}

/* The answer to @seq; others are late answers to requests that were given up. */
static int receive_answer(struct proto_client *c, uint32_t seq, size_t *len, struct err *err)
{
	const struct nlmsghdr *nlh = (const void *)c->answer_buf;
	struct proto_sock_from from;
	ssize_t n;

	for (;;) {
		n = proto_sock_recv(c->fd, c->answer_buf, sizeof(c->answer_buf), 0, &from);
		if (n < 0)
			return transport_error(c, n, err);
		if (from.port != c->port)
			continue;
		/* While the daemon is down anybody may take its port id. */
		if (from.uid != 0)
			return no_daemon(c, err);
		if ((size_t)n > sizeof(c->answer_buf) || (size_t)n < NLMSG_HDRLEN)
			return bad_answer(err);
		if (nlh->nlmsg_seq == seq)
			break;
	}
	*len = n;
	return 0;
}

/* The verdict as the daemon gave it, with the attribute that its offset points to. */
static int take_verdict(const struct proto_client *c, const struct proto_end *end, struct err *err)
{
	const struct nlmsghdr *nlh = (const void *)c->request_buf;
	const struct nlattr *a;
	size_t pos = NLMSG_HDRLEN, at = pos;
	uint16_t attr = XATTR_NONE;

	if (!end->code)
		return 0;
	while (end->offs && proto_attr_next(nlh, nlh->nlmsg_len, &pos, &a) > 0) {
		if (at == end->offs)
			attr = a->nla_type & NLA_TYPE_MASK;
		at = pos;
	}
	return err_set(err, end->code, attr, "%s", end->text[0] ? end->text : strerror(-end->code));
}

/* One request and its answer, left in answer_buf. */
static int exchange(struct proto_client *c, struct proto_req *req, struct proto_end *end,
		    size_t *data_len, struct err *err)
{
	size_t answer_len = 0;
	int len, ret;

	req->seq = ++c->seq;
	len = proto_encode_request(req, c->request_buf, sizeof(c->request_buf));
	if (len < 0)
		return err_set(
			err, len, 0,
			"the request cannot be sent: a value is too long or given too often");
	ret = proto_sock_send(c->fd, c->port, 0, c->request_buf, len, 0);
	if (ret)
		return transport_error(c, ret, err);
	ret = receive_answer(c, req->seq, &answer_len, err);
	if (ret)
		return ret;
	if (proto_find_end(c->answer_buf, answer_len, req->seq, end, data_len))
		return bad_answer(err);
	return take_verdict(c, end, err);
}

static int deliver(const struct proto_client *c, size_t data_len,
		   int (*on_data)(void *ctx, const struct proto_data *data), void *ctx,
		   struct err *err)
{
	struct proto_data data;
	size_t pos = 0;

	while (on_data && pos < data_len) {
		const struct nlmsghdr *nlh = (const void *)((const char *)c->answer_buf + pos);
		int ret;

		if (proto_decode_data(nlh, &data))
			return bad_answer(err);
		ret = on_data(ctx, &data);
		if (ret)
			return ret;
		pos += nlh->nlmsg_len;
	}
	return 0;
}

static bool is_list(enum proto_cmd cmd)
{
	return cmd == PROTO_SWITCH_SHOW || cmd == PROTO_VPORT_SHOW || cmd == PROTO_FILTER_SHOW;
}

static int call_list(struct proto_client *c, struct proto_req *req,
		     int (*on_data)(void *ctx, const struct proto_data *data),
		     void (*on_restart)(void *ctx), void *ctx, struct err *err)
{
	unsigned int restarts = 0;
	uint32_t generation = 0;
	struct proto_end end;
	size_t data_len;
	int ret;

	req->args.set |= XBIT(XATTR_CURSOR);
	req->args.cursor = 0;
	for (;;) {
		ret = exchange(c, req, &end, &data_len, err);
		if (ret)
			return ret;
		if (!end.list)
			return bad_answer(err);
		if (req->args.cursor && end.generation != generation && restarts < RESTARTS_MAX) {
			restarts++;
			req->args.cursor = 0;
			if (on_restart)
				on_restart(ctx);
			continue;
		}
		ret = deliver(c, data_len, on_data, ctx, err);
		if (ret || !end.more)
			return ret;
		/* A cursor that stands still would never end. */
		if (end.cursor == req->args.cursor)
			return bad_answer(err);
		generation = end.generation;
		req->args.cursor = end.cursor;
	}
}

int proto_client_call(struct proto_client *c, struct proto_req *req,
		      int (*on_data)(void *ctx, const struct proto_data *data),
		      void (*on_restart)(void *ctx), void *ctx, struct err *err)
{
	struct proto_end end;
	size_t data_len;
	int ret;

	if (is_list(req->cmd))
		return call_list(c, req, on_data, on_restart, ctx, err);
	ret = exchange(c, req, &end, &data_len, err);
	return ret ? ret : deliver(c, data_len, on_data, ctx, err);
}

static int on_hello(void *ctx, const struct proto_data *data)
{
	if (data->type == PROTO_HELLO)
		*(struct proto_data *)ctx = *data;
	return 0;
}

static int say_hello(struct proto_client *c, struct err *err)
{
	struct proto_req req = { .cmd = PROTO_HELLO };
	struct proto_data data = { 0 };
	int ret;

	req.args.set = XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL);
	snprintf(req.args.version, sizeof(req.args.version), "%s", XVSW_VERSION);
	req.args.protocol = PROTO_VERSION;
	ret = proto_client_call(c, &req, on_hello, NULL, &data, err);
	if (ret)
		return ret;
	if (data.value.protocol != PROTO_VERSION)
		return err_set(err, -EPROTONOSUPPORT, XATTR_PROTOCOL,
			       "xvswd %s speaks version %u of the protocol, xvsw version %d",
			       data.value.version, data.value.protocol, PROTO_VERSION);
	return 0;
}

static int open_socket(struct proto_client *c, struct err *err)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	int ret;

	c->fd = proto_sock_open(0);
	if (c->fd < 0)
		return transport_error(c, c->fd, err);
	ret = proto_sock_connect(c->fd, c->port);
	if (ret)
		return transport_error(c, ret, err);
	/* Sending waits too, when the daemon's queue is full. */
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)))
		return transport_error(c, -errno, err);
	return 0;
}

int proto_client_new(const char *instance, struct proto_client **client, struct err *err)
{
	struct proto_client *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return err_set(err, -ENOMEM, 0, "no memory for the control socket");
	c->fd = -1;
	c->port = proto_port_id(instance);
	snprintf(c->instance, sizeof(c->instance), "%s", instance);
	/*
	 * The kernel gives a new socket the port id of an old one of this process; a random start
	 * keeps answers to the old one's requests apart. Any value will do when there is none.
	 */
	if (getrandom(&c->seq, sizeof(c->seq), GRND_NONBLOCK) < 0)
		c->seq = getpid();
	ret = open_socket(c, err);
	if (!ret)
		ret = say_hello(c, err);
	if (ret) {
		proto_client_free(c);
		return ret;
	}
	*client = c;
	return 0;
}

void proto_client_free(struct proto_client *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}
