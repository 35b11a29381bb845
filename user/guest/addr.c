/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "guest/addr.h"

static bool addr_is_unicast(const struct addr *a)
{
	static const uint8_t zero[16];

	if (a->family == AF_INET)
		return a->b[0] != 0 && a->b[0] < 224;
	return a->b[0] != 0xff && memcmp(a->b, zero, sizeof(zero)) != 0;
}

int addr_parse(const char *text, struct addr *out)
{
	size_t len = strcspn(text, "/");
	char ip[INET6_ADDRSTRLEN];
	struct addr a = { 0 };
	uint32_t max;

	if (len >= sizeof(ip))
		return -EINVAL;
	memcpy(ip, text, len);
	ip[len] = 0;
	a.family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	max = a.family == AF_INET6 ? 128 : 32;
	a.plen = max;
	if (inet_pton(a.family, ip, a.b) != 1 || !addr_is_unicast(&a))
		return -EINVAL;
	if (text[len] && num_parse_u32(text + len + 1, 0, max, &a.plen))
		return -EINVAL;
	*out = a;
	return 0;
}
