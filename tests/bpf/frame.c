// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "frame.h"

static uint32_t put16(uint8_t *buf, uint32_t at, uint16_t value)
{
	buf[at] = value >> 8;
	buf[at + 1] = value & 0xff;
	return at + 2;
}

uint32_t frame_build(const struct frame_spec *spec, uint8_t *buf)
{
	uint32_t len = spec->len ? spec->len : FRAME_LEN, at = 12, i;

	memcpy(buf, spec->dst, 6);
	memcpy(buf + 6, spec->src, 6);
	for (i = 0; i < FRAME_TAGS; i++) {
		if (!spec->tags[i].tpid)
			continue;
		at = put16(buf, at, spec->tags[i].tpid);
		at = put16(buf, at, spec->tags[i].tci);
	}
	at = put16(buf, at, spec->proto ? spec->proto : FRAME_PROTO);
	for (i = 0; at + i < len; i++)
		buf[at + i] = 17 + i * 7 + (i >> 8);
	return len;
}

struct frame_spec frame_untagged(const struct frame_spec *spec)
{
	struct frame_spec out = *spec;

	out.tags[0] = spec->tags[1];
	memset(&out.tags[1], 0, sizeof(out.tags[1]));
	out.len = (spec->len ? spec->len : FRAME_LEN) - 4;
	return out;
}

struct frame_spec frame_tagged(const struct frame_spec *spec, uint16_t tpid, uint16_t tci)
{
	struct frame_spec out = *spec;

	out.tags[1] = spec->tags[0];
	out.tags[0] = (struct frame_tag){ tpid, tci };
	out.len = (spec->len ? spec->len : FRAME_LEN) + 4;
	return out;
}

long frame_differs(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t i, n = a_len < b_len ? a_len : b_len;

	for (i = 0; i < n; i++)
		if (a[i] != b[i])
			return i;
	return a_len == b_len ? -1 : (long)n;
}

const char *frame_text(const uint8_t *data, size_t len, char *buf, size_t size)
{
	size_t i, at = 0;

	buf[0] = 0;
	for (i = 0; i < len && i < 32 && at + 3 < size; i++)
		at += snprintf(buf + at, size - at, "%02x", data[i]);
	return buf;
}
