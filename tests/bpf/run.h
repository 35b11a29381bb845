/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a program over a frame: as a call that hands back verdict, frame and metadata, or as live
 * frames that go where the program sends them.
 */
#ifndef XVSW_TESTS_BPF_RUN_H
#define XVSW_TESTS_BPF_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "lab.h"

#define META(s, d, v, f)                                                                           \
	{                                                                                          \
		.magic = XVSW_META_MAGIC, .version = XVSW_META_VERSION, .flags = (f), .src = (s),  \
		.dst = (d), .vlan = (v)                                                            \
	}
#define NO_FRAME                                                                                   \
	{                                                                                          \
		.len = 0                                                                           \
	}

/* Of struct run_case: the TCI that names the source on the flood pair. */
#define FLOODED(source) (0x10000 | (source))

enum run_prog { RUN_UPLINK, RUN_PORT, RUN_FLOOD, RUN_GUEST };

/* One row: a frame into a program, and all that may come of it. */
struct run_case {
	const char *name;
	enum run_prog prog;
	enum lab_port in;  /* RUN_FLOOD: not looked at, the pair is one */
	int from_stranger; /* on a device that is in no map */
	unsigned int with; /* LAB_* */
	struct frame_spec frame;
	struct xvsw_meta meta_in; /* magic 0: none */
	int verdict;
	struct frame_spec out; /* len 0: unchanged. Not looked at when dropped */
	uint32_t flooded;      /* FLOODED(): `out` goes to the flood pair, behind this tag */
	struct xvsw_meta meta; /* magic 0: none expected */
	struct lab_count counts[COUNTS_MAX];
};

struct run_result {
	int verdict;
	uint32_t meta_len, len;
	uint8_t meta[256];
	uint8_t frame[FRAME_MAX];
};

int run_prog_fd(const struct lab *lab, enum run_prog prog);

/* 0 or -errno; @meta may be NULL. */
int run_xdp(int prog_fd, uint32_t ifindex, const uint8_t *frame, uint32_t len,
	    const struct xvsw_meta *meta, struct run_result *out);
/* @n live frames in bursts of @burst, 0: the kernel's. */
int run_live(int prog_fd, uint32_t ifindex, const struct frame_spec *frame, uint32_t n,
	     uint32_t burst);

/* Checks a whole row; fails the running test. */
void run_case(struct lab *lab, const struct run_case *c);

/*
 * Exactly @n frames like @frame (with @meta in front, unless NULL) came out of @p since the last
 * call, in this order and nothing else. Fails the running test.
 */
void run_expect(struct lab *lab, enum lab_port p, uint32_t n, const struct frame_spec *frame,
		const struct xvsw_meta *meta);
/* The same as run_expect() with nothing, at every port. */
void run_expect_silence(struct lab *lab);

/* A test program's main(): the rows of a table, then @tests, which get the lab as state. */
struct CMUnitTest;
int run_main(const char *name, const struct run_case *cases, size_t n_cases,
	     const struct CMUnitTest *tests, size_t n_tests);

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#endif
