/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of switches, VPorts and instances. */
#ifndef XVSW_BASE_NAME_H
#define XVSW_BASE_NAME_H

/* What name_check() wants, for error sentences. */
#define NAME_RULE                                                                                  \
	"1 to 31 letters, digits, '.', '_' or '-', not beginning with '.' or '-', and not "        \
	"\"default\""

/*
 * name_check() - 1 to 31 bytes of ASCII letters, digits, '.', '_', '-'; the first is not '.' or '-'
 * (names become file names and arguments); not "default", which stands for the default VPort.
 * Errors: EINVAL. NULL is refused too.
 */
int name_check(const char *name);

/*
 * name_check_ifname() - what the kernel takes as an interface name: 1 to 15 bytes, no '/', no ':',
 * no white space, not "." or "..". Errors: EINVAL.
 */
int name_check_ifname(const char *name);

/* Text shown to people: well-formed UTF-8 without control characters; may be empty. EINVAL. */
int name_check_text(const char *text);

#endif
