/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The echo guest's answers, against hand-made frames. Checksums are verified by a sum of this
 * file's own: byte-wise with carry at once, unlike the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guest/echo_reply.h"

#define ROOM 4096
#define ETH 14

static const uint8_t mac_us[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t mac_us2[6] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t mac_peer[6] = { 2, 0, 0, 0, 0, 0x99 };
static const uint8_t mac_other[6] = { 2, 0, 0, 0, 0, 3 };
static const uint8_t mac_all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t mac_group[6] = { 0x33, 0x33, 0xff, 0, 0, 2 };
static const uint8_t v4_us[4] = { 10, 9, 0, 2 };
static const uint8_t v4_peer[4] = { 10, 9, 0, 1 };
static const uint8_t v6_us[16] = { 0xfd, 9, [15] = 2 };
static const uint8_t v6_peer[16] = { 0xfd, 9, [15] = 1 };
static const uint8_t v6_group[16] = { 0xff, 2, [11] = 1, [12] = 0xff, [15] = 2 };
static const uint8_t v6_none[16];

static struct echo_conf conf_make(void)
{
	struct echo_conf conf = { .n_macs = 2, .n_v4 = 1, .n_v6 = 1 };

	memcpy(conf.mac[0], mac_us, 6);
	memcpy(conf.mac[1], mac_us2, 6);
	memcpy(conf.v4[0], v4_us, 4);
	memcpy(conf.v6[0], v6_us, 16);
	return conf;
}

static uint16_t sum(uint16_t start, const uint8_t *p, size_t len)
{
	uint32_t s = start;

	for (size_t i = 0; i < len; i++) {
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		if (s > 0xffff)
			s -= 0xffff;
	}
	return (uint16_t)s;
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t sum6(const uint8_t *ip, size_t len)
{
	uint8_t pseudo[8] = { 0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, 58 };

	return sum(sum(sum(0, ip + 8, 32), pseudo, 8), ip + 40, len);
}

static uint32_t eth_make(uint8_t *f, const uint8_t *dst, unsigned int type)
{
	memset(f, 0, ROOM);
	memcpy(f, dst, 6);
	memcpy(f + 6, mac_peer, 6);
	put16(f + 12, type);
	return ETH;
}

static uint32_t arp_make(uint8_t *f, const uint8_t *dst, const uint8_t *target)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint32_t at = eth_make(f, dst, 0x0806);

	memcpy(f + at, head, 8);
	memcpy(f + at + 8, mac_peer, 6);
	memcpy(f + at + 14, v4_peer, 4);
	memcpy(f + at + 24, target, 4);
	return at + 28;
}

static void ping4_sum(uint8_t *ip, uint32_t data)
{
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~sum(0, ip, 20));
	put16(ip + 22, 0);
	put16(ip + 22, (uint16_t)~sum(0, ip + 20, 8 + data));
}

static uint32_t ping4_make(uint8_t *f, const uint8_t *dst, uint32_t data)
{
	uint32_t at = eth_make(f, dst, 0x0800);
	uint8_t *ip = f + at;

	ip[0] = 0x45;
	put16(ip + 2, 28 + data);
	put16(ip + 6, 0x4000);
	ip[8] = 9;
	ip[9] = 1;
	memcpy(ip + 12, v4_peer, 4);
	memcpy(ip + 16, v4_us, 4);
	ip[20] = 8;
	put16(ip + 24, 0x1234);
	put16(ip + 26, 7);
	for (uint32_t i = 0; i < data; i++)
		ip[28 + i] = (uint8_t)(i * 7 + 1);
	ping4_sum(ip, data);
	return at + 28 + data;
}

static void icmp6_sum(uint8_t *ip)
{
	put16(ip + 42, 0);
	put16(ip + 42, (uint16_t)~sum6(ip, (size_t)(ip[4] << 8 | ip[5])));
}

static uint8_t *ip6_make(uint8_t *f, const uint8_t *dst, uint32_t len, uint8_t hops)
{
	uint8_t *ip = f + eth_make(f, dst, 0x86dd);

	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = 58;
	ip[7] = hops;
	memcpy(ip + 8, v6_peer, 16);
	memcpy(ip + 24, v6_us, 16);
	return ip;
}

