/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers of the echo guest, built in place of the question. Pure functions over a buffer.
 *
 * Answered: ARP requests, neighbour solicitations (unicast, to the solicited-node group, and
 * duplicate address detection), ICMP and ICMPv6 echo requests, with up to two VLAN tags, which the
 * answer keeps. Not answered: everything else, fragments, wrong checksums, echo requests to groups.
 */
#ifndef XVSW_GUEST_ECHO_REPLY_H
#define XVSW_GUEST_ECHO_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#define ECHO_ADDRS_MAX 64
#define ECHO_MACS_MAX 64
/* An advertisement may be larger than its solicitation by this. */
#define ECHO_GROWTH_MAX 8

struct echo_conf {
	uint32_t n_macs;	       /* 0: nothing is answered */
	uint8_t mac[ECHO_MACS_MAX][6]; /* answers come from the first; questions may go to each */
	uint32_t n_v4, n_v6;
	uint8_t v4[ECHO_ADDRS_MAX][4];
	uint8_t v6[ECHO_ADDRS_MAX][16];
};

/*
 * echo_reply() - turn a question into its answer.
 * @frame: Ethernet header first, @len bytes of it, with room for @room.
 * Returns the answer's length, or 0 (frame untouched) when there is none.
 */
uint32_t echo_reply(const struct echo_conf *conf, uint8_t *frame, uint32_t len, uint32_t room);

#endif
