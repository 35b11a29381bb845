// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control protocol's codec: every request, data message and end of an answer survives a round
 * trip with random content, and no buffer is too small for it to notice.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "proto/answer.h"
#include "proto/policy.h"
#include "tests/unit/proto_random.h"

#define ROUNDS 500

static void test_request_round_trip(void **state)
{
	uint64_t buf[PROTO_REQUEST_MAX / 8];
	struct proto_req in, out;
	struct err err;
	uint32_t offs;

	(void)state;
	for (unsigned int cmd = PROTO_HELLO; cmd < PROTO_CMD_END; cmd++)
		for (int i = 0; i < ROUNDS; i++) {
			int len, ret;

			proto_rnd_request(&in, cmd);
			len = proto_encode_request(&in, buf, sizeof(buf));
			assert_true(len >= NLMSG_HDRLEN);
			memset(&out, 0xa5, sizeof(out));
			memset(&err, 0, sizeof(err));
			ret = proto_decode_request(buf, len, &out, &err, &offs);
			if (ret)
				fail_msg("cmd %#x: %s", cmd, err.text);
			assert_memory_equal(&in, &out, sizeof(in));
		}
}

static void test_request_no_room(void **state)
{
	uint64_t buf[PROTO_REQUEST_MAX / 8];
	struct proto_req in;

	(void)state;
	for (unsigned int cmd = PROTO_HELLO; cmd < PROTO_CMD_END; cmd++) {
		int len;

		proto_rnd_request(&in, cmd);
		len = proto_encode_request(&in, buf, sizeof(buf));
		assert_true(len > 0);
		for (int size = 0; size < len; size++) {
			void *small = malloc(size ? size : 1);

			assert_non_null(small);
			assert_int_equal(proto_encode_request(&in, small, size), -EMSGSIZE);
			free(small);
		}
	}
}

static void test_request_not_encodable(void **state)
{
	uint64_t buf[PROTO_REQUEST_MAX / 8];
	struct proto_req in;

	(void)state;
	proto_rnd_request(&in, PROTO_VPORT_ADD);
	in.vport.n_macs = CONF_MACS_MAX + 1;
	assert_int_equal(proto_encode_request(&in, buf, sizeof(buf)), -EINVAL);
	proto_rnd_request(&in, PROTO_SWITCH_DEL);
	memset(in.args.name, 'x', sizeof(in.args.name));
	assert_int_equal(proto_encode_request(&in, buf, sizeof(buf)), -EINVAL);
	proto_rnd_request(&in, PROTO_SWITCH_ADD);
	in.sw.set |= XBIT(XATTR_MODE);
	in.sw.mode = 256; /* would be 0 in a byte */
	assert_int_equal(proto_encode_request(&in, buf, sizeof(buf)), -EINVAL);
	in.cmd = PROTO_CMD_END;
	assert_int_equal(proto_encode_request(&in, buf, sizeof(buf)), -EINVAL);
}

static void test_data_round_trip(void **state)
{
	uint64_t buf[PROTO_PAGE_BYTES / 8];
	struct proto_data in, out;

	(void)state;
	for (unsigned int type = 0; type <= PROTO_EVENT_FILTER; type++)
		for (int i = 0; i < ROUNDS && proto_is_data(type); i++) {
			size_t len = 0;

			proto_rnd_data(&in, type);
			assert_int_equal(proto_encode_data(&in, 7, buf, sizeof(buf), &len), 0);
			memset(&out, 0xa5, sizeof(out));
			assert_int_equal(proto_decode_data(buf, &out), 0);
			assert_memory_equal(&in, &out, sizeof(in));
		}
}

/* The longest record of each kind fits a page, or a list could not go on. */
static void test_data_longest(void **state)
{
	uint64_t buf[PROTO_PAGE_BYTES / 8];
	struct proto_data d = { .type = PROTO_VPORT_SHOW };
	struct info_vport *v = &d.vport;
	size_t len = 0;

	(void)state;
#define FULL(s) memset(s, 'x', sizeof(s) - 1)
	FULL(v->name);
	FULL(v->sw);
	FULL(v->reason);
	FULL(v->dev);
	FULL(v->vlan.list);
	FULL(v->cpu);
	FULL(v->moderation);
	FULL(v->alias);
	v->has_owner = v->has_stats = true;
	v->vlan.vid = v->vlan.native = 4094;
	v->stats.n_reasons = INFO_REASONS_MAX;
	for (int i = 0; i < INFO_REASONS_MAX; i++)
		FULL(v->stats.reasons[i].name);
	assert_int_equal(proto_encode_data(&d, 1, buf, PROTO_PAGE_BYTES - PROTO_DONE_ROOM, &len),
			 0);
	assert_true(len > 2048);
}

