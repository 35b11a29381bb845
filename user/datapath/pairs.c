// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch's own veth pairs. The host's leg lies between the XDP world and the host's stack
 * (bpf/host.bpf.c): its switch end runs the port program, its host end hands frames to the uplink's
 * ingress. The flood pair (bpf/flood.bpf.c) has the poll in which floods are cloned.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/ethtool.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/tc.h"

/* Room for the tag that names the source. */
#define PAIR_MTU (XVSW_MTU_MAX + 22)

static const struct ethtool_want leg_features[] = {
	/* The other end runs XDP: frames must be whole, with their tags in them. */
	{ "tx-checksum-ip-generic", false },
	{ "tx-vlan-hw-insert", false },
	{ "tx-vlan-stag-hw-insert", false },
	/* Gives the end a NAPI, without which nothing can be redirected to its peer. */
	{ "rx-gro", true },
};

static int pair_create(struct dp_switch *sw, struct pair *p, const char *ends, struct err *err)
{
	struct link_veth veth = { .name = p->name[0],
				  .peer = p->name[1],
				  .peer_netns_fd = -1,
				  .mtu = PAIR_MTU,
				  .queues = 1,
				  .group = sw->group };
	char text[128] = "";
	struct link_info li;
	int i, r;

	/* One uplink belongs to one switch, so its number makes the names unique. */
	for (i = 0; i < 2; i++)
		snprintf(p->name[i], sizeof(p->name[i]), "xvl%u%c", sw->number, ends[i]);
	p->link_fd = -1;
	r = link_veth_create(sw->dp->rt, &veth, text, sizeof(text));
	for (i = 0; i < 2 && !r; i++) {
		r = link_get(sw->dp->rt, p->name[i], &li);
		p->ifindex[i] = r ? 0 : li.ifindex;
	}
	if (r)
		return err_set(err, r, 0, "cannot make the veth pair %s and %s: %s", p->name[0],
			       p->name[1], *text ? text : strerror(-r));
	return 0;
}

/* Silent, then up. */
static int pair_up(struct dp_switch *sw, const struct pair *p)
{
	struct nl_sock *rt = sw->dp->rt;
	int i, r = 0;

	for (i = 0; i < 2 && !r; i++) {
		r = link_set_no_ipv6(p->name[i]);
		r = r ? r : link_set_noarp(rt, p->ifindex[i]);
		r = r ? r : link_set_up(rt, p->ifindex[i], true);
	}
	return r;
}

static int leg_setup(struct dp_switch *sw)
{
	struct pair *leg = &sw->leg;
	bool generic;
	int r;

	r = ethtool_features_set(sw->dp->genl, leg->ifindex[1], leg_features, 4);
	r = r ? r : progs_attach_port(sw, leg->ifindex[0], "port_0", &generic, &leg->link_fd);
	r = r ? r : tc_attach(leg->ifindex[1], false, sw->progs.host_in, "host_in");
	return r ? r : pair_up(sw, leg);
}

static int flood_setup(struct dp_switch *sw)
{
	const __u32 key = XVSW_PORT_FLOOD;
	int r = progs_attach_flood(sw);

	r = r ? r : pair_up(sw, &sw->flood);
	return r ? r : map_update(sw->progs.ports, &key, &sw->flood.ifindex[0], MAP_ANY);
}

static void pair_del(struct dp_switch *sw, struct pair *p)
{
	int r;

	if (p->link_fd >= 0)
		close(p->link_fd);
	p->link_fd = -1;
	if (!p->ifindex[0])
		return;
	r = link_del(sw->dp->rt, p->ifindex[0]);
	if (r && r != -ENODEV)
		log_warn("%s: cannot delete: %s", p->name[0], strerror(-r));
	p->ifindex[0] = p->ifindex[1] = 0;
}

bool is_own_group(uint32_t group)
{
	return (group & DEVICE_GROUP_MASK) == DEVICE_GROUP;
}

int pairs_add(struct dp_switch *sw, struct err *err)
{
	int r = pair_create(sw, &sw->leg, "sh", err);

	r = r ? r : pair_create(sw, &sw->flood, "fc", err);
	if (!r) {
		r = leg_setup(sw);
		r = r ? r : flood_setup(sw);
		r = r ? r : progs_conf_store(sw);
		if (!r) {
			drops_plug(sw->dp, &sw->flood_drops, sw->flood.ifindex[0]);
			return 0;
		}
		err_set(err, r, 0, "cannot set up %s and %s: %s", sw->leg.name[0],
			sw->flood.name[0], strerror(-r));
	}
	pairs_del(sw);
	return r;
}

void pairs_del(struct dp_switch *sw)
{
	pair_del(sw, &sw->flood);
	pair_del(sw, &sw->leg);
}
