// SPDX-License-Identifier: GPL-2.0-only
/*
 * Malformed messages: cut short at every length, grown, with unknown, repeated, missing, wrongly
 * sized and out-of-range attributes. Each is refused with the sentence and the attribute named.
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

struct build {
	uint64_t buf[2 * PROTO_REQUEST_MAX / 8];
	struct nlmsghdr *nlh;
};

static void begin(struct build *b, uint16_t cmd)
{
	memset(b->buf, 0, sizeof(b->buf));
	b->nlh = mnl_nlmsg_put_header(b->buf);
	b->nlh->nlmsg_type = cmd;
	b->nlh->nlmsg_flags = NLM_F_REQUEST;
	b->nlh->nlmsg_seq = 77;
}

static void put(struct build *b, uint16_t attr, const void *value, size_t len)
{
	assert_true(mnl_attr_put_check(b->nlh, sizeof(b->buf), attr, len, value));
}

static void put_str(struct build *b, uint16_t attr, const char *s)
{
	put(b, attr, s, strlen(s) + 1);
}

static void put_num(struct build *b, uint16_t attr, uint64_t value, size_t size)
{
	put(b, attr, &value, size); /* the low bytes: targets are little-endian */
}

static int decode(struct build *b, struct err *err, uint32_t *offs)
{
	static struct proto_req req;
	int ret;

	memset(err, 0, sizeof(*err));
	req.seq = 0;
	ret = proto_decode_request(b->buf, b->nlh->nlmsg_len, &req, err, offs);
	assert_int_equal(req.seq, 77);
	return ret;
}

static void expect(struct build *b, uint16_t attr, uint32_t offs, const char *text)
{
	uint32_t got;
	struct err err;

	assert_int_equal(decode(b, &err, &got), -EINVAL);
	assert_string_equal(err.text, text);
	assert_int_equal(err.attr, attr);
	assert_int_equal(got, offs);
}

static void expect_refused(struct build *b, uint32_t offs)
{
	uint32_t got;
	struct err err;

	assert_int_equal(decode(b, &err, &got), -EINVAL);
	assert_int_equal(got, offs);
}

static void expect_ok(struct build *b)
{
	uint32_t offs;
	struct err err;

	if (decode(b, &err, &offs))
		fail_msg("%s", err.text);
}

/* A filter add that is complete but for what the case adds; returns where that goes. */
static uint32_t begin_filter(struct build *b)
{
	begin(b, PROTO_FILTER_ADD);
	put_str(b, XATTR_VPORT, "web");
	put(b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	return b->nlh->nlmsg_len;
}

static uint32_t begin_vport(struct build *b)
{
	begin(b, PROTO_VPORT_ADD);
	put_str(b, XATTR_NAME, "web");
	put_str(b, XATTR_SWITCH, "sw0");
	put_num(b, XATTR_KIND, XKIND_XSK, 1);
	return b->nlh->nlmsg_len;
}

static void test_bad_attributes(void **state)
{
	struct build b;
	uint32_t at;

	(void)state;
	at = begin_filter(&b);
	put_num(&b, 200, 0, 4);
	expect(&b, 0, at, "attribute 200 is unknown");
	at = begin_filter(&b);
	put_num(&b, XATTR_MAX, 0, 4);
	expect_refused(&b, at);
	at = begin_filter(&b);
	put_num(&b, 0, 0, 4);
	expect(&b, 0, at, "attribute 0 is unknown");
	at = begin_filter(&b);
	put_num(&b, XATTR_MAX_VPORTS, 1, 4);
	expect(&b, XATTR_MAX_VPORTS, at, "max-vports does not belong to this command");
	at = begin_filter(&b);
	put(&b, XATTR_MAC, "\x02\0\0\0\0\2", 6);
	expect(&b, XATTR_MAC, at, "mac is given twice");
	at = begin_filter(&b);
	put_str(&b, XATTR_VPORT, "web");
	expect(&b, XATTR_VPORT, at, "vport is given twice");
	at = begin_filter(&b);
	put_num(&b, XATTR_VLAN | NLA_F_NET_BYTEORDER, 1, 2);
	expect(&b, XATTR_VLAN, at, "vlan is not in host byte order");
	begin(&b, PROTO_FILTER_ADD);
	put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	expect(&b, XATTR_VPORT, 0, "vport is missing");
	begin(&b, PROTO_FILTER_ADD);
	expect(&b, XATTR_VPORT, 0, "vport is missing");
	begin(&b, PROTO_FILTER_DEL);
	expect(&b, XATTR_ID, 0, "id is missing");
}

static void test_bad_sizes(void **state)
{
	static const struct {
		uint16_t attr, size, good;
	} cases[] = {
		{ XATTR_MAC, 5, 6 },  { XATTR_MAC, 7, 6 },	  { XATTR_MAC, 0, 6 },
		{ XATTR_MTU, 3, 4 },  { XATTR_MTU, 5, 4 },	  { XATTR_MTU, 0, 4 },
		{ XATTR_MTU, 8, 4 },  { XATTR_SPOOFCHECK, 0, 1 }, { XATTR_SPOOFCHECK, 2, 1 },
		{ XATTR_HOOK, 4, 1 }, { XATTR_VLAN_VID, 1, 2 },	  { XATTR_VLAN_VID, 4, 2 },
	};
	struct build b;
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t at = begin_vport(&b);

		put_num(&b, cases[i].attr, 1, cases[i].size);
		snprintf(text, sizeof(text), "%s has %u bytes instead of %u",
			 proto_attr_name(cases[i].attr), cases[i].size, cases[i].good);
		expect(&b, cases[i].attr, at, text);
	}
}

