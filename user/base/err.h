/* SPDX-License-Identifier: GPL-2.0-only */
/* One error: a code, the attribute it is about, and a sentence for the user. */
#ifndef XVSW_BASE_ERR_H
#define XVSW_BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

#define ERR_TEXT_SIZE 256

struct err {
	int code;      /* -errno; 0: no error */
	uint16_t attr; /* enum xattr (conf.h) of the offending argument; 0: none */
	char text[ERR_TEXT_SIZE];
};

/*
 * err_set() - fill @err (may be NULL) and return @code, so that `return err_set(...)` reads well.
 * @code: -errno, below 0.
 * @attr: enum xattr, or 0.
 * The sentence names the argument and the reason, without a final full stop:
 * "vlan 4095 is out of range (1 to 4094)".
 */
int err_set(struct err *err, int code, uint16_t attr, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
