/* SPDX-License-Identifier: GPL-2.0-only */
/* IP addresses as arguments: IP[/LEN]. */
#ifndef XVSW_GUEST_ADDR_H
#define XVSW_GUEST_ADDR_H

#include <stdint.h>

#define ADDR_LIST_MAX 64

struct addr {
	int family;    /* AF_INET or AF_INET6 */
	uint8_t b[16]; /* network order; the first 4 for IPv4 */
	uint32_t plen; /* prefix length; 32 or 128 when not given */
};

struct addr_list {
	unsigned int n;
	struct addr addr[ADDR_LIST_MAX];
};

/* Unicast addresses only. Errors: -EINVAL; @out is untouched then. */
int addr_parse(const char *text, struct addr *out);

#endif
