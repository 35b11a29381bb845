// SPDX-License-Identifier: GPL-2.0-only
/* One VPort in the tables, and its state. What kind of device it has is kinds.c's. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/int.h"
#include "datapath/netdev.h"

static uint16_t vport_flags(const struct dp_vport *vp)
{
	return XVSW_VPORT_F_USED | (vp->conf.spoofcheck ? XVSW_VPORT_F_SPOOFCHECK : 0) |
	       (vp->conf.isolated ? XVSW_VPORT_F_ISOLATED : 0) |
	       (vp->conf.kind == XKIND_XSK ? XVSW_VPORT_F_META : 0);
}

uint32_t vport_mtu(const struct dp_vport *vp)
{
	uint32_t mtu = vp->conf.mtu ? vp->conf.mtu : vp->sw->info.mtu;

	if (vp->conf.kind == XKIND_XSK && mtu > XVSW_XSK_MTU_MAX)
		mtu = XVSW_XSK_MTU_MAX;
	return mtu;
}

static int store_vport(struct dp_vport *vp)
{
	struct xvsw_vport v = { .ifindex = vp->ifindex,
				.mtu = vp->info.mtu,
				.flags = vport_flags(vp) };

	return bpf_map_update_elem(vp->sw->progs.vports, &vp->conf.id, &v, BPF_ANY) ? -errno : 0;
}

int port_tables_update(struct dp_vport *vp)
{
	return vp->ifindex ? store_vport(vp) : 0;
}

/*
 * In this order a frame finds either no port or all of it: what it may do, whose device it is, then
 * the ways to it.
 */
int port_tables_set(struct dp_vport *vp)
{
	const struct progs *p = &vp->sw->progs;
	struct xvsw_dev d = { .vport = vp->conf.id,
			      .flags = vp->conf.kind == XKIND_HOST ? XVSW_DEV_F_TAGGED : 0 };
	struct bpf_devmap_val m = { .ifindex = vp->ifindex, .bpf_prog.fd = p->egress_prog };
	int r = store_vport(vp);

	if (r)
		return r;
	if (bpf_map_update_elem(p->devs, &vp->ifindex, &d, BPF_ANY) ||
	    bpf_map_update_elem(p->ports, &vp->conf.id, &vp->ifindex, BPF_ANY) ||
	    bpf_map_update_elem(p->flood_set, &vp->conf.id, &m, BPF_ANY)) {
		r = -errno;
		port_tables_clear(vp);
	}
	return r;
}

void port_tables_clear(struct dp_vport *vp)
{
	const struct progs *p = &vp->sw->progs;
	struct xvsw_vport none = {};

	bpf_map_delete_elem(p->flood_set, &vp->conf.id);
	bpf_map_delete_elem(p->ports, &vp->conf.id);
	if (vp->ifindex)
		bpf_map_delete_elem(p->devs, &vp->ifindex);
	bpf_map_update_elem(p->vports, &vp->conf.id, &none, BPF_ANY);
}

/* The device is there (vp->ifindex): let frames flow. The host's leg has its program already. */
int port_plug(struct dp_vport *vp, struct err *err)
{
	char name[32];
	int r;

	vp->info.mtu = vp->info.mtu ? vp->info.mtu : vport_mtu(vp);
	HASH_ADD(hh_index, vp->sw->dp->by_index, ifindex, sizeof(vp->ifindex), vp);
	r = port_tables_set(vp);
	if (r) {
		port_unplug(vp);
		return err_set(err, r, 0, "storing VPort %s in the maps failed: %s", vp->conf.name,
			       strerror(-r));
	}
	drops_plug(vp->sw->dp, &vp->drops, vp->ifindex);
	if (vp->conf.kind == XKIND_HOST)
		return 0;
	snprintf(name, sizeof(name), "port_%u", vp->conf.id);
	r = progs_attach_port(vp->sw, vp->ifindex, name, &vp->generic, &vp->link_fd);
	if (!r) {
		vp->features_known =
			!netdev_xdp_features(vp->sw->dp->genl, vp->ifindex, &vp->features);
		return 0;
	}
	port_unplug(vp);
	return err_set(err, r, XATTR_DEV, "%s does not take an XDP program: %s", vp->info.dev,
		       r == -EBUSY ? "it has one already" : strerror(-r));
}

void port_unplug(struct dp_vport *vp)
{
	char path[PATH_MAX];

	if (!vp->ifindex)
		return;
	drops_unplug(vp->sw->dp, &vp->drops, vp->ifindex);
	HASH_DELETE(hh_index, vp->sw->dp->by_index, vp);
	port_tables_clear(vp);
	if (vp->link_fd >= 0) {
		vport_pin_path(vp, "links/port", path, sizeof(path));
		unlink(path);
		close(vp->link_fd);
	}
	vp->link_fd = -1;
	vp->ifindex = 0;
}

static void judge_device(const struct dp_vport *vp, struct dp_vport_info *i)
{
	const char *dev = i->dev;
	char *to = i->reason;
	const size_t size = sizeof(i->reason);

	i->state = XSTATE_DOWN;
	if (!vp->ifindex) {
		snprintf(to, size, "device %s is gone", dev);
	} else if (!vp->link_up) {
		snprintf(to, size, "device %s is set down", dev);
	} else if (!vp->carrier) {
		snprintf(to, size, "device %s has no carrier: the guest's end is down", dev);
	} else if (vp->features_known && !(vp->features & XDPF_NDO_XMIT)) {
		snprintf(to, size, "device %s cannot take redirected frames%s", dev,
			 " (a veth needs GRO or an XDP program at the guest's end)");
	} else {
		i->state = XSTATE_UP;
		if (vp->generic)
			snprintf(to, size, "device %s has no native XDP: generic mode", dev);
	}
}

void vport_tell(struct dp_vport *vp)
{
	if (vp->cookie)
		vp->sw->dp->events->vport_changed(vp->sw->dp->ctx, vp->cookie, &vp->info);
}

void vport_refresh(struct dp_vport *vp, bool tell)
{
	struct dp_vport_info i = vp->info;

	i.reason[0] = '\0';
	i.hook = XHOOK_XDP;
	i.path = XPATH_DEV;
	switch (vp->conf.kind) {
	case XKIND_HOST:
		i.path = XPATH_HOST;
		i.hook = XHOOK_TC;
		i.state = vp->sw->info.ifindex ? XSTATE_UP : XSTATE_DOWN;
		if (i.state == XSTATE_DOWN)
			snprintf(i.reason, sizeof(i.reason), "uplink %s is gone", vp->sw->uplink);
		break;
	case XKIND_XSK:
		i.path = XPATH_XSK;
		judge_device(vp, &i);
		if (i.state == XSTATE_UP && !vp->attached) {
			i.state = XSTATE_WAITING;
			snprintf(i.reason, sizeof(i.reason), "no guest is attached");
		}
		break;
	case XKIND_DEV:
	case XKIND_VETH:
	case XKIND_QUEUE:
	case XKIND_VF:
	case XKIND_COUNT:
		judge_device(vp, &i);
		break;
	}
	tell = tell && (i.state != vp->info.state || i.path != vp->info.path ||
			strcmp(i.reason, vp->info.reason));
	vp->info = i;
	if (tell)
		vport_tell(vp);
}