static uint32_t ping6_make(uint8_t *f, const uint8_t *dst, uint32_t data)
{
	uint8_t *ip = ip6_make(f, dst, 8 + data, 3);

	ip[40] = 128;
	put16(ip + 44, 0x4321);
	for (uint32_t i = 0; i < data; i++)
		ip[48 + i] = (uint8_t)(i * 3 + 5);
	icmp6_sum(ip);
	return ETH + 48 + data;
}

/* @option: with the source's link-layer address, as Linux sends it. */
static uint32_t ns_make(uint8_t *f, const uint8_t *dst, const uint8_t *to, const uint8_t *from,
			bool option)
{
	uint32_t len = option ? 32 : 24;
	uint8_t *ip = ip6_make(f, dst, len, 255);

	memcpy(ip + 8, from, 16);
	memcpy(ip + 24, to, 16);
	ip[40] = 135;
	memcpy(ip + 48, v6_us, 16);
	if (option) {
		ip[64] = 1;
		ip[65] = 1;
		memcpy(ip + 66, mac_peer, 6);
	}
	icmp6_sum(ip);
	return ETH + 40 + len;
}

static uint32_t ask(uint8_t *f, uint32_t len)
{
	struct echo_conf conf = conf_make();

	return echo_reply(&conf, f, len, ROOM);
}

/* No answer, and not a byte changed. */
static void ignored(uint8_t *f, uint32_t len)
{
	uint8_t before[ROOM];

	memcpy(before, f, ROOM);
	assert_int_equal(ask(f, len), 0);
	assert_memory_equal(f, before, ROOM);
}

static void answered_by_us(const uint8_t *f, const uint8_t *to)
{
	assert_memory_equal(f, to, 6);
	assert_memory_equal(f + 6, mac_us, 6);
}

static void test_arp(void **state)
{
	static const uint8_t not_us[4] = { 10, 9, 0, 3 };
	uint8_t f[ROOM];

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(f, arp_make(f, i ? mac_us2 : mac_all, v4_us)), ETH + 28);
		answered_by_us(f, mac_peer);
		assert_int_equal(f[ETH + 7], 2);
		assert_memory_equal(f + ETH + 8, mac_us, 6);
		assert_memory_equal(f + ETH + 14, v4_us, 4);
		assert_memory_equal(f + ETH + 18, mac_peer, 6);
		assert_memory_equal(f + ETH + 24, v4_peer, 4);
	}
	ignored(f, arp_make(f, mac_all, not_us));
	ignored(f, arp_make(f, mac_other, v4_us));
	ignored(f, arp_make(f, mac_all, v4_us) - 1);
	arp_make(f, mac_all, v4_us);
	f[ETH + 7] = 2; /* an answer */
	ignored(f, ETH + 28);
}

static void test_ping4(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 56, 1472, 3700 };
	uint8_t f[ROOM], asked[ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t len = ping4_make(f, i & 1 ? mac_us2 : mac_us, sizes[i]);

		memcpy(asked, f, ROOM);
		assert_int_equal(ask(f, len), len);
		answered_by_us(f, mac_peer);
		assert_memory_equal(f + ETH + 12, v4_us, 4);
		assert_memory_equal(f + ETH + 16, v4_peer, 4);
		assert_int_equal(f[ETH + 20], 0);
		assert_int_equal(sum(0, f + ETH, 20), 0xffff);
		assert_int_equal(sum(0, f + ETH + 20, 8 + sizes[i]), 0xffff);
		assert_memory_equal(f + ETH + 24, asked + ETH + 24, 4 + sizes[i]);
	}
	/* Ethernet padding stays behind the packet. */
	ping4_make(f, mac_us, 1);
	assert_int_equal(ask(f, 60), 60);
}

/* Every value of the checksum's low part: no edge of one's complement is wrong. */
static void test_ping4_sums(void **state)
{
	uint8_t f[ROOM];

	(void)state;
	for (unsigned int id = 0; id <= 0xffff; id++) {
		uint32_t len = ping4_make(f, mac_us, 0);

		put16(f + ETH + 24, id);
		ping4_sum(f + ETH, 0);
		assert_int_equal(ask(f, len), len);
		assert_int_equal(sum(0, f + ETH + 20, 8), 0xffff);
	}
}

