// SPDX-License-Identifier: GPL-2.0-only
#include "base/num.h"

#include <errno.h>
#include <stdbool.h>

int num_parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
	bool too_large = false;
	uint64_t value = 0;

	if (!text || !*text)
		return -EINVAL;
	/* All of it is looked at, so that "99999999999x" is junk rather than out of range. */
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > UINT32_MAX) {
			too_large = true;
			value = 0;
		}
	}
	if (too_large || value < min || value > max)
		return -ERANGE;
	*out = (uint32_t)value;
	return 0;
}
