// SPDX-License-Identifier: GPL-2.0-only
/*
 * The uplink: XDP by libxdp, so that other programs on the NIC live on where the kernel has
 * freplace; tc for the host's leg; allmulti, because NICs filter multicast.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "base/log.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/netdev.h"
#include "datapath/progs.h"
#include "datapath/tc.h"

#include "uplink.skel.h"

#define OUR_PROG "xvsw_uplink"

/*
 * Calls @cb for each XDP program on the device: those of a dispatcher, or the single one. Stops
 * when it returns not 0, and returns that.
 */
static int each_prog(uint32_t ifindex, bool *legacy,
		     int (*cb)(struct xdp_program *prog, struct xdp_multiprog *mp, void *ctx),
		     void *ctx)
{
	struct xdp_multiprog *mp = xdp_multiprog__get_from_ifindex(ifindex);
	struct xdp_program *prog = NULL;
	int r = 0;

	*legacy = true;
	if (libxdp_get_error(mp))
		return 0; /* none */
	*legacy = xdp_multiprog__is_legacy(mp);
	if (*legacy) {
		prog = xdp_multiprog__main_prog(mp);
		r = prog ? cb(prog, mp, ctx) : 0;
	} else {
		while (!r && (prog = xdp_multiprog__next_prog(prog, mp)))
			r = cb(prog, mp, ctx);
	}
	xdp_multiprog__close(mp);
	return r;
}

struct found {
	uint32_t ours, other_id;
	char other[BPF_OBJ_NAME_LEN];
};

uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

static bool prog_has_map(uint32_t prog_id, uint32_t map)
{
	__u32 ids[64], len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (uintptr_t)ids };
	int fd = bpf_prog_get_fd_by_id(prog_id), r;

	if (fd < 0)
		return false;
	r = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	for (i = 0; !r && i < info.nr_map_ids && i < 64; i++)
		if (ids[i] == map)
			return true;
	return false;
}

static int look(struct xdp_program *prog, struct xdp_multiprog *mp, void *ctx)
{
	struct found *f = ctx;
	const char *name = xdp_program__name(prog);

	(void)mp;
	if (name && !strcmp(name, OUR_PROG)) {
		f->ours = xdp_program__id(prog);
	} else {
		f->other_id = xdp_program__id(prog);
		snprintf(f->other, sizeof(f->other), "%s", name ? name : "?");
	}
	return 0;
}

bool uplink_is_of(uint32_t ifindex, uint32_t conf_id)
{
	struct found f = {};
	bool legacy;

	each_prog(ifindex, &legacy, look, &f);
	return f.ours && prog_has_map(f.ours, conf_id);
}

/* A fresh object for each try: libxdp loads it for the way it attaches. */
static int try_attach(struct dp_switch *sw, enum xdp_attach_mode mode)
{
	struct uplink_bpf *o = uplink_bpf__open();
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, .prog_name = OUR_PROG);
	struct xdp_program *prog;
	int r;

	if (!o)
		return -errno;
	r = progs_reuse_maps(o->obj, &sw->progs);
	if (r)
		goto out;
	opts.obj = o->obj;
	prog = xdp_program__create(&opts);
	r = libxdp_get_error(prog);
	if (r)
		goto out;
	xdp_program__set_run_prio(prog, 40);
	xdp_program__set_chain_call_enabled(prog, XDP_PASS, true);
	r = xdp_program__attach(prog, sw->info.ifindex, mode, 0);
	xdp_program__close(prog);
out:
	uplink_bpf__destroy(o);
	return r;
}

static int attach_error(struct dp_switch *sw, int code, const struct found *f, struct err *err)
{
	if (f->other_id)
		return err_set(
			err, -EBUSY, XATTR_UPLINK,
			"uplink %s has the XDP program %s (id %u), and this kernel cannot run two",
			sw->uplink, f->other, f->other_id);
	if (sw->want == XMODE_NATIVE)
		return err_set(err, code, XATTR_MODE,
			       "mode native: %s does not support native XDP: %s", sw->uplink,
			       strerror(-code));
	return err_set(err, code, XATTR_UPLINK, "uplink %s does not take an XDP program: %s",
		       sw->uplink, strerror(-code));
}

/*
 * May we have the uplink? Asked before anything on it is touched. Our own program may be there
 * still when the device was in another namespace for a while.
 */
static int uplink_claim(struct dp_switch *sw, struct err *err)
{
	const uint32_t ifindex = sw->info.ifindex;
	struct found f = {};
	bool legacy;

	if (uplink_is_of(ifindex, map_id(sw->progs.conf)))
		uplink_detach_index(ifindex);
	each_prog(ifindex, &legacy, look, &f);
	if (f.ours)
		return err_set(err, -EBUSY, XATTR_UPLINK, "uplink %s belongs to another switch",
			       sw->uplink);
	return f.other_id && legacy ? attach_error(sw, -EBUSY, &f, err) : 0;
}