static void test_bad_strings(void **state)
{
	char s[CONF_NETNS_SIZE + 1];
	struct build b;
	uint32_t at;

	(void)state;
	memset(s, 'n', sizeof(s));
	s[CONF_NETNS_SIZE] = 0;
	at = begin_vport(&b);
	put_str(&b, XATTR_NETNS, s + 1); /* 107: the limit */
	expect_ok(&b);
	at = begin_vport(&b);
	put_str(&b, XATTR_NETNS, s); /* one past */
	expect(&b, XATTR_NETNS, at, "netns is longer than 107 characters");
	at = begin_vport(&b);
	put_str(&b, XATTR_NETNS, "");
	expect(&b, XATTR_NETNS, at, "netns is empty");
	at = begin_vport(&b);
	put(&b, XATTR_NETNS, "blue", 4);
	expect(&b, XATTR_NETNS, at, "netns is not a string closed by a zero byte");
	at = begin_vport(&b);
	put(&b, XATTR_NETNS, "", 0);
	expect(&b, XATTR_NETNS, at, "netns is not a string closed by a zero byte");
	at = begin_vport(&b);
	put(&b, XATTR_NETNS, "bl\0ue", 6);
	expect(&b, XATTR_NETNS, at, "netns is not a string closed by a zero byte");
	at = begin_vport(&b);
	put_str(&b, XATTR_ALIAS, "a\033[2Jb");
	expect(&b, XATTR_ALIAS, at, "alias has a control character in it");
	begin_vport(&b);
	put_str(&b, XATTR_ALIAS, "");
	expect_ok(&b);
	begin_vport(&b);
	put_str(&b, XATTR_ALIAS, "Z\xc3\xbcrich");
	expect_ok(&b);
}

