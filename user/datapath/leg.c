// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's leg: a veth pair between the XDP world and the host's stack (bpf/host.bpf.c). Its
 * switch end runs the port program, its host end hands frames to the uplink's ingress.
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
#define LEG_MTU (XVSW_MTU_MAX + 22)

static const struct ethtool_want leg_features[] = {
	/* The other end runs XDP: frames must be whole, with their tags in them. */
	{ "tx-checksum-ip-generic", false },
	{ "tx-vlan-hw-insert", false },
	{ "tx-vlan-stag-hw-insert", false },
	/* Gives the end a NAPI, without which nothing can be redirected to its peer. */
	{ "rx-gro", true },
};

static int leg_up(struct dp_switch *sw, uint32_t ifindex, const char *name)
{
	struct nl_sock *rt = sw->dp->rt;
	int r = link_set_no_ipv6(name);

	r = r ? r : link_set_noarp(rt, ifindex);
	return r ? r : link_set_up(rt, ifindex, true);
}

int leg_add(struct dp_switch *sw, struct err *err)
{
	struct leg *leg = &sw->leg;
	struct link_veth veth = { .name = leg->name[0],
				  .peer = leg->name[1],
				  .peer_netns_fd = -1,
				  .mtu = LEG_MTU,
				  .queues = 1,
				  .group = sw->group };
	char text[128] = "";
	struct link_info li;
	bool generic;
	int i, r;

	/* One uplink belongs to one switch, so its number makes the names unique. */
	snprintf(leg->name[0], sizeof(leg->name[0]), "xvl%us", sw->info.ifindex);
	snprintf(leg->name[1], sizeof(leg->name[1]), "xvl%uh", sw->info.ifindex);
	leg->link_fd = -1;
	r = link_veth_create(sw->dp->rt, &veth, text, sizeof(text));
	if (r)
		return err_set(err, r, 0, "cannot make the host's leg %s: %s", leg->name[0],
			       *text ? text : strerror(-r));
	for (i = 0; i < 2 && !r; i++) {
		r = link_get(sw->dp->rt, leg->name[i], &li);
		leg->ifindex[i] = r ? 0 : li.ifindex;
	}
	r = r ? r : ethtool_features_set(sw->dp->genl, leg->ifindex[1], leg_features, 4);
	r = r ? r : progs_attach_port(sw, leg->ifindex[0], "port_0", &generic, &leg->link_fd);
	r = r ? r : tc_attach(leg->ifindex[1], false, sw->progs.host_in, "host_in");
	for (i = 0; i < 2 && !r; i++)
		r = leg_up(sw, leg->ifindex[i], leg->name[i]);
	r = r ? r : progs_conf_store(sw);
	if (!r)
		return 0;
	err_set(err, r, 0, "cannot set up the host's leg %s: %s", leg->name[0], strerror(-r));
	leg_del(sw);
	return r;
}

void leg_del(struct dp_switch *sw)
{
	struct leg *leg = &sw->leg;
	int r;

	if (leg->link_fd >= 0)
		close(leg->link_fd);
	leg->link_fd = -1;
	if (leg->ifindex[0]) {
		r = link_del(sw->dp->rt, leg->ifindex[0]);
		if (r && r != -ENODEV)
			log_warn("%s: cannot delete: %s", leg->name[0], strerror(-r));
	}
	leg->ifindex[0] = leg->ifindex[1] = 0;
}
