// SPDX-License-Identifier: GPL-2.0-only
#include "base/name.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/conf.h"

/* Not isalnum(): it depends on the locale. */
static bool name_char_ok(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

int name_check(const char *name)
{
	size_t i;

	if (!name || !*name || *name == '-' || *name == '.' || strcmp(name, "default") == 0)
		return -EINVAL;
	for (i = 0; name[i]; i++)
		if (i >= CONF_NAME_SIZE - 1 || !name_char_ok(name[i]))
			return -EINVAL;
	return 0;
}

int name_check_ifname(const char *name)
{
	size_t i;

	if (!name || !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	for (i = 0; name[i]; i++) {
		unsigned char c = (unsigned char)name[i];

		if (i >= CONF_IFNAME_SIZE - 1 || c <= ' ' || c == 0x7f || c == 0xa0 || c == '/' ||
		    c == ':')
			return -EINVAL;
	}
	return 0;
}

/*
 * Length of the UTF-8 sequence at @s, or 0 when it is not one: overlong forms, surrogates, values
 * past U+10FFFF and control characters (C0, DEL, C1) are none. Reads no further than a zero byte.
 */
static size_t utf8_len(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t code;
	size_t i;

	if (!len || s[0] >= 0xf8)
		return 0;
	code = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[len] || code == 0x7f || (code >= 0xd800 && code <= 0xdfff) ||
	    code > 0x10ffff)
		return 0;
	return len;
}

int name_check_text(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	if (!text)
		return -EINVAL;
	for (; *s; s += len) {
		len = utf8_len(s);
		if (!len)
			return -EINVAL;
	}
	return 0;
}
