/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of xvsw-guest share: parsed arguments, the running guest, how to fail. */
#ifndef XVSW_GUEST_CMD_H
#define XVSW_GUEST_CMD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "guest/addr.h"
#include "guest/echo_reply.h"
#include "guest/xvsw-guest.h"

/* Exit status. */
enum cmd_exit { CMD_OK, CMD_FAILED, CMD_USAGE, CMD_UNREACHABLE, CMD_DENIED };

/* Waits are cut to this, so that a signal between check and wait is seen soon. */
#define CMD_WAIT_MS 200
#define CMD_BURST 64

struct opt_mac {
	bool given;
	struct xmac mac;
};

struct cmd_args {
	/* Before the command. */
	const char *instance, *socket, *netns;
	bool json, help, version;
	/* The commands' own; numbers are 0 when not given. */
	uint32_t count, seconds, size, rate;
	bool poll, spin;
	struct opt_mac dst, src;
	const char *pcap;
	struct addr_list addrs; /* echo's operands, tap's --address */
	const char *ifname;
};

struct cmd_run {
	struct xvsw_guest *g;
	struct xvsw_guest_info info; /* as it was at the start */
	const struct cmd_args *args;
	const volatile sig_atomic_t *stop;
};

enum opt_kind { OPT_FLAG, OPT_U32, OPT_MAC, OPT_TEXT, OPT_ADDR };

struct opt {
	char letter; /* 0: none */
	const char *name;
	enum opt_kind kind;
	size_t offset; /* in struct cmd_args */
	uint32_t min, max;
	const char *arg, *help;
};

/*
 * opts_parse() - take options off the front of *argv until the first word that is none, or after
 * "--". The tables end with a NULL name. Returns CMD_OK, CMD_USAGE or, for a bad value, CMD_FAILED,
 * after saying why.
 */
int opts_parse(const struct opt *table, const char *command, struct cmd_args *args, int *argc,
	       char ***argv);
void opts_help(const struct opt *table);

/* One sentence on stderr; returns @code. */
int cmd_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The sentence for an error of a library call on the attached guest. */
int cmd_fail_guest(const struct cmd_run *run, int error);

int64_t cmd_now_ns(void);

/* Send @n frames, trying again for a while when the ring is full. 0 or -errno of the library. */
int cmd_send_all(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n);

/* The commands. */
int echo_run(struct cmd_run *run);
int rx_run(struct cmd_run *run);
int tx_run(struct cmd_run *run);
int tap_run(struct cmd_run *run);

#endif
