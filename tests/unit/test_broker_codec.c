/* SPDX-License-Identifier: GPL-2.0-only */
/* The broker's messages: round trips, every cut, wrong versions, lying lengths, random bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/broker.h"

#define N_MSGS 6
#define RANDOM_ROUNDS 200000

static void macs_fill(struct broker_macs *macs, uint32_t n, uint32_t total)
{
	macs->n = n;
	macs->total = total;
	for (uint32_t i = 0; i < n; i++)
		for (int k = 0; k < 6; k++)
			macs->mac[i][k] = (uint8_t)(i * 6 + (uint32_t)k);
}

/* One message of each type, the MAC lists and texts at their limits. */
static void msg_make(unsigned int which, struct broker_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	msg->version = BROKER_VERSION;
	switch (which) {
	case 0:
		msg->type = BROKER_ATTACH;
		msg->attach.frames = 4096;
		msg->attach.frame_size = 0x01020304;
		msg->attach.rx_size = UINT32_MAX;
		return;
	case 1:
	case 2:
		msg->type = BROKER_ATTACHED;
		msg->attached.vport_id = 4094;
		memset(msg->attached.name, 'n', which == 1 ? BROKER_NAME_SIZE - 1 : 1);
		msg->attached.mtu = 1500;
		msg->attached.n_queues = which == 1 ? BROKER_QUEUES_MAX : 1;
		msg->attached.frames = 4096;
		msg->attached.frame_size = 2048;
		msg->attached.rx_size = 1;
		msg->attached.tx_size = 2;
		msg->attached.fill_size = 3;
		msg->attached.comp_size = 4;
		macs_fill(&msg->attached.macs, which == 1 ? BROKER_MACS_MAX : 0,
			  which == 1 ? 60000 : 0);
		return;
	case 3:
	case 4:
		msg->type = BROKER_REFUSED;
		msg->refused.code = which == 3 ? -EBUSY : -4095;
		memset(msg->refused.text, 't', which == 3 ? 0 : BROKER_TEXT_SIZE - 1);
		return;
	default:
		msg->type = BROKER_MACS;
		macs_fill(&msg->macs, 3, 3);
	}
}

static size_t msg_encode(unsigned int which, uint8_t buf[BROKER_MSG_MAX])
{
	struct broker_msg msg;
	int len;

	msg_make(which, &msg);
	len = broker_encode(&msg, buf, BROKER_MSG_MAX);
	assert_true(len >= 8 && len <= BROKER_MSG_MAX);
	return (size_t)len;
}

static void length_set(uint8_t *buf, size_t len)
{
	for (int i = 0; i < 4; i++)
		buf[4 + i] = (uint8_t)(len >> (8 * i));
}

/* A copy of the exact size, so that ASAN sees a read past the end. */
static int decode_exact(const uint8_t *buf, size_t len, struct broker_msg *msg)
{
	uint8_t *copy = malloc(len ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, buf, len);
	r = broker_decode(copy, len, msg);
	free(copy);
	return r;
}

/* The decode must fail with @want and leave the message alone. */
static void refuse(const uint8_t *buf, size_t len, int want)
{
	struct broker_msg msg, before;

	memset(&msg, 0xa5, sizeof(msg));
	before = msg;
	assert_int_equal(decode_exact(buf, len, &msg), want);
	assert_memory_equal(&msg, &before, sizeof(msg));
}

static void test_round_trip(void **state)
{
	struct broker_msg msg, got;
	uint8_t buf[BROKER_MSG_MAX];

	(void)state;
	for (unsigned int i = 0; i < N_MSGS; i++) {
		size_t len = msg_encode(i, buf);

		msg_make(i, &msg);
		memset(&got, 0xff, sizeof(got));
		assert_int_equal(decode_exact(buf, len, &got), 0);
		assert_memory_equal(&got, &msg, sizeof(msg));
	}
}

/* The layout of broker.c, byte by byte: a daemon and a library of different builds agree. */
static void test_layout(void **state)
{
	static const uint8_t attach[] = { 1, 0, 1, 0, 24,   0,	  0,	0,    0, 0x10, 0, 0,
					  4, 3, 2, 1, 0xff, 0xff, 0xff, 0xff, 0, 0,    0, 0 };
	uint8_t buf[BROKER_MSG_MAX];

	(void)state;
	assert_int_equal(msg_encode(0, buf), sizeof(attach));
	assert_memory_equal(buf, attach, sizeof(attach));
	assert_int_equal(msg_encode(1, buf), 76 + 8 + 6 * BROKER_MACS_MAX);
}

