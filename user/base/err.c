// SPDX-License-Identifier: GPL-2.0-only
#include "base/err.h"

#include <stdio.h>

int err_set(struct err *err, int code, uint16_t attr, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->attr = attr;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}
