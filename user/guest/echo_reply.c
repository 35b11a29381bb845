/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "guest/echo_reply.h"

#define ETH_HLEN 14
#define VLAN_HLEN 4
#define VLAN_TAGS_MAX 2
#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_QINQ 0x88a8

#define ARP_LEN 28
#define IPV4_HLEN 20
#define IPV6_HLEN 40
#define PROTO_ICMP 1
#define PROTO_ICMPV6 58
#define ECHO_HLEN 8
#define ICMP_ECHO_REQUEST 8
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ECHO_REPLY 129
#define ND_SOLICIT 135
#define ND_ADVERT 136
#define ND_LEN 24
#define ND_ADVERT_LEN (ND_LEN + 8)
#define ND_OPT_SOURCE 1
#define ND_OPT_TARGET 2
#define ND_F_SOLICITED 0x40
#define ND_F_OVERRIDE 0x20
#define TTL 64

/* One question: where its network header starts, and how much follows. */
struct view {
	const struct echo_conf *conf;
	uint8_t *frame, *l3;
	uint32_t l3_len; /* bytes in the frame from l3 on */
	uint32_t l3_room;
};

static uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint64_t sum_add(uint64_t sum, const uint8_t *p, uint32_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get_be16(p);
	return len ? sum + (uint32_t)(p[0] << 8) : sum;
}

/* The Internet checksum (RFC 1071) of what was added; 0 over data that contain a right one. */
static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* ICMPv6 sums the addresses, the length and the protocol too (RFC 4443, 2.3). */
static uint16_t icmpv6_sum(const uint8_t *ip6, uint32_t len)
{
	uint64_t sum = sum_add(0, ip6 + 8, 32);

	return sum_fold(sum_add(sum + len + PROTO_ICMPV6, ip6 + IPV6_HLEN, len));
}

static bool mac_is_ours(const struct echo_conf *conf, const uint8_t *mac)
{
	for (uint32_t i = 0; i < conf->n_macs; i++)
		if (memcmp(conf->mac[i], mac, 6) == 0)
			return true;
	return false;
}

static bool v4_is_ours(const struct echo_conf *conf, const uint8_t *addr)
{
	for (uint32_t i = 0; i < conf->n_v4; i++)
		if (memcmp(conf->v4[i], addr, 4) == 0)
			return true;
	return false;
}

static bool v6_is_ours(const struct echo_conf *conf, const uint8_t *addr)
{
	for (uint32_t i = 0; i < conf->n_v6; i++)
		if (memcmp(conf->v6[i], addr, 16) == 0)
			return true;
	return false;
}

static bool v6_is_zero(const uint8_t *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr, zero, sizeof(zero)) == 0;
}

static void set_macs(struct view *v, const uint8_t *to)
{
	memmove(v->frame, to, 6);
	memcpy(v->frame + 6, v->conf->mac[0], 6);
}

static bool reply_arp(struct view *v)
{
	static const uint8_t request[8] = { 0, 1, 0x08, 0x00, 6, 4, 0, 1 };
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t *arp = v->l3, asked[4];

	if (v->l3_len < ARP_LEN || memcmp(arp, request, sizeof(request)) != 0)
		return false;
	if (memcmp(v->frame, broadcast, 6) != 0 && !mac_is_ours(v->conf, v->frame))
		return false;
	if (!v4_is_ours(v->conf, arp + 24) || (arp[8] & 1))
		return false;
	memcpy(asked, arp + 24, 4);
	put_be16(arp + 6, 2);
	memcpy(arp + 18, arp + 8, 10);
	memcpy(arp + 8, v->conf->mac[0], 6);
	memcpy(arp + 14, asked, 4);
	set_macs(v, arp + 18);
	return true;
}

/* An unfragmented IPv4 packet to us with right checksums and an echo request in it. */
static bool icmp_is_question(const struct view *v, uint32_t *hlen, uint32_t *len)
{
	const uint8_t *ip = v->l3;

	if (v->l3_len < IPV4_HLEN || ip[0] >> 4 != 4)
		return false;
	*hlen = (ip[0] & 0xf) * 4u;
	*len = get_be16(ip + 2);
	if (*hlen < IPV4_HLEN || *len < *hlen + ECHO_HLEN || *len > v->l3_len)
		return false;
	if ((get_be16(ip + 6) & 0x3fff) || ip[9] != PROTO_ICMP || sum_fold(sum_add(0, ip, *hlen)))
		return false;
	if (!mac_is_ours(v->conf, v->frame) || !v4_is_ours(v->conf, ip + 16))
		return false;
	/* No sender to answer: 0.0.0.0/8, groups and broadcast. */
	if (ip[12] == 0 || ip[12] >= 224)
		return false;
	return ip[*hlen] == ICMP_ECHO_REQUEST && ip[*hlen + 1] == 0 &&
	       sum_fold(sum_add(0, ip + *hlen, *len - *hlen)) == 0;
}

static bool reply_ipv4(struct view *v)
{
	uint8_t *ip = v->l3, *icmp, addr[4];
	uint32_t hlen, len;

	if (!icmp_is_question(v, &hlen, &len))
		return false;
	icmp = ip + hlen;
	memcpy(addr, ip + 12, 4);
	memcpy(ip + 12, ip + 16, 4);
	memcpy(ip + 16, addr, 4);
	ip[8] = TTL;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, sum_fold(sum_add(0, ip, hlen)));
	icmp[0] = 0;
	/* Only the type has changed (RFC 1624, equation 3). */
	put_be16(icmp + 2, sum_fold((uint64_t)(uint16_t)~get_be16(icmp + 2) +
				    (uint16_t) ~(ICMP_ECHO_REQUEST << 8)));
	set_macs(v, v->frame + 6);
	return true;
}

