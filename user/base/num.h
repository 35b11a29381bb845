/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as text. */
#ifndef XVSW_BASE_NUM_H
#define XVSW_BASE_NUM_H

#include <stdint.h>

/*
 * num_parse_u32() - decimal digits and nothing else: no sign, no space, no prefix, no trailing
 * junk. Errors: EINVAL not such a number; ERANGE a number outside @min to @max. @out is untouched
 * then.
 */
int num_parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *out);

#endif
