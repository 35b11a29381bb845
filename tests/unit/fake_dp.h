/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A data path for tests of the model: keeps its own tables of what is installed, checks the
 * contract of dp.h on every call (a breach aborts the test), and can refuse any call.
 */
#ifndef XVSW_TESTS_FAKE_DP_H
#define XVSW_TESTS_FAKE_DP_H

#include <uthash.h>

#include "switch/dp.h"

#define FAKE_DP_ERROR (-EREMOTEIO) /* what a refused call returns; nothing else does */

struct fake_filter {
	struct {
		struct dp_switch *sw;
		struct dp_filter_key key;
	} key;
	uint32_t id;
	struct dp_vport *vport;
	UT_hash_handle hh;
};

struct dp_vport {
	struct dp_switch *sw;
	struct dp_vport_conf conf;
	struct dp_vport_info info;
	void *cookie;
	unsigned int n_filters;
	bool attached;
	struct dp_vport *prev, *next;
};

struct dp_switch {
	struct conf_switch conf;
	struct dp_switch_info info;
	void *cookie;
	struct dp_vport *vports;
	unsigned int n_vports;
	struct dp_switch *prev, *next;
};

struct fake_dp {
	unsigned int calls;   /* of those that can fail */
	unsigned int fail_at; /* refuse the call with this number; 0: none */
	bool fail_from;	      /* and all that follow */
	unsigned int refused;
	uint64_t last_set; /* of vport_set */
	struct xmac uplink_mac, guest_mac;
	uint32_t uplink_mtu;
	struct dp_switch *switches;
	struct fake_filter *filters;
};

extern const struct dp_ops fake_dp_ops;

void fake_dp_init(struct fake_dp *dp);
void fake_dp_free(struct fake_dp *dp);
struct dp_switch *fake_dp_switch(const struct fake_dp *dp, const char *name);
struct dp_vport *fake_dp_vport(const struct fake_dp *dp, const char *name);
/* The VPort that @key goes to, NULL: none. */
struct dp_vport *fake_dp_lookup(const struct fake_dp *dp, struct dp_switch *sw,
				const struct xmac *mac, uint16_t vlan);

#endif