static bool reply_echo6(struct view *v, uint32_t len)
{
	uint8_t *ip = v->l3, *icmp = ip + IPV6_HLEN, addr[16];

	if (len < ECHO_HLEN || icmp[1] != 0 || !mac_is_ours(v->conf, v->frame) ||
	    !v6_is_ours(v->conf, ip + 24) || v6_is_zero(ip + 8))
		return false;
	memcpy(addr, ip + 8, 16);
	memcpy(ip + 8, ip + 24, 16);
	memcpy(ip + 24, addr, 16);
	ip[7] = TTL;
	icmp[0] = ICMPV6_ECHO_REPLY;
	put_be16(icmp + 2, 0);
	put_be16(icmp + 2, icmpv6_sum(ip, len));
	set_macs(v, v->frame + 6);
	return true;
}

/* Options are well-formed, and absent ones where the sender has no address (RFC 4861, 7.1.1). */
static bool nd_options_valid(const uint8_t *ip, uint32_t len)
{
	const uint8_t *options = ip + IPV6_HLEN + ND_LEN;

	for (uint32_t at = 0, all = len - ND_LEN; at < all; at += options[at + 1] * 8u) {
		if (all - at < 8 || options[at + 1] == 0 || options[at + 1] * 8u > all - at)
			return false;
		if (options[at] == ND_OPT_SOURCE && v6_is_zero(ip + 8))
			return false;
	}
	return true;
}

/* To the target itself, or to its solicited-node group ff02::1:ffXX:XXXX. */
static bool nd_dst_valid(const struct view *v, const uint8_t *target)
{
	static const uint8_t group[13] = { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff };
	static const uint8_t group_mac[3] = { 0x33, 0x33, 0xff };
	const uint8_t *dst = v->l3 + 24;

	if (memcmp(dst, group, sizeof(group)) == 0 && memcmp(dst + 13, target + 13, 3) == 0)
		return mac_is_ours(v->conf, v->frame) ||
		       (memcmp(v->frame, group_mac, 3) == 0 &&
			memcmp(v->frame + 3, target + 13, 3) == 0);
	/* Duplicate address detection goes to the group only. */
	return memcmp(dst, target, 16) == 0 && mac_is_ours(v->conf, v->frame) &&
	       !v6_is_zero(v->l3 + 8);
}

static bool reply_nd(struct view *v, uint32_t len)
{
	static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
	static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	uint8_t *ip = v->l3, *nd = ip + IPV6_HLEN;
	bool probe = v6_is_zero(ip + 8);

	if (len < ND_LEN || nd[1] != 0 || ip[7] != 255 || !v6_is_ours(v->conf, nd + 8) ||
	    !nd_options_valid(ip, len) || !nd_dst_valid(v, nd + 8) ||
	    v->l3_room < IPV6_HLEN + ND_ADVERT_LEN)
		return false;
	set_macs(v, probe ? all_nodes_mac : v->frame + 6);
	memcpy(ip + 24, probe ? all_nodes : ip + 8, 16);
	memcpy(ip + 8, nd + 8, 16);
	put_be16(ip + 4, ND_ADVERT_LEN);
	nd[0] = ND_ADVERT;
	memset(nd + 2, 0, 6);
	nd[4] = probe ? ND_F_OVERRIDE : ND_F_OVERRIDE | ND_F_SOLICITED;
	nd[ND_LEN] = ND_OPT_TARGET;
	nd[ND_LEN + 1] = 1;
	memcpy(nd + ND_LEN + 2, v->conf->mac[0], 6);
	put_be16(nd + 2, icmpv6_sum(ip, ND_ADVERT_LEN));
	v->l3_len = IPV6_HLEN + ND_ADVERT_LEN;
	return true;
}

static bool reply_ipv6(struct view *v)
{
	const uint8_t *ip = v->l3;
	uint32_t len;

	if (v->l3_len < IPV6_HLEN || ip[0] >> 4 != 6 || ip[6] != PROTO_ICMPV6)
		return false;
	len = get_be16(ip + 4);
	if (len < ECHO_HLEN || len > v->l3_len - IPV6_HLEN || ip[8] == 0xff || icmpv6_sum(ip, len))
		return false;
	if (ip[IPV6_HLEN] == ICMPV6_ECHO_REQUEST)
		return reply_echo6(v, len);
	return ip[IPV6_HLEN] == ND_SOLICIT && reply_nd(v, len);
}

uint32_t echo_reply(const struct echo_conf *conf, uint8_t *frame, uint32_t len, uint32_t room)
{
	struct view v = { .conf = conf, .frame = frame };
	uint32_t at = ETH_HLEN;
	uint16_t type;
	bool done = false;

	if (len < ETH_HLEN || room < len || conf->n_macs == 0 || (frame[6] & 1))
		return 0;
	type = get_be16(frame + 12);
	for (int i = 0; i < VLAN_TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ);
	     i++) {
		if (len - at < VLAN_HLEN)
			return 0;
		type = get_be16(frame + at + 2);
		at += VLAN_HLEN;
	}
	v.l3 = frame + at;
	v.l3_len = len - at;
	v.l3_room = room - at;
	if (type == ETHERTYPE_ARP)
		done = reply_arp(&v);
	else if (type == ETHERTYPE_IP)
		done = reply_ipv4(&v);
	else if (type == ETHERTYPE_IPV6)
		done = reply_ipv6(&v);
	return done ? at + v.l3_len : 0;
}
