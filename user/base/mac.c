// SPDX-License-Identifier: GPL-2.0-only
#include "base/mac.h"

#include <errno.h>
#include <string.h>

/* Not isxdigit() and friends: they depend on the locale. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct xmac *out)
{
	struct xmac mac;
	unsigned int i;
	char sep;

	if (!text || strlen(text) != MAC_STR_SIZE - 1)
		return -EINVAL;
	sep = text[2];
	if (sep != ':' && sep != '-')
		return -EINVAL;
	for (i = 0; i < sizeof(mac.b); i++) {
		int high = hex_digit(text[3 * i]);
		int low = hex_digit(text[3 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		if (i + 1 < sizeof(mac.b) && text[3 * i + 2] != sep)
			return -EINVAL;
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = mac;
	return 0;
}

const char *mac_format(const struct xmac *mac, char buf[MAC_STR_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i;

	for (i = 0; i < sizeof(mac->b); i++) {
		buf[3 * i] = digits[mac->b[i] >> 4];
		buf[3 * i + 1] = digits[mac->b[i] & 0xf];
		buf[3 * i + 2] = ':';
	}
	buf[MAC_STR_SIZE - 1] = '\0';
	return buf;
}

bool mac_is_multicast(const struct xmac *mac)
{
	return mac->b[0] & 1;
}

bool mac_is_zero(const struct xmac *mac)
{
	static const struct xmac zero;

	return mac_equal(mac, &zero);
}

bool mac_equal(const struct xmac *a, const struct xmac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
