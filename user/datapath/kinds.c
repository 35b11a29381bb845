// SPDX-License-Identifier: GPL-2.0-only
/* The device of a VPort, by kind: adopted (dev), a veth pair of ours (veth, xsk), or the host's
 * leg. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/ethtool.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/netns.h"

/* The guest end of an xsk VPort, alone in its namespace. */
#define XSK_GUEST_IFNAME "xsk0"

/* What the guest's kernel leaves to the device is lost on the way through XDP: nothing may be. */
static const struct ethtool_want guest_features[] = {
	{ "tx-checksum-ip-generic", false },
	{ "tx-vlan-hw-insert", false },
	{ "tx-vlan-stag-hw-insert", false },
	{ "rx-gro", true }, /* without it nothing can be redirected to the pair's other end */
};

static void port_look(struct dp_vport *vp, const struct link_info *li)
{
	vp->ifindex = li->ifindex;
	vp->link_up = li->up;
	vp->carrier = li->carrier;
	snprintf(vp->info.dev, sizeof(vp->info.dev), "%s", li->name);
}

static bool is_used(struct datapath *dp, uint32_t ifindex, const char **by)
{
	struct dp_switch *sw, *tmp;
	struct dp_vport *vp;

	HASH_FIND(hh_index, dp->by_index, &ifindex, sizeof(ifindex), vp);
	if (vp) {
		*by = vp->conf.name;
		return true;
	}
	HASH_ITER (hh, dp->switches, sw, tmp) {
		if (ifindex == sw->info.ifindex) {
			*by = sw->name;
			return true;
		}
	}
	return false;
}

/* Also when a device that was gone comes back. */
static int dev_add(struct dp_vport *vp, struct err *err)
{
	struct link_info li;
	const char *by;
	int r = link_get(vp->sw->dp->rt, vp->conf.dev, &li);

	if (r)
		return err_set(err, r, XATTR_DEV, "dev %s: %s", vp->conf.dev,
			       r == -ENODEV ? "no such device" : strerror(-r));
	if (li.flags & IFF_LOOPBACK)
		return err_set(err, -EINVAL, XATTR_DEV, "dev %s is a loopback device",
			       vp->conf.dev);
	if (is_own_group(li.group))
		return err_set(err, -EBUSY, XATTR_DEV, "dev %s is a switch's own device",
			       vp->conf.dev);
	if (is_used(vp->sw->dp, li.ifindex, &by))
		return err_set(err, -EBUSY, XATTR_DEV, "dev %s is in use by %s", vp->conf.dev, by);
	if (li.xdp_prog_id)
		return err_set(err, -EBUSY, XATTR_DEV, "dev %s has an XDP program already (id %u)",
			       vp->conf.dev, li.xdp_prog_id);
	if (vp->conf.mtu)
		vp->info.mtu = vp->conf.mtu;
	else
		vp->info.mtu = li.mtu;
	port_look(vp, &li);
	return 0;
}

/* Work on the guest end in its namespace; the first error ends it. */
struct guest_end {
	const char *name;
	bool up;
	const struct ethtool_want *features;
	unsigned int n_features;
	struct link_info li; /* out */
};

static int guest_end_work(struct guest_end *g)
{
	struct nl_sock *rt = NULL, *genl = NULL;
	int r = nl_open(NETLINK_ROUTE, &rt);

	r = r ? r : nl_open(NETLINK_GENERIC, &genl);
	r = r ? r : link_get(rt, g->name, &g->li);
	if (!r && g->n_features)
		r = ethtool_features_set(genl, g->li.ifindex, g->features, g->n_features);
	if (!r && g->up) {
		r = link_set_no_ipv6(g->name);
		r = r ? r : link_set_noarp(rt, g->li.ifindex);
		r = r ? r : link_set_up(rt, g->li.ifindex, true);
	}
	nl_close(genl);
	nl_close(rt);
	return r;
}

static int guest_end_setup(int netns_fd, struct guest_end *g)
{
	int home, r;

	if (netns_fd < 0)
		return guest_end_work(g);
	r = netns_enter(netns_fd, &home);
	if (r)
		return r;
	r = guest_end_work(g);
	netns_leave(home);
	return r;
}

