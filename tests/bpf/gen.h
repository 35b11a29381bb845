/* SPDX-License-Identifier: GPL-2.0-only */
/* Small programs of the tests' own, written as instructions. All return a descriptor or -errno. */
#ifndef XVSW_TESTS_BPF_GEN_H
#define XVSW_TESTS_BPF_GEN_H

/*
 * For the far end of a pair: passes frames up, those with metadata with its 8 bytes in front, where
 * a packet socket can see them.
 */
int gen_peek(void);

/*
 * Sends what it gets out of @ifindex; every second frame, from the first or the second on, with its
 * destination changed to broadcast. So one burst has both kinds.
 */
int gen_mix(unsigned int ifindex, int broadcast_first);

#endif
