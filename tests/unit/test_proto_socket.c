// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control protocol over real NETLINK_USERSOCK sockets: a server in a process of its own,
 * clients in this one. Most of it needs root, because only root's word counts on either side.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "proto/policy.h"
#include "proto/sock.h"
#include "tests/unit/proto_fake.h"

/* ---- the tool's part ---- */

struct seen {
	uint32_t n, last_id, restarts;
	bool in_order;
};

static int on_data(void *ctx, const struct proto_data *d)
{
	struct seen *s = ctx;
	uint32_t id = d->type == PROTO_FILTER_SHOW ? d->filter.id : d->value.id;

	s->in_order = !s->n ? id == 1 : s->in_order && id == s->last_id + 1;
	s->last_id = id;
	s->n++;
	return 0;
}

static void on_restart(void *ctx)
{
	struct seen *s = ctx;

	s->restarts++;
	s->n = 0;
}

static void test_calls(void **state)
{
	struct proto_req add = { .cmd = PROTO_FILTER_ADD, .filter.vport = "web" };
	struct proto_req bad = { .cmd = PROTO_VPORT_ADD, .vport = { .name = "web", .sw = "sw0" } };
	struct proto_req del = { .cmd = PROTO_VPORT_DEL, .args.name = "web" };
	struct proto_client *c;
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	NEED_ROOT();
	c = proto_fake_client();
	for (int i = 0; i < 3; i++)
		assert_int_equal(proto_client_call(c, &add, on_data, NULL, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	assert_true(seen.in_order);
	assert_int_equal(proto_client_call(c, &add, NULL, NULL, NULL, NULL), 0);

	assert_int_equal(proto_client_call(c, &bad, on_data, NULL, &seen, &err), -EEXIST);
	assert_string_equal(err.text, "vport 'web' exists");
	assert_int_equal(err.attr, XATTR_SWITCH);
	assert_int_equal(seen.n, 3);
	assert_int_equal(proto_client_call(c, &del, NULL, NULL, NULL, &err), -ENOENT);
	assert_string_equal(err.text, strerror(ENOENT));

	/* Refused by the policy, with the attribute found again by its offset. */
	bad.vport.set = XBIT(XATTR_VLAN_MODE);
	bad.vport.vlan = (struct conf_vlan){ .mode = XVLAN_ACCESS, .vid = 4095 };
	assert_int_equal(proto_client_call(c, &bad, NULL, NULL, NULL, &err), -EINVAL);
	assert_string_equal(err.text, "vlan 4095 is out of range (1 to 4094)");
	assert_int_equal(err.attr, XATTR_VLAN_VID);
	bad.vport.n_macs = CONF_MACS_MAX + 1;
	assert_int_equal(proto_client_call(c, &bad, NULL, NULL, NULL, &err), -EINVAL);
	proto_client_free(c);
}

static int stop_at_five(void *ctx, const struct proto_data *d)
{
	on_data(ctx, d);
	return d->filter.id == 5 ? -ECANCELED : 0;
}

static void test_lists(void **state)
{
	struct proto_req req = { .cmd = PROTO_FILTER_SHOW };
	struct proto_client *c;
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	NEED_ROOT();
	c = proto_fake_client();
	assert_int_equal(proto_client_call(c, &req, on_data, on_restart, &seen, &err), 0);
	assert_int_equal(seen.n, PROTO_FAKE_FILTERS);
	assert_true(seen.in_order);
	assert_int_equal(seen.restarts, 0);

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(proto_client_call(c, &req, stop_at_five, NULL, &seen, &err), -ECANCELED);
	assert_int_equal(seen.n, 5);

	memset(&seen, 0, sizeof(seen));
	req.args.set = XBIT(XATTR_VPORT);
	strcpy(req.args.vport, "once");
	assert_int_equal(proto_client_call(c, &req, on_data, on_restart, &seen, &err), 0);
	assert_int_equal(seen.n, PROTO_FAKE_FILTERS);
	assert_true(seen.in_order);
	assert_int_equal(seen.restarts, 1);

	memset(&seen, 0, sizeof(seen));
	strcpy(req.args.vport, "always");
	assert_int_equal(proto_client_call(c, &req, on_data, on_restart, &seen, &err), 0);
	assert_int_equal(seen.n, PROTO_FAKE_FILTERS);
	assert_int_equal(seen.restarts, 5);
	proto_client_free(c);
}

static void test_batch_rate(void **state)
{
	struct proto_req add = { .cmd = PROTO_FILTER_ADD, .filter.vport = "web" };
	struct timespec a, b;
	struct proto_client *c;
	struct seen seen = { 0 };
	struct err err;
	double s;

	(void)state;
	NEED_ROOT();
	c = proto_fake_client();
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(proto_client_call(c, &add, on_data, NULL, &seen, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	s = b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9;
	print_message("10,000 calls: %.3f s, %.1f us each\n", s, s * 100);
	assert_int_equal(seen.n, 10000);
	proto_client_free(c);
}

/* ---- who may ---- */

static bool client_gets_eperm(void)
{
	struct proto_client *c;
	struct err err;

	return proto_client_new(proto_fake_name(), &c, &err) == -EPERM && err.code == -EPERM &&
	       !strcmp(err.text, "commands need root (CAP_NET_ADMIN)");
}

static bool monitor_gets_eperm(void)
{
	struct proto_monitor *m;
	struct err err;

	return proto_monitor_new(proto_fake_name(), 1U << PROTO_GROUP_FILTER, &m, &err) == -EPERM;
}

static void test_not_root(void **state)
{
	(void)state;
	NEED_ROOT();
	proto_as_uid(NOBODY, client_gets_eperm);
	proto_as_uid(NOBODY, monitor_gets_eperm);
}

static void test_second_server(void **state)
{
	struct proto_server *s, *again;
	struct err err;
	char name[CONF_NAME_SIZE + 8], text[128];

	(void)state;
	snprintf(name, sizeof(name), "%s-2nd", proto_fake_name());
	assert_int_equal(proto_server_new(name, proto_fake_handler, NULL, &s, &err), 0);
	assert_int_equal(proto_server_new(name, proto_fake_handler, NULL, &again, &err),
			 -EADDRINUSE);
	snprintf(text, sizeof(text),
		 "another xvswd of instance '%s' runs in this network namespace", name);
	assert_string_equal(err.text, text);
	proto_server_free(s);
	assert_int_equal(proto_server_new(name, proto_fake_handler, NULL, &s, &err), 0);
	proto_server_free(s);
}

static void test_no_daemon(void **state)
{
	struct proto_client *c;
	struct err err;

	(void)state;
	assert_int_equal(proto_client_new("no-such-proto_fake_name()", &c, &err), -ECONNREFUSED);
	assert_non_null(
		strstr(err.text, "no xvswd of instance 'no-such-proto_fake_name()' answers"));
	assert_non_null(strstr(err.text, "another network namespace"));
}

/* While the daemon is down anybody can take its port id and answer. */
static void test_impostor(void **state)
{
	struct proto_client *c;
	struct err err;
	pid_t pid;

	(void)state;
	pid = proto_fake_start(geteuid() ? 0 : NOBODY);
	assert_int_equal(proto_client_new(proto_fake_name(), &c, &err), -ECONNREFUSED);
	proto_fake_stop(pid);
}

static void test_silent_daemon(void **state)
{
	struct proto_server *s;
	struct proto_client *c;
	struct err err;

	(void)state;
	assert_int_equal(proto_server_new(proto_fake_name(), proto_fake_handler, NULL, &s, &err),
			 0);
	assert_int_equal(proto_client_new(proto_fake_name(), &c, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "did not answer within 5 seconds"));
	proto_server_free(s);
}

static void test_other_version(void **state)
{
	struct proto_client *c;
	struct err err;
	pid_t pid;

	(void)state;
	NEED_ROOT();
	proto_fake_protocol = PROTO_VERSION + 1;
	pid = proto_fake_start(0);
	proto_fake_protocol = PROTO_VERSION;
	assert_int_equal(proto_client_new(proto_fake_name(), &c, &err), -EPROTONOSUPPORT);
	proto_fake_stop(pid);
}

/* ---- raw datagrams ---- */

/* Code of the answer to buf[0..len); 1: there was none. */
static int raw_ask(struct proto_raw *r, size_t len)
{
	struct proto_sock_from from;
	const struct nlmsghdr *nlh = (void *)r->buf;
	ssize_t n;

	assert_int_equal(proto_sock_send(r->fd, proto_port_id(proto_fake_name()), 0, r->buf, len,
					 MSG_DONTWAIT),
			 0);
	assert_int_equal(proto_server_process(r->fake.server, 10), 1);
	n = proto_sock_recv(r->fd, r->buf, sizeof(r->buf), MSG_DONTWAIT, &from);
	if (n == -EAGAIN)
		return 1;
	assert_true(n >= (ssize_t)(NLMSG_HDRLEN + sizeof(struct nlmsgerr)));
	assert_int_equal(from.port, proto_port_id(proto_fake_name()));
	assert_int_equal(nlh->nlmsg_type, NLMSG_ERROR);
	assert_int_equal(nlh->nlmsg_seq, 42);
	return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
}

static void raw_header(struct proto_raw *r, uint16_t type, uint32_t len)
{
	struct nlmsghdr *nlh;

	memset(r->buf, 0, sizeof(r->buf));
	nlh = mnl_nlmsg_put_header(r->buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = 42;
	nlh->nlmsg_len = len;
}

static void test_raw(void **state)
{
	struct proto_raw r;

	(void)state;
	NEED_ROOT();
	proto_raw_open(&r);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, 15), 1);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, 1), 1);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, 16), 0);
	raw_header(&r, PROTO_SWITCH_SHOW, 20);
	assert_int_equal(raw_ask(&r, 16), -EINVAL);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, 20), -EINVAL);
	raw_header(&r, PROTO_SWITCH_SHOW, 0);
	assert_int_equal(raw_ask(&r, 16), -EINVAL);
	raw_header(&r, PROTO_SWITCH_SHOW, PROTO_REQUEST_MAX);
	assert_int_equal(raw_ask(&r, PROTO_REQUEST_MAX),
			 -EINVAL); /* fits; attributes of length 0 */
	raw_header(&r, PROTO_SWITCH_SHOW, PROTO_REQUEST_MAX + 4);
	assert_int_equal(raw_ask(&r, PROTO_REQUEST_MAX + 4), -EMSGSIZE);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, sizeof(r.buf)), -EMSGSIZE);
	raw_header(&r, PROTO_CMD_END, 16);
	assert_int_equal(raw_ask(&r, 16), -EOPNOTSUPP);
	raw_header(&r, NLMSG_ERROR, 16); /* an answer is never answered */
	assert_int_equal(raw_ask(&r, 16), 1);
	proto_raw_close(&r);
}

