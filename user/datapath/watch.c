// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "base/log.h"
#include "base/mac.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/netdev.h"
#include "datapath/nl.h"
#include "datapath/watch.h"

static void uplink_gone(struct dp_switch *sw)
{
	struct dp_vport *host;
	uint32_t zero = 0;

	log_warn("switch %s: uplink %s is gone", sw->name, sw->uplink);
	uplink_unplug(sw, true);
	switch_refresh(sw, true);
	HASH_FIND(hh, sw->vports, &zero, sizeof(zero), host);
	if (host)
		vport_refresh(host, true);
}

static void uplink_back(struct dp_switch *sw)
{
	struct dp_vport *host;
	struct err err = {};
	uint32_t zero = 0;

	if (uplink_plug(sw, &err)) {
		log_warn("switch %s: uplink %s is back but of no use: %s", sw->name, sw->uplink,
			 err.text);
		return;
	}
	log_info("switch %s: uplink %s is back", sw->name, sw->uplink);
	fdb_replug(sw);
	record_switch(sw);
	switch_refresh(sw, true);
	HASH_FIND(hh, sw->vports, &zero, sizeof(zero), host);
	if (host)
		vport_refresh(host, true);
}

static void uplink_changed(struct dp_switch *sw, const struct link_info *li)
{
	struct dp_switch_info *i = &sw->info;
	bool address = !mac_equal(&i->mac, &li->mac);
	struct dp_vport *vp, *tmp;

	sw->link_up = li->up;
	sw->carrier = li->carrier;
	if (li->xdp_prog_id != sw->xdp_prog_id)
		sw->xdp_gone = !uplink_is_of(li->ifindex, map_id(sw->progs.conf));
	else
		sw->xdp_gone = false;
	if (!netdev_xdp_features(sw->dp->genl, li->ifindex, &sw->features))
		sw->features_known = true;
	if (address || i->mtu != li->mtu) {
		i->mac = li->mac;
		i->mtu = li->mtu;
		uplink_store(sw);
		HASH_ITER (hh, sw->vports, vp, tmp) {
			if (vp->conf.kind == XKIND_HOST) {
				vp->info.mtu = li->mtu;
				port_tables_update(vp);
				vport_tell(vp);
			}
		}
	}
	switch_refresh(sw, true);
	if (address && sw->cookie)
		sw->dp->events->switch_changed(sw->dp->ctx, sw->cookie, i);
}

static void port_gone(struct dp_vport *vp)
{
	log_warn("VPort %s: device %s is gone", vp->conf.name, vp->info.dev);
	port_unplug(vp);
	vport_refresh(vp, true);
}

static void port_changed(struct dp_vport *vp, const struct link_info *li)
{
	vp->link_up = li->up;
	vp->carrier = li->carrier;
	if (!netdev_xdp_features(vp->sw->dp->genl, li->ifindex, &vp->features))
		vp->features_known = true;
	if (vp->conf.kind == XKIND_DEV && !vp->conf.mtu && vp->info.mtu != li->mtu) {
		vp->info.mtu = li->mtu;
		port_tables_update(vp);
		vport_tell(vp);
	}
	vport_refresh(vp, true);
}

static void port_back(struct dp_vport *vp)
{
	struct err err = {};
	int r = kind_add(vp, &err);

	r = r ? r : port_plug(vp, &err);
	if (r) {
		log_warn("VPort %s: device %s is back but of no use: %s", vp->conf.name,
			 vp->conf.dev, err.text);
		return;
	}
	log_info("VPort %s: device %s is back", vp->conf.name, vp->conf.dev);
	record_vport(vp);
	vport_refresh(vp, true);
}

/* A device nobody has: is it one that is waited for? */
static void device_came(struct datapath *dp, const struct link_info *li)
{
	struct dp_switch *sw, *tmp;
	struct dp_vport *vp, *tmp_vp;

	HASH_ITER (hh, dp->switches, sw, tmp) {
		if (!sw->info.ifindex && !strcmp(sw->uplink, li->name)) {
			uplink_back(sw);
			return;
		}
		HASH_ITER (hh, sw->vports, vp, tmp_vp) {
			if (!vp->ifindex && vp->conf.kind == XKIND_DEV &&
			    !strcmp(vp->conf.dev, li->name)) {
				port_back(vp);
				return;
			}
		}
	}
}

