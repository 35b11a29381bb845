/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `show`, `stats` and `monitor` tell: filled by the model, carried by the protocol, printed by
 * the tool. CLI.md has the JSON key of each member; a key is absent where the comment says so.
 */
#ifndef XVSW_BASE_INFO_H
#define XVSW_BASE_INFO_H

#include "conf.h"

#define INFO_REASON_SIZE 256
#define INFO_REASONS_MAX 32

struct info_switch {
	char name[CONF_NAME_SIZE];
	char uplink[CONF_IFNAME_SIZE];
	uint32_t ifindex; /* 0 (absent): the uplink is gone */
	enum xmode mode;  /* as attached: native or generic */
	bool dispatcher;
	enum xstate state;	       /* up, degraded, down */
	char reason[INFO_REASON_SIZE]; /* empty (absent): up */
	uint32_t max_vports, max_vfs, vports;
	enum xpool pool;
};

struct info_filter {
	uint32_t id;
	struct xmac mac;
	uint16_t vlan;
	char vport[CONF_NAME_SIZE * 2]; /* the default VPort's name is SW/default */
	char sw[CONF_NAME_SIZE];
};

/* Totals over the CPUs, from the guest's side. */
struct info_stats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, rx_dropped, tx_dropped;
	unsigned int n_reasons; /* all reasons, zeros included */
	struct {
		char name[CONF_NAME_SIZE];
		uint64_t count;
	} reasons[INFO_REASONS_MAX];
};

struct info_vport {
	char name[CONF_NAME_SIZE * 2];
	uint32_t id;
	char sw[CONF_NAME_SIZE];
	enum xkind kind;
	enum xstate state; /* up, down, waiting */
	enum xpath path;
	char reason[INFO_REASON_SIZE]; /* empty (absent): best path and up */
	char dev[CONF_IFNAME_SIZE];    /* our end's name; empty (absent): none */
	struct conf_vlan vlan;
	bool spoofcheck, isolated;
	enum xhook hook; /* in force: xdp or tc */
	uint32_t mtu;
	bool has_owner; /* xsk and queue only */
	uid_t owner;
	char cpu[CONF_VLAN_LIST_SIZE];	 /* empty: absent */
	char moderation[CONF_NAME_SIZE]; /* empty: absent */
	char alias[CONF_ALIAS_SIZE];	 /* empty: absent */
	/*
	 * Not filled by the model and not on the wire (a VPort may have 60,000): the tool joins the
	 * dump of filters to that of VPorts before it prints. Events of VPorts have no filters key.
	 */
	bool has_filters;
	unsigned int n_filters;
	struct info_filter *filters;
	bool has_stats;
	struct info_stats stats;
};

#endif