/* Our end of a pair: silent and up. */
static int own_end_setup(struct dp_vport *vp, const char *name)
{
	struct nl_sock *rt = vp->sw->dp->rt;
	struct link_info li;
	int r = link_get(rt, name, &li);

	r = r ? r : link_set_no_ipv6(name);
	r = r ? r : link_set_noarp(rt, li.ifindex);
	r = r ? r : link_set_up(rt, li.ifindex, true);
	r = r ? r : link_get(rt, name, &li);
	if (!r)
		port_look(vp, &li);
	return r;
}

static int pair_make(struct dp_vport *vp, const char *peer, struct err *err)
{
	struct link_veth veth = { .name = vp->info.dev,
				  .peer = peer,
				  .peer_netns_fd = vp->netns_fd,
				  .peer_mac = vp->conf.has_mac ? &vp->conf.mac : NULL,
				  .queues = 1,
				  .group = vp->sw->group };
	char text[128] = "";
	int r;

	vp->info.mtu = vport_mtu(vp);
	veth.mtu = vp->info.mtu;
	snprintf(vp->info.dev, sizeof(vp->info.dev), "xvp%u.%u", vp->sw->number, vp->conf.id);
	r = link_veth_create(vp->sw->dp->rt, &veth, text, sizeof(text));
	if (r)
		return err_set(err, r, XATTR_DEV, "cannot make the veth pair %s and %s: %s",
			       vp->info.dev, peer, *text ? text : strerror(-r));
	vp->pair_made = true;
	return 0;
}

static void pair_del(struct dp_vport *vp)
{
	struct link_info li;

	if (vp->pair_made && !link_get(vp->sw->dp->rt, vp->info.dev, &li))
		link_del(vp->sw->dp->rt, li.ifindex);
}

static int veth_add(struct dp_vport *vp, struct err *err)
{
	struct guest_end g = { .name = vp->conf.dev, .features = guest_features, .n_features = 4 };
	int r;

	if (vp->conf.netns[0]) {
		vp->netns_fd = netns_open(vp->conf.netns);
		if (vp->netns_fd < 0)
			return err_set(err, vp->netns_fd, XATTR_NETNS, "netns %s: %s",
				       vp->conf.netns,
				       vp->netns_fd == -ENOENT ? "no such network namespace"
							       : strerror(-vp->netns_fd));
	}
	r = pair_make(vp, vp->conf.dev, err);
	if (r)
		goto out;
	r = guest_end_setup(vp->netns_fd, &g);
	r = r ? r : own_end_setup(vp, vp->info.dev);
	if (r) {
		err_set(err, r, XATTR_DEV, "cannot set up %s: %s", vp->conf.dev, strerror(-r));
		pair_del(vp);
	}
	vp->info.guest_mac = g.li.mac;
out:
	/* The namespace is its owner's: holding it would keep it alive. */
	if (vp->netns_fd >= 0)
		close(vp->netns_fd);
	vp->netns_fd = -1;
	return r;
}

static int xsk_guest_end(struct dp_vport *vp, struct err *err)
{
	struct guest_end g = { .name = XSK_GUEST_IFNAME, .up = true };
	struct xvsw_guest_dev key = {};
	int home, r;

	r = guest_end_setup(vp->netns_fd, &g);
	r = r ? r : netns_inode(vp->netns_fd, &key.netns);
	r = r ? r : own_end_setup(vp, vp->info.dev);
	if (r)
		return err_set(err, r, 0, "cannot set up the guest's end: %s", strerror(-r));
	vp->guest_ifindex = key.ifindex = g.li.ifindex;
	if (bpf_map_update_elem(vp->sw->progs.guest_devs, &key, &vp->conf.id, BPF_ANY))
		return err_set(err, -errno, 0, "guest_devs: %s", strerror(errno));
	r = netns_enter(vp->netns_fd, &home);
	if (r)
		return err_set(err, r, 0, "cannot enter the guest's namespace: %s", strerror(-r));
	r = progs_attach_guest(vp, err);
	netns_leave(home);
	return r;
}