/* Somebody deleted a device of a switch's own. */
static bool pair_event(struct datapath *dp, uint32_t ifindex, bool gone)
{
	struct dp_switch *sw, *tmp;
	int i;

	HASH_ITER (hh, dp->switches, sw, tmp) {
		for (i = 0; i < 2; i++) {
			if (sw->leg.ifindex[i] != ifindex && sw->flood.ifindex[i] != ifindex)
				continue;
			if (!gone)
				return true;
			if (sw->leg.ifindex[i] == ifindex)
				sw->leg.ifindex[1] = 0; /* the host's frames go to the wire alone */
			sw->pair_gone = true;
			progs_conf_store(sw);
			switch_refresh(sw, true);
			return true;
		}
	}
	return false;
}

static struct dp_switch *uplink_of(struct datapath *dp, uint32_t ifindex)
{
	struct dp_switch *sw, *tmp;

	HASH_ITER (hh, dp->switches, sw, tmp)
		if (sw->info.ifindex == ifindex)
			return sw;
	return NULL;
}

/*
 * An event tells the past, which would make states flicker while a device is set up: what a device
 * is now is asked of the kernel. One that is gone by now has an event of its own.
 */
static void link_event(struct datapath *dp, bool gone, const struct link_info *then)
{
	struct dp_switch *sw = uplink_of(dp, then->ifindex);
	struct link_info now = *then;
	const struct link_info *li = &now;
	struct dp_vport *vp;

	if (!gone && link_get_by_index(dp->rt, then->ifindex, &now))
		return;
	if (sw) {
		if (gone)
			uplink_gone(sw);
		else
			uplink_changed(sw, li);
		return;
	}
	if (pair_event(dp, li->ifindex, gone))
		return;
	HASH_FIND(hh_index, dp->by_index, &li->ifindex, sizeof(li->ifindex), vp);
	if (vp && gone)
		port_gone(vp);
	else if (vp)
		port_changed(vp, li);
	else if (!gone)
		device_came(dp, li);
}

static void seen(void *ctx, const struct link_info *li)
{
	link_event(ctx, false, li);
}

/* Events were lost: what is not in the kernel any more is gone, the rest is looked at again. */
static void resync(struct datapath *dp)
{
	struct dp_switch *sw, *tmp;
	struct dp_vport *vp, *tmp_vp;
	struct link_info li;
	struct nl_sock *rt;

	log_info("link events were lost: reading all links");
	HASH_ITER (hh, dp->switches, sw, tmp)
		if (sw->info.ifindex && link_get_by_index(dp->rt, sw->info.ifindex, &li) == -ENODEV)
			uplink_gone(sw);
	HASH_ITER (hh_index, dp->by_index, vp, tmp_vp)
		if (vp->conf.kind != XKIND_HOST &&
		    link_get_by_index(dp->rt, vp->ifindex, &li) == -ENODEV)
			port_gone(vp);
	/* On a socket of its own: what is found is asked about on the other meanwhile. */
	if (!nl_open(NETLINK_ROUTE, &rt)) {
		link_dump(rt, seen, dp);
		nl_close(rt);
	}
}

static void features_event(struct datapath *dp, uint32_t ifindex)
{
	uint64_t features;
	struct dp_switch *sw = uplink_of(dp, ifindex);
	struct dp_vport *vp;

	if (netdev_xdp_features(dp->genl, ifindex, &features))
		return;
	if (sw) {
		sw->features = features;
		switch_refresh(sw, true);
		return;
	}
	HASH_FIND(hh_index, dp->by_index, &ifindex, sizeof(ifindex), vp);
	if (vp && vp->conf.kind != XKIND_HOST) {
		vp->features = features;
		vport_refresh(vp, true);
	}
}

int watch_process(struct datapath *dp)
{
	struct link_event ev;
	uint64_t features;
	uint32_t ifindex;
	int r;

	while ((r = link_monitor_next(dp->links, &ev)) == 1)
		link_event(dp, ev.gone, &ev.info);
	if (r == -ENOBUFS)
		resync(dp);
	else if (r < 0)
		return r;
	if (!dp->netdevs)
		return 0;
	while ((r = netdev_monitor_next(dp->netdevs, &ifindex, &features)) == 1)
		features_event(dp, ifindex);
	if (r == -ENOBUFS)
		resync(dp);
	return r < 0 && r != -ENOBUFS ? r : 0;
}
