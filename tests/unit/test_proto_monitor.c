// SPDX-License-Identifier: GPL-2.0-only
/* Events over real NETLINK_USERSOCK sockets: who is believed, and what a slow reader is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "proto/policy.h"
#include "proto/sock.h"
#include "tests/unit/proto_fake.h"

#define GROUPS (1U << PROTO_GROUP_SWITCH | 1U << PROTO_GROUP_VPORT | 1U << PROTO_GROUP_FILTER)

static bool forge_event(void)
{
	struct proto_data d = { .type = PROTO_EVENT_FILTER };
	uint64_t buf[128];
	size_t len = 0;
	int fd = proto_sock_open(0);

	proto_fake_filter(&d, 666);
	if (fd < 0 || proto_encode_data(&d, 0, buf, sizeof(buf), &len))
		return false;
	proto_sock_send(fd, 0, PROTO_GROUP_FILTER, buf, len, MSG_DONTWAIT);
	return true;
}

static void test_monitor(void **state)
{
	struct proto_monitor *m, *other;
	struct proto_data d;
	struct proto_raw r;
	struct err err;

	(void)state;
	NEED_ROOT();
	proto_raw_open(&r);
	proto_fake_event(&r.fake, XEVENT_ADD, 1); /* nobody listens */
	assert_int_equal(proto_monitor_new(proto_fake_name(), GROUPS, &m, &err), 0);
	assert_int_equal(proto_monitor_new(proto_fake_name(), 1U << PROTO_GROUP_VPORT, &other,
					   &err),
			 0);
	assert_int_equal(proto_monitor_next(m, &d), 0);
	proto_as_uid(NOBODY, forge_event);
	assert_true(forge_event()); /* root, but not from the daemon's port id */
	proto_fake_event(&r.fake, XEVENT_ADD, 2);
	proto_fake_event(&r.fake, XEVENT_MOVE, 3);
	assert_int_equal(proto_monitor_next(m, &d), 1);
	assert_int_equal(d.type, PROTO_EVENT_FILTER);
	assert_int_equal(d.event, XEVENT_ADD);
	assert_int_equal(d.filter.id, 2);
	assert_int_equal(proto_monitor_next(m, &d), 1);
	assert_int_equal(d.event, XEVENT_MOVE);
	assert_int_equal(d.filter.id, 3);
	assert_string_equal(d.filter.vport, "web");
	assert_int_equal(proto_monitor_next(m, &d), 0);
	assert_int_equal(proto_monitor_next(other, &d), 0);
	proto_monitor_free(m);
	proto_monitor_free(other);
	proto_raw_close(&r);
}

static void test_monitor_overrun(void **state)
{
	struct proto_monitor *m;
	struct proto_data d;
	struct proto_raw r;
	struct err err;
	int bytes = 16384;
	uint32_t n = 0;

	(void)state;
	NEED_ROOT();
	proto_raw_open(&r);
	assert_int_equal(proto_monitor_new(proto_fake_name(), GROUPS, &m, &err), 0);
	assert_int_equal(setsockopt(proto_monitor_fd(m), SOL_SOCKET, SO_RCVBUF, &bytes,
				    sizeof(bytes)),
			 0);
	for (uint32_t id = 1; id <= 1000; id++)
		proto_fake_event(&r.fake, XEVENT_ADD, id);
	while (proto_monitor_next(m, &d) == 1 && d.event == XEVENT_ADD)
		assert_int_equal(d.filter.id, ++n);
	assert_in_range(n, 1, 999);
	assert_int_equal(d.event, XEVENT_OVERRUN);
	assert_int_equal(proto_monitor_next(m, &d), 0);
	proto_fake_event(&r.fake, XEVENT_DEL, 5000);
	assert_int_equal(proto_monitor_next(m, &d), 1);
	assert_int_equal(d.filter.id, 5000);
	assert_int_equal(proto_monitor_next(m, &d), 0);
	proto_monitor_free(m);
	proto_raw_close(&r);
}

/* Events come before the answer to the request that made them. */
static void test_event_before_answer(void **state)
{
	struct proto_req del = { .cmd = PROTO_FILTER_DEL, .args.id = 3 };
	struct proto_monitor *m;
	struct proto_client *c;
	struct proto_data d;
	struct err err;

	(void)state;
	NEED_ROOT();
	assert_int_equal(proto_monitor_new(proto_fake_name(), GROUPS, &m, &err), 0);
	c = proto_fake_client();
	assert_int_equal(proto_client_call(c, &del, NULL, NULL, NULL, &err), 0);
	for (uint32_t id = 1; id <= 3; id++) {
		assert_int_equal(proto_monitor_next(m, &d), 1);
		assert_int_equal(d.filter.id, id);
	}
	assert_int_equal(proto_monitor_next(m, &d), 0);
	proto_client_free(c);
	proto_monitor_free(m);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, proto_fake_setup, proto_fake_teardown)
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_event_before_answer),
		cmocka_unit_test(test_monitor),
		cmocka_unit_test(test_monitor_overrun),
	};

	proto_fake_name(); /* before any fork */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