static void test_cut_and_long(void **state)
{
	uint8_t buf[BROKER_MSG_MAX + 1] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < N_MSGS; i++) {
		size_t len = msg_encode(i, buf);
		/* A shorter text of a refusal is a message too. */
		size_t shortest = i == 4 ? 12 : len;

		for (size_t cut = 0; cut < len; cut++) {
			refuse(buf, cut, -EPROTO);
			if (cut < 8 || cut >= shortest)
				continue;
			length_set(buf, cut);
			refuse(buf, cut, -EPROTO);
			length_set(buf, len);
		}
		buf[len] = 0;
		refuse(buf, len + 1, -EPROTO);
		length_set(buf, len + 1);
		refuse(buf, len + 1, -EPROTO);
		length_set(buf, UINT32_MAX);
		refuse(buf, len, -EPROTO);
	}
}

static void test_version_and_type(void **state)
{
	uint8_t buf[BROKER_MSG_MAX];
	size_t len = msg_encode(0, buf);

	(void)state;
	buf[2] = BROKER_VERSION + 1;
	refuse(buf, len, -EPROTONOSUPPORT);
	buf[2] = 0;
	refuse(buf, len, -EPROTONOSUPPORT);
	buf[2] = BROKER_VERSION;
	buf[0] = 0;
	refuse(buf, len, -EPROTO);
	buf[0] = BROKER_MACS + 1;
	refuse(buf, len, -EPROTO);
	buf[0] = BROKER_ATTACH;
	buf[1] = 1;
	refuse(buf, len, -EPROTO);
}

/* Single values that no encoder makes. */
static void test_bad_values(void **state)
{
	static const struct {
		unsigned int msg, offset;
		uint8_t value;
	} bad[] = {
		{ 2, 12, 0 },			  /* no name */
		{ 2, 14, 'x' },			  /* bytes after the name's end */
		{ 1, 43, 'x' },			  /* name without an end */
		{ 2, 48, 0 },			  /* no queue */
		{ 1, 48, BROKER_QUEUES_MAX + 1 }, /* one queue too many */
		{ 1, 80, BROKER_MACS_MAX + 1 },	  /* one MAC too many */
		{ 2, 80, 1 },			  /* a MAC that is not there */
		{ 5, 8, 2 },			  /* fewer in all than here */
		{ 5, 12, 2 },			  /* a MAC that is not counted */
		{ 5, 15, 0xff },		  /* a count beyond everything */
		{ 3, 11, 0x7f },		  /* an error above 0 */
		{ 4, 9, 0xe0 },			  /* an error below -4095 */
		{ 4, 20, 0 },			  /* zero byte within the text */
	};
	uint8_t buf[BROKER_MSG_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = msg_encode(bad[i].msg, buf);

		buf[bad[i].offset] = bad[i].value;
		refuse(buf, len, -EPROTO);
	}
}

static void test_encode_refuses(void **state)
{
	uint8_t buf[BROKER_MSG_MAX];
	struct broker_msg msg;

	(void)state;
	for (unsigned int i = 0; i < N_MSGS; i++) {
		size_t len = msg_encode(i, buf);

		msg_make(i, &msg);
		for (size_t size = 0; size < len; size++)
			assert_int_equal(broker_encode(&msg, buf, size), -EMSGSIZE);
		assert_int_equal(broker_encode(&msg, buf, len), len);
	}
	msg_make(5, &msg);
	msg.macs.n = BROKER_MACS_MAX + 1;
	assert_int_equal(broker_encode(&msg, buf, sizeof(buf)), -EMSGSIZE);
	msg_make(2, &msg);
	memset(msg.attached.name, 'x', sizeof(msg.attached.name));
	assert_int_equal(broker_encode(&msg, buf, sizeof(buf)), -EMSGSIZE);
	msg_make(0, &msg);
	msg.type = (enum broker_type)(BROKER_MACS + 1);
	assert_int_equal(broker_encode(&msg, buf, sizeof(buf)), -EMSGSIZE);
}

/* Whatever is accepted encodes to the very bytes it came from. */
static void test_random(void **state)
{
	uint8_t buf[BROKER_MSG_MAX], again[BROKER_MSG_MAX];
	unsigned int accepted = 0;
	struct broker_msg msg;

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < RANDOM_ROUNDS; i++) {
		size_t len = msg_encode(i % N_MSGS, buf);

		for (int k = rand() % 4; k > 0; k--)
			buf[(size_t)rand() % len] = (uint8_t)rand();
		if (decode_exact(buf, len, &msg))
			continue;
		accepted++;
		assert_int_equal(broker_encode(&msg, again, sizeof(again)), len);
		assert_memory_equal(again, buf, len);
	}
	assert_true(accepted > RANDOM_ROUNDS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_layout),
		cmocka_unit_test(test_cut_and_long), cmocka_unit_test(test_version_and_type),
		cmocka_unit_test(test_bad_values),   cmocka_unit_test(test_encode_refuses),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