static int xsk_add(struct dp_vport *vp, struct err *err)
{
	int r;

	snprintf(vp->netns_path, sizeof(vp->netns_path), "%s/netns/%s", vp->sw->dp->run_dir,
		 vp->conf.name);
	netns_remove_pinned(vp->netns_path);
	record_vport(vp);
	vp->netns_fd = netns_create_pinned(vp->netns_path);
	if (vp->netns_fd < 0) {
		r = vp->netns_fd;
		vp->netns_path[0] = '\0';
		return err_set(err, r, 0, "cannot make a network namespace for %s: %s",
			       vp->conf.name, strerror(-r));
	}
	r = pair_make(vp, XSK_GUEST_IFNAME, err);
	if (!r) {
		r = xsk_guest_end(vp, err);
		if (!r)
			return 0;
	}
	kind_del(vp);
	return r;
}

static void xsk_del(struct dp_vport *vp)
{
	struct xvsw_guest_dev key = { .ifindex = vp->guest_ifindex };
	char path[PATH_MAX];

	xsk_guest_detach(vp);
	xsk_drop_pending(vp);
	if (vp->netns_fd >= 0 && !netns_inode(vp->netns_fd, &key.netns))
		bpf_map_delete_elem(vp->sw->progs.guest_devs, &key);
	vport_pin_path(vp, "links/guest", path, sizeof(path));
	unlink(path);
	vport_pin_path(vp, "maps/xsks", path, sizeof(path));
	unlink(path);
	if (vp->guest_link_fd >= 0)
		close(vp->guest_link_fd);
	if (vp->xsks_fd >= 0)
		close(vp->xsks_fd);
	vp->guest_link_fd = vp->xsks_fd = -1;
	pair_del(vp);
	if (vp->netns_fd >= 0)
		close(vp->netns_fd);
	vp->netns_fd = -1;
	if (vp->netns_path[0])
		netns_remove_pinned(vp->netns_path);
}

int kind_add(struct dp_vport *vp, struct err *err)
{
	switch (vp->conf.kind) {
	case XKIND_HOST:
		vp->ifindex = vp->sw->leg.ifindex[0];
		vp->info.mtu = vp->sw->info.mtu;
		vp->link_up = vp->carrier = true;
		snprintf(vp->info.dev, sizeof(vp->info.dev), "%s", vp->sw->uplink);
		return 0;
	case XKIND_DEV:
		return dev_add(vp, err);
	case XKIND_VETH:
		return veth_add(vp, err);
	case XKIND_XSK:
		return xsk_add(vp, err);
	case XKIND_QUEUE:
	case XKIND_VF:
	case XKIND_COUNT:
		break;
	}
	return err_set(err, -EOPNOTSUPP, XATTR_KIND, "kind %s is not supported",
		       conf_kind_name(vp->conf.kind));
}

/* After port_unplug(), or after a kind_add() that failed half-way. */
void kind_del(struct dp_vport *vp)
{
	if (vp->conf.kind == XKIND_XSK)
		xsk_del(vp);
	else if (vp->conf.kind == XKIND_VETH)
		pair_del(vp);
}

/* The guest's end of an xsk VPort is out of the guest's reach, so it is ours to change. */
static int guest_mtu(struct dp_vport *vp, uint32_t mtu)
{
	struct nl_sock *rt = NULL;
	int home, r = netns_enter(vp->netns_fd, &home);

	if (r)
		return r;
	r = nl_open(NETLINK_ROUTE, &rt);
	r = r ? r : link_set_mtu(rt, vp->guest_ifindex, mtu);
	nl_close(rt);
	netns_leave(home);
	return r;
}

/* A dev VPort's device is its owner's, and a container's end the container's: not for us to change.
 */
int kind_set_mtu(struct dp_vport *vp, uint32_t mtu, struct err *err)
{
	int r;

	if ((vp->conf.kind != XKIND_VETH && vp->conf.kind != XKIND_XSK) || !vp->ifindex)
		return 0;
	if (vp->attached && mtu > xsk_frame_mtu(vp->frame_size))
		return err_set(err, -EBUSY, XATTR_MTU,
			       "mtu %u: the attached guest's buffers hold frames of mtu %u at most",
			       mtu, xsk_frame_mtu(vp->frame_size));
	r = link_set_mtu(vp->sw->dp->rt, vp->ifindex, mtu);
	if (!r && vp->conf.kind == XKIND_XSK)
		r = guest_mtu(vp, mtu);
	return r ? err_set(err, r, XATTR_MTU, "mtu %u: %s refuses it: %s", mtu, vp->info.dev,
			   strerror(-r))
		 : 0;
}