static void test_ranges(void **state)
{
	static const struct {
		uint16_t attr, size;
		uint64_t value;
		const char *text; /* NULL: the limit, which is good */
	} cases[] = {
		{ XATTR_VLAN_VID, 2, 1, NULL },
		{ XATTR_VLAN_VID, 2, 4094, NULL },
		{ XATTR_VLAN_VID, 2, 0, "vlan 0 is out of range (1 to 4094)" },
		{ XATTR_VLAN_VID, 2, 4095, "vlan 4095 is out of range (1 to 4094)" },
		{ XATTR_VLAN_VID, 2, 65535, "vlan 65535 is out of range (1 to 4094)" },
		{ XATTR_VLAN_NATIVE, 2, 4094, NULL },
		{ XATTR_VLAN_NATIVE, 2, 4095, "native 4095 is out of range (1 to 4094)" },
		{ XATTR_VLAN_MODE, 1, 2, NULL },
		{ XATTR_VLAN_MODE, 1, 3, "vlan mode 3 is out of range (0 to 2)" },
		{ XATTR_SPOOFCHECK, 1, 1, NULL },
		{ XATTR_SPOOFCHECK, 1, 2, "spoofcheck 2 is out of range (0 to 1)" },
		{ XATTR_HOOK, 1, 2, NULL },
		{ XATTR_HOOK, 1, 3, "hook 3 is out of range (0 to 2)" },
		{ XATTR_MTU, 4, 0xffffffff, NULL },
	};
	struct build b;
	uint32_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		at = begin_vport(&b);
		put_num(&b, cases[i].attr, cases[i].value, cases[i].size);
		if (cases[i].text)
			expect(&b, cases[i].attr, at, cases[i].text);
		else
			expect_ok(&b);
	}
	begin_filter(&b);
	put_num(&b, XATTR_VLAN, 0, 2);
	expect_ok(&b);
	begin_filter(&b);
	put_num(&b, XATTR_VLAN, 4094, 2);
	expect_ok(&b);
	at = begin_filter(&b);
	put_num(&b, XATTR_VLAN, 4095, 2);
	expect(&b, XATTR_VLAN, at, "vlan 4095 is out of range (0 to 4094)");
}

static void test_repeats(void **state)
{
	struct build b;
	uint32_t at;

	(void)state;
	begin_vport(&b);
	for (int i = 0; i < CONF_MACS_MAX; i++)
		put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	expect_ok(&b);
	at = b.nlh->nlmsg_len;
	put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	expect(&b, XATTR_MAC, at, "mac is given more than 64 times");
	begin(&b, PROTO_VPORT_SET);
	put_str(&b, XATTR_NAME, "web");
	put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	expect_ok(&b);
	at = b.nlh->nlmsg_len;
	put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	expect(&b, XATTR_MAC, at, "mac is given twice");
}

static void test_bad_headers(void **state)
{
	struct build b;
	struct err err;
	uint32_t offs;

	(void)state;
	begin_filter(&b);
	b.nlh->nlmsg_flags = 0;
	expect(&b, 0, 0, "the message is not a request");
	begin_filter(&b);
	b.nlh->nlmsg_type = PROTO_CMD_END;
	assert_int_equal(decode(&b, &err, &offs), -EOPNOTSUPP);
	b.nlh->nlmsg_type = PROTO_EVENT_FILTER;
	assert_int_equal(decode(&b, &err, &offs), -EOPNOTSUPP);
	b.nlh->nlmsg_type = NLMSG_ERROR;
	assert_int_equal(decode(&b, &err, &offs), -EOPNOTSUPP);
	begin_vport(&b);
	while (b.nlh->nlmsg_len <= PROTO_REQUEST_MAX)
		put(&b, XATTR_MAC, "\x02\0\0\0\0\1", 6);
	assert_int_equal(decode(&b, &err, &offs), -EMSGSIZE);
	assert_string_equal(err.text, "the request is longer than 4096 bytes");
}

static bool refused(const void *buf, size_t len)
{
	static struct proto_req req;
	struct err err = { 0 };
	uint32_t offs;
	int ret = proto_decode_request(buf, len, &req, &err, &offs);

	assert_true(ret <= 0);
	assert_true(!ret == !err.text[0]);
	assert_true(offs < len || !offs);
	return ret;
}