/* Answers to a peer that never reads are dropped; the server goes on. */
static void test_peer_does_not_read(void **state)
{
	struct proto_sock_from from;
	struct proto_raw r;
	unsigned int answers = 0;

	(void)state;
	NEED_ROOT();
	proto_raw_open(&r);
	for (int i = 0; i < 1000; i++) {
		raw_header(&r, PROTO_FILTER_SHOW, 16);
		assert_int_equal(proto_sock_send(r.fd, proto_port_id(proto_fake_name()), 0, r.buf,
						 16, MSG_DONTWAIT),
				 0);
		assert_int_equal(proto_server_process(r.fake.server, 1), 1);
	}
	while (proto_sock_recv(r.fd, r.buf, sizeof(r.buf), MSG_DONTWAIT, &from) > 0)
		answers++;
	assert_in_range(answers, 1, 999);
	/* And the peer that went away. */
	raw_header(&r, PROTO_FILTER_SHOW, 16);
	proto_sock_send(r.fd, proto_port_id(proto_fake_name()), 0, r.buf, 16, MSG_DONTWAIT);
	close(r.fd);
	assert_int_equal(proto_server_process(r.fake.server, 1), 1);
	r.fd = proto_sock_open(0);
	raw_header(&r, PROTO_SWITCH_SHOW, 16);
	assert_int_equal(raw_ask(&r, 16), 0);
	proto_raw_close(&r);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, proto_fake_setup, proto_fake_teardown)
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_calls),
		WITH_SERVER(test_lists),
		WITH_SERVER(test_batch_rate),
		WITH_SERVER(test_not_root),
		cmocka_unit_test(test_second_server),
		cmocka_unit_test(test_no_daemon),
		cmocka_unit_test(test_impostor),
		cmocka_unit_test(test_silent_daemon),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_peer_does_not_read),
	};

	proto_fake_name(); /* before any fork */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