static void test_ping4_ignored(void **state)
{
	static const struct {
		unsigned int offset;
		uint8_t value;
		bool resum;
	} bad[] = {
		{ 0, 0x55, true },  { 0, 0x44, false },	 { 2, 0x7f, true },   { 6, 0x20, true },
		{ 7, 0x01, true },  { 9, 17, true },	 { 10, 0x55, false }, { 12, 0, true },
		{ 12, 0xe0, true }, { 19, 3, true },	 { 20, 0, true },     { 20, 13, true },
		{ 21, 1, true },    { 22, 0x55, false }, { 30, 0x55, false },
	};
	uint8_t f[ROOM];
	uint32_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = ping4_make(f, mac_us, 56);
		f[ETH + bad[i].offset] = bad[i].value;
		if (bad[i].resum)
			ping4_sum(f + ETH, 56);
		ignored(f, len);
	}
	ignored(f, ping4_make(f, mac_other, 56));
	ignored(f, ping4_make(f, mac_all, 56));
	len = ping4_make(f, mac_us, 56);
	for (uint32_t cut = 0; cut < len; cut++)
		ignored(f, cut);
	f[6] |= 1; /* a group as the sender */
	ignored(f, len);
}

static void test_ping6(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 56, 1452, 3700 };
	uint8_t f[ROOM], asked[ROOM];
	uint32_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		len = ping6_make(f, mac_us, sizes[i]);
		memcpy(asked, f, ROOM);
		assert_int_equal(ask(f, len), len);
		answered_by_us(f, mac_peer);
		assert_memory_equal(f + ETH + 8, v6_us, 16);
		assert_memory_equal(f + ETH + 24, v6_peer, 16);
		assert_int_equal(f[ETH + 40], 129);
		assert_int_equal(sum6(f + ETH, 8 + sizes[i]), 0xffff);
		assert_memory_equal(f + ETH + 44, asked + ETH + 44, 4 + sizes[i]);
	}
	ignored(f, ping6_make(f, mac_other, 56));
	len = ping6_make(f, mac_us, 56);
	for (uint32_t cut = 0; cut < len; cut++)
		ignored(f, cut);
	f[ETH + 50] ^= 1; /* checksum */
	ignored(f, len);
	len = ping6_make(f, mac_us, 56);
	f[ETH + 6] = 44; /* a fragment */
	ignored(f, len);
}

static void advert_check(const uint8_t *f, const uint8_t *to_mac, const uint8_t *to, uint8_t flags)
{
	const uint8_t *ip = f + ETH;

	answered_by_us(f, to_mac);
	assert_memory_equal(ip + 8, v6_us, 16);
	assert_memory_equal(ip + 24, to, 16);
	assert_int_equal(ip[7], 255);
	assert_int_equal(ip[4] << 8 | ip[5], 32);
	assert_int_equal(ip[40], 136);
	assert_int_equal(ip[44], flags);
	assert_memory_equal(ip + 48, v6_us, 16);
	assert_int_equal(ip[64], 2);
	assert_int_equal(ip[65], 1);
	assert_memory_equal(ip + 66, mac_us, 6);
	assert_int_equal(sum6(ip, 32), 0xffff);
}

static void test_nd(void **state)
{
	static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
	static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	uint8_t f[ROOM];

	(void)state;
	assert_int_equal(ask(f, ns_make(f, mac_group, v6_group, v6_peer, true)), ETH + 72);
	advert_check(f, mac_peer, v6_peer, 0x60);
	assert_int_equal(ask(f, ns_make(f, mac_us, v6_us, v6_peer, true)), ETH + 72);
	advert_check(f, mac_peer, v6_peer, 0x60);
	/* The answer is longer than the question. */
	assert_int_equal(ask(f, ns_make(f, mac_us, v6_us, v6_peer, false)), ETH + 72);
	advert_check(f, mac_peer, v6_peer, 0x60);
	/* Duplicate address detection. */
	assert_int_equal(ask(f, ns_make(f, mac_group, v6_group, v6_none, false)), ETH + 72);
	advert_check(f, all_nodes_mac, all_nodes, 0x20);
}

