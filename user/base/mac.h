/* SPDX-License-Identifier: GPL-2.0-only */
/* MAC addresses as text and their properties. */
#ifndef XVSW_BASE_MAC_H
#define XVSW_BASE_MAC_H

#include <stdbool.h>

#include "conf.h"

/* "aa:bb:cc:dd:ee:ff" with the closing zero. */
#define MAC_STR_SIZE 18

/*
 * mac_parse() - exactly six groups of two hex digits, in any case, separated by ':' or by '-'
 * throughout. Errors: EINVAL, @out is untouched.
 */
int mac_parse(const char *text, struct xmac *out);
/* Lower case with colons; returns @buf. */
const char *mac_format(const struct xmac *mac, char buf[MAC_STR_SIZE]);

/* Group bit: multicast, broadcast included. */
bool mac_is_multicast(const struct xmac *mac);
bool mac_is_zero(const struct xmac *mac);
bool mac_equal(const struct xmac *a, const struct xmac *b);

#endif
