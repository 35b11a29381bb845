// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs and maps of a switch. The object of the port program makes the maps; the others re-use
 * them by name. Whatever must outlive the daemon is pinned below the switch's pin directory:
 * maps/NAME, and links/NAME for XDP on our own devices and the loss counters.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/int.h"
#include "datapath/progs.h"

#include "egress.skel.h"
#include "flood.skel.h"
#include "guest.skel.h"
#include "host.skel.h"
#include "loss.skel.h"
#include "port.skel.h"

int progs_reuse_maps(struct bpf_object *obj, const struct progs *p)
{
	struct bpf_map *map, *own;
	int r;

	bpf_object__for_each_map(map, obj)
	{
		if (bpf_map__is_internal(map))
			continue;
		own = bpf_object__find_map_by_name(p->port->obj, bpf_map__name(map));
		if (!own)
			continue;
		r = bpf_map__reuse_fd(map, bpf_map__fd(own));
		if (r)
			return r;
	}
	return 0;
}

static int pin_path(const struct dp_switch *sw, const char *dir, const char *name, char *buf,
		    size_t size)
{
	return snprintf(buf, size, "%s/%s/%s", sw->pin_dir, dir, name) >= (int)size ? -ENAMETOOLONG
										    : 0;
}

static int pin(const struct dp_switch *sw, const char *dir, const char *name, int fd)
{
	char path[PATH_MAX];
	int r = pin_path(sw, dir, name, path, sizeof(path));

	return r ? r : bpf_obj_pin(fd, path) ? -errno : 0;
}

static int load_port(struct dp_switch *sw)
{
	struct progs *p = &sw->progs;
	struct port_bpf *o = port_bpf__open_and_load();
	struct bpf_map *map;
	int r;

	if (!o)
		return -errno;
	p->port = o;
	p->conf = bpf_map__fd(o->maps.conf);
	p->filters = bpf_map__fd(o->maps.filters);
	p->filter_index = bpf_map__fd(o->maps.filter_index);
	p->vports = bpf_map__fd(o->maps.vports);
	p->devs = bpf_map__fd(o->maps.devs);
	p->counters = bpf_map__fd(o->maps.counters);
	p->ports = bpf_map__fd(o->maps.ports);
	p->flood = bpf_map__fd(o->maps.flood);
	p->guest_devs = bpf_map__fd(o->maps.guest_devs);
	p->port_prog = bpf_program__fd(o->progs.xvsw_port);
	bpf_object__for_each_map(map, o->obj)
	{
		if (bpf_map__is_internal(map))
			continue;
		r = pin(sw, "maps", bpf_map__name(map), bpf_map__fd(map));
		if (r)
			return r;
	}
	return 0;
}

/* The program outlives its object through the descriptor that is kept. */
static int keep(const struct bpf_program *prog, int *fd)
{
	*fd = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3);
	return *fd < 0 ? -errno : 0;
}

static int load_egress(struct dp_switch *sw)
{
	struct egress_bpf *o = egress_bpf__open();
	int r;

	if (!o)
		return -errno;
	r = progs_reuse_maps(o->obj, &sw->progs);
	if (!r)
		r = egress_bpf__load(o);
	if (!r)
		r = keep(o->progs.xvsw_egress, &sw->progs.egress_prog);
	egress_bpf__destroy(o);
	return r;
}

static int load_flood(struct dp_switch *sw)
{
	struct flood_bpf *o = flood_bpf__open();
	int r;

	if (!o)
		return -errno;
	r = progs_reuse_maps(o->obj, &sw->progs);
	if (!r)
		r = flood_bpf__load(o);
	if (!r)
		r = keep(o->progs.xvsw_flood, &sw->progs.flood_prog);
	flood_bpf__destroy(o);
	return r;
}

static int load_host(struct dp_switch *sw)
{
	struct host_bpf *o = host_bpf__open();
	int r;

	if (!o)
		return -errno;
	r = progs_reuse_maps(o->obj, &sw->progs);
	if (!r)
		r = host_bpf__load(o);
	if (!r)
		r = keep(o->progs.xvsw_host_out, &sw->progs.host_out);
	if (!r)
		r = keep(o->progs.xvsw_host_in, &sw->progs.host_in);
	if (!r)
		r = keep(o->progs.xvsw_wire_in, &sw->progs.wire_in);
	host_bpf__destroy(o);
	return r;
}

static int loss_attach(struct dp_switch *sw, struct bpf_program *prog)
{
	struct bpf_link *link = bpf_program__attach(prog);
	int r;

	if (!link)
		return -errno;
	sw->progs.loss_link = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 3);
	r = sw->progs.loss_link < 0 ? -errno : pin(sw, "links", "loss", sw->progs.loss_link);
	bpf_link__destroy(link);
	return r;
}

static int load_loss(struct dp_switch *sw)
{
	struct loss_bpf *o = loss_bpf__open();
	int r;

	if (!o)
		return -errno;
	r = progs_reuse_maps(o->obj, &sw->progs);
	if (!r)
		r = loss_bpf__load(o);
	if (!r)
		r = loss_attach(sw, o->progs.xvsw_redirect_err);
	loss_bpf__destroy(o);
	return r;
}

/* The set of VLAN 0; its members are entered with their VPorts. */
static int make_flood_set(struct progs *p)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	__u32 vlan = 0;

	p->flood_set = bpf_map_create(BPF_MAP_TYPE_DEVMAP_HASH, "flood_0", sizeof(__u32),
				      sizeof(struct bpf_devmap_val), XVSW_VPORT_SLOTS, &opts);
	if (p->flood_set < 0)
		return -errno;
	return bpf_map_update_elem(p->flood, &vlan, &p->flood_set, BPF_ANY) ? -errno : 0;
}

