/* SPDX-License-Identifier: GPL-2.0-only */
/* A model over the fake data path, a log of its events, and short ways to give commands. */
#ifndef XVSW_TESTS_WORLD_H
#define XVSW_TESTS_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mac.h"
#include "fake_dp.h"
#include "maps/limits.h"
#include "switch/model.h"

struct world {
	struct model *m;
	struct fake_dp dp;
	struct err err;
	bool quiet;   /* do not log events */
	char *events; /* one line each: "filter add 3 → b"; never NULL */
};

struct world *world_new(void);
void world_free(struct world *w);

/* Everything that walks show, as text; the caller frees it. */
char *world_snapshot(struct world *w);
/* The model and the fake have the same switches, VPorts and filters. */
void world_check_agree(struct world *w);
/* The log of events since the last call is @expected. */
void world_expect_events(struct world *w, const char *expected);
void world_forget_events(struct world *w);

struct xmac mac_of(const char *text);
/* Unicast, locally administered, one for each number. */
struct xmac mac_no(uint32_t number);

struct conf_switch switch_conf(const char *name, const char *uplink);
struct conf_vport vport_conf(const char *name, const char *sw, enum xkind kind);
void vport_conf_mac(struct conf_vport *c, const char *mac);

/* These must succeed. */
void add_switch(struct world *w, const char *name, const char *uplink);
/* kind xsk, an optional MAC; returns the id. */
uint32_t add_xsk(struct world *w, const char *name, const char *sw, const char *mac);
uint32_t add_filter(struct world *w, const char *vport, struct xmac mac);

/* @ret is @code, and the sentence contains @part. */
void expect_error(struct world *w, int ret, int code, enum xattr attr, const char *part);

#endif
