/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bytes are safe to show. */
#ifndef XVSW_CLI_UTF8_H
#define XVSW_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * utf8_next() - length in bytes (1 to 4) of the well-formed UTF-8 sequence at @s, which is not at
 * its closing zero; 0: malformed (overlong, surrogate, past U+10FFFF, cut short).
 * @printable: false for control characters (C0, DEL, C1) and line and direction controls.
 */
size_t utf8_next(const char *s, bool *printable);

#endif