int progs_conf_store(struct dp_switch *sw)
{
	struct bpf_map_info map = {};
	__u32 len = sizeof(map), zero = 0;
	struct xvsw_conf c = {
		.schema = XVSW_SCHEMA,
		.uplink_ifindex = sw->info.ifindex,
		.leg_ifindex = sw->leg.ifindex[0],
		.leg_host_ifindex = sw->leg.ifindex[1],
		.flags = sw->info.mode == XMODE_GENERIC ? XVSW_CONF_F_GENERIC : 0,
		.netns = sw->dp->netns,
	};

	memcpy(c.uplink_mac, sw->info.mac.b, sizeof(c.uplink_mac));
	if (bpf_obj_get_info_by_fd(sw->progs.ports, &map, &len))
		return -errno;
	c.ports_map_id = map.id;
	return bpf_map_update_elem(sw->progs.conf, &zero, &c, BPF_ANY) ? -errno : 0;
}

int progs_load(struct dp_switch *sw, struct err *err)
{
	static int (*const steps[])(struct dp_switch *) = { load_port, load_egress, load_flood,
							    load_host, load_loss };
	struct progs *p = &sw->progs;
	char path[PATH_MAX];
	size_t i;
	int r;

	*p = (struct progs){ .flood_set = -1,
			     .egress_prog = -1,
			     .host_out = -1,
			     .host_in = -1,
			     .wire_in = -1,
			     .flood_prog = -1,
			     .loss_link = -1 };
	r = pin_path(sw, "maps", "", path, sizeof(path));
	r = r ? r : pins_mkdir(path);
	r = r ? r : pin_path(sw, "links", "", path, sizeof(path));
	r = r ? r : pins_mkdir(path);
	for (i = 0; !r && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](sw);
	if (!r)
		r = make_flood_set(p);
	if (!r)
		r = filters_map(p);
	if (r) {
		progs_unload(sw);
		return err_set(err, r, 0,
			       "the kernel refused the switch's BPF programs or maps: %s",
			       strerror(-r));
	}
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void progs_close(struct dp_switch *sw)
{
	struct progs *p = &sw->progs;

	filters_unmap(p);
	close_fd(&p->flood_set);
	close_fd(&p->egress_prog);
	close_fd(&p->host_out);
	close_fd(&p->host_in);
	close_fd(&p->wire_in);
	close_fd(&p->flood_prog);
	close_fd(&p->loss_link);
	port_bpf__destroy(p->port);
	p->port = NULL;
}

void progs_unload(struct dp_switch *sw)
{
	pins_remove_tree(sw->pin_dir);
	progs_close(sw);
}

static int attach_pinned(struct dp_switch *sw, int prog, uint32_t ifindex, uint32_t flags,
			 const char *pin_name, int *link_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int fd = bpf_link_create(prog, ifindex, BPF_XDP, &opts), r;

	if (fd < 0)
		return -errno;
	r = pin(sw, "links", pin_name, fd);
	if (r)
		close(fd);
	else
		*link_fd = fd;
	return r;
}

int progs_attach_port(struct dp_switch *sw, uint32_t ifindex, const char *pin_name, bool *generic,
		      int *link_fd)
{
	const int prog = sw->progs.port_prog;
	int r = attach_pinned(sw, prog, ifindex, XDP_FLAGS_DRV_MODE, pin_name, link_fd);

	*generic = r == -EOPNOTSUPP;
	if (*generic)
		r = attach_pinned(sw, prog, ifindex, XDP_FLAGS_SKB_MODE, pin_name, link_fd);
	return r;
}

int progs_attach_flood(struct dp_switch *sw)
{
	return attach_pinned(sw, sw->progs.flood_prog, sw->flood.ifindex[1], XDP_FLAGS_DRV_MODE,
			     "flood", &sw->flood.link_fd);
}

int progs_attach_guest(struct dp_vport *vp, struct err *err)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	struct guest_bpf *o = guest_bpf__open();
	char name[64];
	int r;

	if (!o)
		return err_set(err, -errno, 0, "cannot open the guest program: %s",
			       strerror(errno));
	o->rodata->vport_id = vp->conf.id;
	r = progs_reuse_maps(o->obj, &vp->sw->progs);
	r = r ? r : guest_bpf__load(o);
	if (r)
		goto out;
	vp->guest_link_fd = bpf_link_create(bpf_program__fd(o->progs.xvsw_guest), vp->guest_ifindex,
					    BPF_XDP, &opts);
	r = vp->guest_link_fd < 0 ? -errno : 0;
	snprintf(name, sizeof(name), "guest_%u", vp->conf.id);
	r = r ? r : pin(vp->sw, "links", name, vp->guest_link_fd);
	if (r)
		goto out;
	vp->xsks_fd = fcntl(bpf_map__fd(o->maps.xsks), F_DUPFD_CLOEXEC, 3);
	r = vp->xsks_fd < 0 ? -errno : 0;
	snprintf(name, sizeof(name), "xsks_%u", vp->conf.id);
	r = r ? r : pin(vp->sw, "maps", name, vp->xsks_fd);
out:
	guest_bpf__destroy(o);
	return r ? err_set(err, r, 0, "cannot attach the guest program: %s", strerror(-r)) : 0;
}

void vport_pin_path(const struct dp_vport *vp, const char *what, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s_%u", vp->sw->pin_dir, what, vp->conf.id);
}