int uplink_attach(struct dp_switch *sw, struct err *err)
{
	struct found f = {};
	bool legacy;
	int r = -EOPNOTSUPP;

	if (sw->want != XMODE_GENERIC) {
		r = try_attach(sw, XDP_MODE_NATIVE);
		sw->info.mode = XMODE_NATIVE;
	}
	if (r && sw->want != XMODE_NATIVE) {
		if (sw->want == XMODE_AUTO)
			log_warn("%s: no native XDP (%s), trying generic mode", sw->uplink,
				 strerror(-r));
		r = try_attach(sw, XDP_MODE_SKB);
		sw->info.mode = XMODE_GENERIC;
	}
	if (r)
		return attach_error(sw, r, &f, err);
	each_prog(sw->info.ifindex, &legacy, look, &f);
	sw->info.dispatcher = !legacy;
	return 0;
}

static int take_off(struct xdp_program *prog, struct xdp_multiprog *mp, void *ctx)
{
	const uint32_t *ifindex = ctx;
	const char *name = xdp_program__name(prog);

	if (!name || strcmp(name, OUR_PROG))
		return 0;
	xdp_program__detach(prog, *ifindex, xdp_multiprog__attach_mode(mp), 0);
	return 1;
}

void uplink_detach_index(uint32_t ifindex)
{
	bool legacy;

	each_prog(ifindex, &legacy, take_off, &ifindex);
}

void uplink_detach(struct dp_switch *sw)
{
	uplink_detach_index(sw->info.ifindex);
}

int uplink_store(struct dp_switch *sw)
{
	struct xvsw_vport v = { .ifindex = sw->info.ifindex,
				.mtu = sw->info.mtu,
				.flags = XVSW_VPORT_F_USED };
	struct xvsw_dev d = { .vport = XVSW_VPORT_WIRE };
	struct bpf_devmap_val m = { .ifindex = sw->info.ifindex,
				    .bpf_prog.fd = sw->progs.egress_prog };
	__u32 id = XVSW_VPORT_WIRE;

	if (bpf_map_update_elem(sw->progs.vports, &id, &v, BPF_ANY) ||
	    bpf_map_update_elem(sw->progs.devs, &sw->info.ifindex, &d, BPF_ANY) ||
	    bpf_map_update_elem(sw->progs.ports, &id, &sw->info.ifindex, BPF_ANY) ||
	    bpf_map_update_elem(sw->progs.flood_set, &id, &m, BPF_ANY))
		return -errno;
	return progs_conf_store(sw);
}

static void clear_wire(struct dp_switch *sw)
{
	__u32 id = XVSW_VPORT_WIRE;

	bpf_map_delete_elem(sw->progs.flood_set, &id);
	bpf_map_delete_elem(sw->progs.ports, &id);
	bpf_map_delete_elem(sw->progs.devs, &sw->info.ifindex);
}

static int attach_tc(struct dp_switch *sw)
{
	int r = tc_attach(sw->info.ifindex, true, sw->progs.host_out, "host_out");

	return r ? r : tc_attach(sw->info.ifindex, false, sw->progs.wire_in, "wire_in");
}

static void detach_tc(struct dp_switch *sw)
{
	tc_detach(sw->info.ifindex, true);
	tc_detach(sw->info.ifindex, false);
	tc_put_clsact(sw->info.ifindex, sw->clsact_made);
	sw->clsact_made = false;
}

static void uplink_look(struct dp_switch *sw, const struct link_info *li)
{
	sw->info.ifindex = li->ifindex;
	sw->info.mac = li->mac;
	sw->info.mtu = li->mtu;
	sw->link_up = li->up;
	sw->carrier = li->carrier;
	sw->features_known = !netdev_xdp_features(sw->dp->genl, li->ifindex, &sw->features);
}

