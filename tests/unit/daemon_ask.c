// SPDX-License-Identifier: GPL-2.0-only
#include "daemon_ask.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "proto/sock.h"
#include "proto_fake.h"

int control_world_setup(void **state)
{
	struct control_world *cw;

	if (geteuid() != 0)
		return 0;
	cw = calloc(1, sizeof(*cw));
	if (!cw)
		return -1;
	cw->w = dworld_new(proto_fake_name());
	cw->fd = proto_sock_open(0);
	*state = cw;
	return cw->fd < 0;
}

int control_world_teardown(void **state)
{
	struct control_world *cw = *state;

	if (!cw)
		return 0;
	close(cw->fd);
	dworld_free(cw->w);
	free(cw);
	return 0;
}

int control_world_ask(struct control_world *cw, struct proto_req *req)
{
	uint64_t buf[PROTO_REQUEST_MAX / sizeof(uint64_t)];
	struct proto_sock_from from;
	ssize_t len;
	int n;

	req->seq = ++cw->seq;
	n = proto_encode_request(req, buf, sizeof(buf));
	assert_true(n > 0);
	assert_int_equal(proto_sock_send(cw->fd, proto_port_id(proto_fake_name()), 0, buf,
					 (size_t)n, MSG_DONTWAIT),
			 0);
	dworld_settle(cw->w);
	len = proto_sock_recv(cw->fd, cw->buf, sizeof(cw->buf), MSG_DONTWAIT, &from);
	assert_in_range(len, NLMSG_HDRLEN, PROTO_PAGE_BYTES);
	assert_int_equal(from.port, proto_port_id(proto_fake_name()));
	memset(&cw->end, 0, sizeof(cw->end));
	cw->data_len = 0;
	assert_int_equal(proto_find_end(cw->buf, (size_t)len, req->seq, &cw->end, &cw->data_len),
			 0);
	/* One answer, no more. */
	assert_int_equal(proto_sock_recv(cw->fd, buf, sizeof(buf), MSG_DONTWAIT, &from), -EAGAIN);
	return cw->end.code;
}

uint16_t control_world_attr(struct control_world *cw, const struct proto_req *req)
{
	uint64_t buf[PROTO_REQUEST_MAX / sizeof(uint64_t)];

	assert_true(proto_encode_request(req, buf, sizeof(buf)) > (int)cw->end.offs);
	if (!cw->end.offs)
		return 0;
	return mnl_attr_get_type((struct nlattr *)((char *)buf + cw->end.offs));
}

struct proto_data *control_world_data(struct control_world *cw)
{
	static struct proto_data data;
	const struct nlmsghdr *nlh = (const void *)cw->buf;

	assert_true(cw->data_len >= NLMSG_HDRLEN);
	assert_int_equal(NLMSG_ALIGN(nlh->nlmsg_len), cw->data_len);
	assert_int_equal(proto_decode_data(nlh, &data), 0);
	return &data;
}
