/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentence of the last refusal, one a thread. */
#include <stdarg.h>
#include <stdio.h>

#include "guest/internal.h"

static _Thread_local char error_text[BROKER_TEXT_SIZE];

int guest_error_set(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
	return code;
}

const char *xvsw_guest_error(void)
{
	return error_text;
}