/* Everything that is done to the uplink, in order; uplink_unplug() is its mirror. */
int uplink_plug(struct dp_switch *sw, struct err *err)
{
	struct link_info li;
	int r = link_get(sw->dp->rt, sw->uplink, &li);

	if (r)
		return err_set(err, r, XATTR_UPLINK, "uplink %s: %s", sw->uplink,
			       r == -ENODEV ? "no such device" : strerror(-r));
	if (li.flags & IFF_LOOPBACK)
		return err_set(err, -EINVAL, XATTR_UPLINK, "uplink %s is a loopback device",
			       sw->uplink);
	if (is_own_group(li.group))
		return err_set(err, -EBUSY, XATTR_UPLINK, "uplink %s is a switch's own device",
			       sw->uplink);
	uplink_look(sw, &li);
	r = uplink_claim(sw, err);
	if (r) {
		sw->info.ifindex = 0;
		return r;
	}
	/* Before the first change: whoever cleans up after us must know what there may be. */
	sw->allmulti_set |= !(li.flags & IFF_ALLMULTI);
	sw->clsact_made |= tc_clsact_present(li.ifindex) == 0;
	r = record_switch(sw);
	r = r ? r : uplink_store(sw);
	if (r) {
		err_set(err, r, 0, "storing the uplink failed: %s", strerror(-r));
		clear_wire(sw);
		sw->info.ifindex = 0;
		return r;
	}
	if (!(li.flags & IFF_ALLMULTI)) {
		r = link_set_flag(sw->dp->rt, sw->info.ifindex, IFF_ALLMULTI, true);
		if (r) {
			sw->allmulti_set = false;
			log_warn("%s: allmulti: %s", sw->uplink, strerror(-r));
		}
	}
	r = attach_tc(sw);
	if (r) {
		err_set(err, r, XATTR_UPLINK, "uplink %s does not take tc filters: %s", sw->uplink,
			strerror(-r));
		goto fail;
	}
	r = uplink_attach(sw, err);
	if (r)
		goto fail;
	drops_plug(sw->dp, &sw->wire_drops, sw->info.ifindex);
	r = progs_conf_store(sw); /* the mode is known now */
	if (!r) {
		sw->xdp_prog_id = link_get(sw->dp->rt, sw->uplink, &li) ? 0 : li.xdp_prog_id;
		sw->xdp_gone = false;
		/* XDP on a device may change what it can take. */
		sw->features_known =
			!netdev_xdp_features(sw->dp->genl, sw->info.ifindex, &sw->features);
		return 0;
	}
	err_set(err, r, 0, "storing the switch's configuration failed: %s", strerror(-r));
	uplink_detach(sw);
fail:
	detach_tc(sw);
	if (sw->allmulti_set)
		link_set_flag(sw->dp->rt, sw->info.ifindex, IFF_ALLMULTI, false);
	sw->allmulti_set = false;
	clear_wire(sw);
	sw->info.ifindex = 0;
	return r;
}

void uplink_unplug(struct dp_switch *sw, bool gone)
{
	if (!sw->info.ifindex)
		return;
	drops_unplug(sw->dp, &sw->wire_drops, sw->info.ifindex);
	clear_wire(sw);
	if (!gone) {
		uplink_detach(sw);
		detach_tc(sw);
		if (sw->allmulti_set)
			link_set_flag(sw->dp->rt, sw->info.ifindex, IFF_ALLMULTI, false);
		/* Of one that is gone we keep in mind what we did to it: it may be back. */
		sw->allmulti_set = false;
	}
	sw->clsact_made = false;
	sw->info.ifindex = 0;
	progs_conf_store(sw);
}

/* Reasons add up: each names something that the operator may want to change. */
static void add_reason(struct dp_switch_info *i, const char *fmt, const char *arg)
{
	size_t len = strlen(i->reason);

	if (len && len + 2 < sizeof(i->reason)) {
		strcpy(i->reason + len, "; ");
		len += 2;
	}
	snprintf(i->reason + len, sizeof(i->reason) - len, fmt, arg);
	i->state = XSTATE_DEGRADED;
}

static void judge(const struct dp_switch *sw, struct dp_switch_info *i)
{
	i->reason[0] = '\0';
	if (!i->ifindex)
		add_reason(i, "uplink %s is gone", sw->uplink);
	else if (!sw->link_up)
		add_reason(i, "uplink %s is set down", sw->uplink);
	else if (!sw->carrier)
		add_reason(i, "uplink %s has no carrier", sw->uplink);
	i->state = i->reason[0] ? XSTATE_DOWN : XSTATE_UP;
	if (i->state == XSTATE_DOWN)
		return;
	if (i->mode == XMODE_GENERIC && sw->want == XMODE_AUTO)
		add_reason(i, "uplink %s has no native XDP: generic mode", sw->uplink);
	if (sw->features_known && !(sw->features & XDPF_NDO_XMIT))
		add_reason(i,
			   "uplink %s cannot send redirected frames (a veth needs GRO or an XDP "
			   "program at its other end)",
			   sw->uplink);
	if (sw->dp->private_bpffs)
		add_reason(i, "no bpffs is mounted at %s: pins die with the daemon's own mount",
			   sw->dp->bpffs);
	if (sw->xdp_gone)
		add_reason(i, "the switch's XDP program was taken off uplink %s", sw->uplink);
	if (sw->pair_gone)
		add_reason(i, "a device of the switch's own (%s) was deleted: make the switch anew",
			   sw->leg.name[0]);
	if (sw->fdb_refused)
		add_reason(i, "uplink %s takes no further unicast addresses", sw->uplink);
}

void switch_refresh(struct dp_switch *sw, bool tell)
{
	struct dp_switch_info i = sw->info;

	judge(sw, &i);
	/* Not memcmp: what is behind the end of a string does not count. */
	tell = tell && sw->cookie &&
	       (i.state != sw->info.state || strcmp(i.reason, sw->info.reason));
	sw->info = i;
	if (tell)
		sw->dp->events->switch_changed(sw->dp->ctx, sw->cookie, &sw->info);
}