static void test_data_append(void **state)
{
	uint64_t buf[PROTO_PAGE_BYTES / 8], before[PROTO_PAGE_BYTES / 8];
	struct proto_data d, out;
	size_t len = 0, pos = 0, last = 0, n = 0;

	(void)state;
	do {
		last = len;
		memcpy(before, buf, len);
		proto_rnd_data(&d, PROTO_FILTER_SHOW);
	} while (!proto_encode_data(&d, 9, buf, sizeof(buf), &len) && ++n);
	assert_int_equal(len, last);
	assert_memory_equal(before, buf, len);
	for (; pos < len; n--) {
		const struct nlmsghdr *nlh = (void *)((char *)buf + pos);

		assert_int_equal(nlh->nlmsg_seq, 9);
		assert_int_equal(proto_decode_data(nlh, &out), 0);
		pos += nlh->nlmsg_len;
	}
	assert_int_equal(n, 0);
	d.type = PROTO_CMD_END;
	len = 0;
	assert_int_equal(proto_encode_data(&d, 9, buf, sizeof(buf), &len), -EINVAL);
}

/* ---- ends of answers ---- */

static void test_ends(void **state)
{
	struct nlmsghdr request = { .nlmsg_len = 16, .nlmsg_type = PROTO_HELLO, .nlmsg_seq = 5 };
	struct proto_end in = { .code = -EEXIST, .offs = 20, .text = "name web exists" }, out;
	struct proto_end done = {
		.list = true, .more = true, .cursor = 1ULL << 40, .generation = 3
	};
	struct proto_data d;
	uint64_t buf[1024];
	size_t len = 0, data_len, first;

	(void)state;
	proto_rnd_data(&d, PROTO_FILTER_SHOW);
	assert_int_equal(proto_encode_data(&d, 5, buf, sizeof(buf), &len), 0);
	first = len;
	assert_int_equal(proto_encode_error(&request, &in, buf, sizeof(buf), &len), 0);
	assert_int_equal(proto_find_end(buf, len, 5, &out, &data_len), 0);
	assert_int_equal(data_len, first);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(proto_find_end(buf, len, 6, &out, &data_len), -EPROTO);
	assert_int_equal(proto_find_end(buf, first, 5, &out, &data_len), -EPROTO);
	for (size_t n = 1; n < 16; n++) { /* lengths that wrap when aligned */
		((struct nlmsghdr *)buf)->nlmsg_len -= first + n;
		assert_int_equal(proto_find_end(buf, len, 5, &out, &data_len), -EPROTO);
		((struct nlmsghdr *)buf)->nlmsg_len = first;
	}
	for (size_t n = 0; n < len; n++)
		assert_int_equal(proto_find_end(buf, n, 5, &out, &data_len), -EPROTO);
	assert_int_equal(proto_encode_done(5, &done, buf, sizeof(buf), &len), 0);
	/* Nothing may follow the end. */
	assert_int_equal(proto_find_end(buf, len, 5, &out, &data_len), -EPROTO);
	len = 0;
	assert_int_equal(proto_encode_done(5, &done, buf, PROTO_DONE_ROOM, &len), 0);
	assert_int_equal(proto_find_end(buf, len, 5, &out, &data_len), 0);
	assert_memory_equal(&done, &out, sizeof(done));
	done.more = false;
	done.cursor = 0;
	len = 0;
	assert_int_equal(proto_encode_done(5, &done, buf, sizeof(buf), &len), 0);
	assert_int_equal(proto_find_end(buf, len, 5, &out, &data_len), 0);
	assert_memory_equal(&done, &out, sizeof(done));
}

static void test_port_id(void **state)
{
	char name[CONF_NAME_SIZE];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "%llx", (unsigned long long)proto_rnd());
		assert_in_range(proto_port_id(name), 0x40000000, 0x7fffffff);
		assert_int_equal(proto_port_id(name), proto_port_id(name));
	}
	assert_int_not_equal(proto_port_id("a"), proto_port_id("b"));
	/* An upgraded tool must find a running daemon: this value never changes. */
	assert_int_equal(proto_port_id("default"), 0x533b5bde);
}

static void test_attr_names(void **state)
{
	(void)state;
	for (unsigned int i = 1; i < XATTR_MAX; i++)
		assert_string_not_equal(proto_attr_name(i), "attribute");
	assert_string_equal(proto_attr_name(XATTR_MAX_VPORTS), "max-vports");
	assert_string_equal(proto_attr_name(XATTR_MAX), "attribute");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_round_trip),
		cmocka_unit_test(test_request_no_room),
		cmocka_unit_test(test_request_not_encodable),
		cmocka_unit_test(test_data_round_trip),
		cmocka_unit_test(test_data_longest),
		cmocka_unit_test(test_data_append),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_port_id),
		cmocka_unit_test(test_attr_names),
	};

	proto_rnd_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