static void test_nd_ignored(void **state)
{
	struct echo_conf conf = conf_make();
	uint8_t f[ROOM];
	uint32_t len;

	(void)state;
	ignored(f, ns_make(f, mac_group, v6_group, v6_none, true));
	ignored(f, ns_make(f, mac_us, v6_us, v6_none, false));
	ignored(f, ns_make(f, mac_all, v6_group, v6_peer, true));
	ignored(f, ns_make(f, mac_other, v6_us, v6_peer, true));
	len = ns_make(f, mac_us, v6_us, v6_peer, true);
	f[ETH + 7] = 254;
	ignored(f, len);
	len = ns_make(f, mac_us, v6_us, v6_peer, true);
	f[ETH + 63] = 9; /* another target */
	icmp6_sum(f + ETH);
	ignored(f, len);
	for (int bad = 0; bad < 3; bad += 2) { /* options of no length, and too long */
		len = ns_make(f, mac_us, v6_us, v6_peer, true);
		f[ETH + 65] = (uint8_t)bad;
		icmp6_sum(f + ETH);
		ignored(f, len);
	}
	len = ns_make(f, mac_us, v6_us, v6_peer, false);
	assert_int_equal(echo_reply(&conf, f, len, len + ECHO_GROWTH_MAX - 1), 0);
	assert_int_equal(echo_reply(&conf, f, len, len + ECHO_GROWTH_MAX), len + ECHO_GROWTH_MAX);
}

static void test_tags(void **state)
{
	static const uint8_t tags[8] = { 0x88, 0xa8, 0, 5, 0x81, 0, 0, 7 };
	uint8_t f[ROOM];

	(void)state;
	for (uint32_t n = 4; n <= 8; n += 4) {
		uint32_t len = ping4_make(f, mac_us, 20);

		memmove(f + 12 + n, f + 12, len - 12);
		memcpy(f + 12, tags, n);
		assert_int_equal(ask(f, len + n), len + n);
		answered_by_us(f, mac_peer);
		assert_memory_equal(f + 12, tags, n);
		assert_int_equal(sum(0, f + ETH + n + 20, 28), 0xffff);
	}
	eth_make(f, mac_us, 0x8100);
	ignored(f, ETH);
	ignored(f, ETH + 3);
}

static void test_no_mac(void **state)
{
	struct echo_conf conf = conf_make();
	uint8_t f[ROOM];
	uint32_t len = arp_make(f, mac_all, v4_us);

	(void)state;
	conf.n_macs = 0;
	assert_int_equal(echo_reply(&conf, f, len, ROOM), 0);
}

/* Changed questions in buffers of the exact size: ASAN sees each step outside. */
static void test_random(void **state)
{
	struct echo_conf conf = conf_make();
	uint8_t f[ROOM];

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < 100000; i++) {
		uint32_t len = i % 3 == 0   ? ns_make(f, mac_us, v6_us, v6_peer, i & 1)
			       : i % 3 == 1 ? ping4_make(f, mac_us, 8)
					    : arp_make(f, mac_all, v4_us);
		uint8_t *copy;

		for (int k = rand() % 3; k > 0; k--)
			f[12 + (uint32_t)rand() % (len - 12)] = (uint8_t)rand();
		/* Past the checksum, unless the length has gone out of the buffer. */
		if (i % 3 == 0 && f[ETH + 4] == 0)
			icmp6_sum(f + ETH);
		len -= (uint32_t)rand() % 4;
		copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, f, len);
		assert_true(echo_reply(&conf, copy, len, len) <= len);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp),	   cmocka_unit_test(test_ping4),
		cmocka_unit_test(test_ping4_sums), cmocka_unit_test(test_ping4_ignored),
		cmocka_unit_test(test_ping6),	   cmocka_unit_test(test_nd),
		cmocka_unit_test(test_nd_ignored), cmocka_unit_test(test_tags),
		cmocka_unit_test(test_no_mac),	   cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