/* Cut at every length and grown by every length, with and without an honest header. */
static void cut_request(const void *buf, size_t len)
{
	const struct nlattr *a;
	size_t pos = NLMSG_HDRLEN;

	for (size_t n = 0; n < len + 8; n++) {
		char *copy = calloc(1, n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, buf, n < len ? n : len);
		if (n != len)
			assert_true(refused(copy, n));
		if (n >= NLMSG_HDRLEN) {
			while (pos < n && pos < len)
				assert_true(proto_attr_next(buf, len, &pos, &a) == 1);
			((struct nlmsghdr *)copy)->nlmsg_len = n;
			/* At an attribute's end the rest may be a request, elsewhere never. */
			if (n != pos)
				assert_true(refused(copy, n));
			else
				refused(copy, n);
		}
		free(copy);
	}
}

static void test_cut_and_grown(void **state)
{
	uint64_t buf[PROTO_REQUEST_MAX / 8];
	struct proto_req req;

	(void)state;
	for (unsigned int cmd = PROTO_HELLO; cmd < PROTO_CMD_END; cmd++)
		for (int i = 0; i < 10; i++) {
			int len;

			proto_rnd_request(&req, cmd);
			len = proto_encode_request(&req, buf, sizeof(buf));
			assert_true(len > 0);
			cut_request(buf, len);
		}
}

/* Whatever bit is turned over: refused, or decoded to something that is in range. */
static void test_bits_turned(void **state)
{
	uint64_t buf[PROTO_REQUEST_MAX / 8];
	struct proto_req req, out;
	struct err err;
	uint32_t offs;

	(void)state;
	for (unsigned int cmd = PROTO_HELLO; cmd < PROTO_CMD_END; cmd++) {
		int len;

		proto_rnd_request(&req, cmd);
		len = proto_encode_request(&req, buf, sizeof(buf));
		for (int bit = 0; bit < len * 8; bit++) {
			((uint8_t *)buf)[bit / 8] ^= 1 << bit % 8;
			if (!proto_decode_request(buf, len, &out, &err, &offs))
				assert_true(proto_encode_request(&out, (uint64_t[512]){ 0 }, 4096) >
					    0);
			((uint8_t *)buf)[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static void test_bad_data(void **state)
{
	uint64_t buf[PROTO_PAGE_BYTES / 8];
	struct proto_data d, out;

	(void)state;
	for (unsigned int type = 0; type <= PROTO_EVENT_FILTER; type++) {
		size_t len = 0;

		if (!proto_is_data(type))
			continue;
		proto_rnd_data(&d, type);
		assert_int_equal(proto_encode_data(&d, 1, buf, sizeof(buf), &len), 0);
		for (size_t n = NLMSG_HDRLEN; n < len; n++) {
			struct nlmsghdr *copy = malloc(n);

			assert_non_null(copy);
			memcpy(copy, buf, n);
			copy->nlmsg_len = n;
			if (n % 4 || (type >= PROTO_EVENT_SWITCH && n < NLMSG_HDRLEN + 8))
				assert_int_equal(proto_decode_data(copy, &out), -EPROTO);
			else
				proto_decode_data(copy, &out);
			free(copy);
		}
		((struct nlmsghdr *)buf)->nlmsg_type = PROTO_CMD_END;
		assert_int_equal(proto_decode_data(buf, &out), -EPROTO);
	}
}

/* A later daemon's attribute is skipped; a known one twice is not. */
static void test_data_unknown(void **state)
{
	struct proto_data d, out;
	struct build b;
	size_t len = 0;

	(void)state;
	proto_rnd_data(&d, PROTO_FILTER_SHOW);
	begin(&b, 0);
	assert_int_equal(proto_encode_data(&d, 1, b.buf, sizeof(b.buf), &len), 0);
	put_num(&b, XATTR_MAX + 5, 1, 4);
	assert_int_equal(proto_decode_data(b.buf, &out), 0);
	assert_memory_equal(&d, &out, sizeof(d));
	put_num(&b, XATTR_ID, 1, 4);
	assert_int_equal(proto_decode_data(b.buf, &out), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_attributes), cmocka_unit_test(test_bad_sizes),
		cmocka_unit_test(test_bad_strings),    cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_repeats),	       cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_cut_and_grown),  cmocka_unit_test(test_bits_turned),
		cmocka_unit_test(test_bad_data),       cmocka_unit_test(test_data_unknown),
	};

	proto_rnd_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
