// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "gen.h"
#include "lab.h"

#include "egress.skel.h"
#include "flood.skel.h"
#include "guest.skel.h"
#include "host.skel.h"
#include "loss.skel.h"
#include "port.skel.h"
#include "uplink.skel.h"

static const struct {
	const char *name;
	uint32_t id, mtu;
	uint16_t flags;
	uint8_t mac[6];
} ports[LAB_PORTS] = {
	[P_HOST] = { "host", XVSW_VPORT_HOST, LAB_MTU, 0, { 0 } },
	[P_G1] = { "g1", 1, LAB_MTU, XVSW_VPORT_F_SPOOFCHECK | XVSW_VPORT_F_META, MAC_G1 },
	[P_G2] = { "g2", 2, LAB_MTU, 0, MAC_G2 },
	[P_ISO_A] = { "iso_a", 3, LAB_MTU, XVSW_VPORT_F_ISOLATED | XVSW_VPORT_F_META, MAC_ISO_A },
	[P_ISO_B] = { "iso_b", 4, LAB_MTU, XVSW_VPORT_F_ISOLATED | XVSW_VPORT_F_META, MAC_ISO_B },
	[P_JUMBO] = { "jumbo", 5, LAB_MTU_JUMBO, XVSW_VPORT_F_META, MAC_JUMBO },
	[P_WIRE] = { "wire", XVSW_VPORT_WIRE, LAB_MTU, 0, MAC_UPLINK },
};

static const struct {
	struct xvsw_filter_key key;
	uint32_t vport;
} filters[] = {
	{ { MAC_G1, 0 }, 1 },
	{ { MAC_G1_SECOND, 0 }, 1 },
	{ { MAC_G2, 0 }, 2 },
	{ { MAC_G2, LAB_VID }, 2 },
	{ { MAC_ISO_A, 0 }, 3 },
	{ { MAC_ISO_B, 0 }, 4 },
	{ { MAC_JUMBO, 0 }, 5 },
	{ { MAC_GONE, 0 }, LAB_GONE },
	{ { MAC_HOST_FILTER, 0 }, XVSW_VPORT_HOST },
};

uint32_t lab_vport_id(enum lab_port p)
{
	return ports[p].id;
}

const char *lab_port_name(enum lab_port p)
{
	return ports[p].name;
}

uint32_t lab_port_mtu(enum lab_port p)
{
	return ports[p].mtu;
}

struct xvsw_meta lab_port_meta(enum lab_port p, struct xvsw_meta meta)
{
	return ports[p].flags & XVSW_VPORT_F_META ? meta : (struct xvsw_meta){};
}

static int reuse_maps(struct lab *lab, struct bpf_object *obj)
{
	struct bpf_map *map, *own;
	int r;

	bpf_object__for_each_map(map, obj)
	{
		own = bpf_object__find_map_by_name(lab->port->obj, bpf_map__name(map));
		if (!own || bpf_map__is_internal(map))
			continue;
		r = bpf_map__reuse_fd(map, bpf_map__fd(own));
		if (r)
			return r;
	}
	return 0;
}

#define OPEN_WITH_MAPS(name)                                                                       \
	static int open_##name(struct lab *lab)                                                    \
	{                                                                                          \
		lab->name = name##_bpf__open();                                                    \
		if (!lab->name)                                                                    \
			return -errno;                                                             \
		return reuse_maps(lab, lab->name->obj);                                            \
	}
OPEN_WITH_MAPS(uplink)
OPEN_WITH_MAPS(egress)
OPEN_WITH_MAPS(flood)
OPEN_WITH_MAPS(guest)
OPEN_WITH_MAPS(host)
OPEN_WITH_MAPS(loss)

static void name_fds(struct lab *lab)
{
	struct port_bpf *o = lab->port;

	lab->conf = bpf_map__fd(o->maps.conf);
	lab->filters = bpf_map__fd(o->maps.filters);
	lab->filter_index = bpf_map__fd(o->maps.filter_index);
	lab->vports = bpf_map__fd(o->maps.vports);
	lab->devs = bpf_map__fd(o->maps.devs);
	lab->counters = bpf_map__fd(o->maps.counters);
	lab->ports = bpf_map__fd(o->maps.ports);
	lab->flood_map = bpf_map__fd(o->maps.flood);
	lab->guest_devs = bpf_map__fd(o->maps.guest_devs);
	lab->xsks = bpf_map__fd(lab->guest->maps.xsks);
	lab->prog_port = bpf_program__fd(o->progs.xvsw_port);
	lab->prog_uplink = bpf_program__fd(lab->uplink->progs.xvsw_uplink);
	lab->prog_egress = bpf_program__fd(lab->egress->progs.xvsw_egress);
	lab->prog_flood = bpf_program__fd(lab->flood->progs.xvsw_flood);
	lab->prog_guest = bpf_program__fd(lab->guest->progs.xvsw_guest);
	lab->prog_host_out = bpf_program__fd(lab->host->progs.xvsw_host_out);
	lab->prog_host_in = bpf_program__fd(lab->host->progs.xvsw_host_in);
	lab->prog_wire_in = bpf_program__fd(lab->host->progs.xvsw_wire_in);
}

static int open_programs(struct lab *lab)
{
	int r;

	lab->port = port_bpf__open_and_load();
	if (!lab->port)
		return -errno;
	r = open_uplink(lab);
	r = r ? r : uplink_bpf__load(lab->uplink);
	r = r ? r : open_egress(lab);
	r = r ? r : egress_bpf__load(lab->egress);
	r = r ? r : open_flood(lab);
	r = r ? r : flood_bpf__load(lab->flood);
	r = r ? r : open_host(lab);
	r = r ? r : host_bpf__load(lab->host);
	r = r ? r : open_loss(lab);
	r = r ? r : loss_bpf__load(lab->loss);
	r = r ? r : open_guest(lab);
	if (r)
		return r;
	lab->guest->rodata->vport_id = ports[P_G1].id;
	r = guest_bpf__load(lab->guest);
	if (!r)
		name_fds(lab);
	return r;
}

/* A pair, both ends up, @prog on the far one. */
static int make_pair(const char *own, const char *peer, const uint8_t *mac, int prog,
		     unsigned int *own_index, unsigned int *peer_index)
{
	int r = net_veth(own, peer, LAB_MTU_DEVICE, mac);

	if (r)
		return r;
	*own_index = if_nametoindex(own);
	*peer_index = if_nametoindex(peer);
	return bpf_xdp_attach(*peer_index, prog, XDP_FLAGS_DRV_MODE, NULL);
}

static int make_devices(struct lab *lab)
{
	char own[IF_NAMESIZE], peer[IF_NAMESIZE];
	int p, r;

	lab->prog_peek = gen_peek();
	if (lab->prog_peek < 0)
		return lab->prog_peek;
	for (p = 0; p < LAB_PORTS; p++) {
		snprintf(own, sizeof(own), "v%d", p);
		snprintf(peer, sizeof(peer), "p%d", p);
		r = make_pair(own, peer, p == P_WIRE ? ports[p].mac : NULL, lab->prog_peek,
			      &lab->own[p], &lab->peer[p]);
		if (r)
			return r;
		lab->listen[p] = net_listen(lab->peer[p]);
		if (lab->listen[p] < 0)
			return lab->listen[p];
	}
	r = make_pair("flood0", "flood1", NULL, lab->prog_flood, &lab->flood_own, &lab->flood_peer);
	r = r ? r
	      : make_pair("fence0", "fence1", NULL, lab->prog_peek, &lab->fence_own,
			  &lab->fence_peer);
	if (r)
		return r;
	lab->fence_listen = net_listen(lab->fence_peer);
	return lab->fence_listen < 0 ? lab->fence_listen : 0;
}

static int fill_port(struct lab *lab, enum lab_port p)
{
	struct xvsw_vport v = { .ifindex = lab->own[p],
				.mtu = ports[p].mtu,
				.flags = ports[p].flags | XVSW_VPORT_F_USED };
	struct xvsw_dev d = { .vport = ports[p].id, .flags = p == P_HOST ? XVSW_DEV_F_TAGGED : 0 };
	struct bpf_devmap_val m = { .ifindex = lab->own[p], .bpf_prog.fd = lab->prog_egress };
	const uint32_t *id = &ports[p].id;

	if (bpf_map_update_elem(lab->vports, id, &v, BPF_ANY) ||
	    bpf_map_update_elem(lab->devs, &lab->own[p], &d, BPF_ANY) ||
	    bpf_map_update_elem(lab->ports, id, &lab->own[p], BPF_ANY) ||
	    bpf_map_update_elem(lab->flood_set[0], id, &m, BPF_ANY))
		return -errno;
	return p == P_G2 && bpf_map_update_elem(lab->flood_set[1], id, &m, BPF_ANY) ? -errno : 0;
}

static int fill_flood_sets(struct lab *lab)
{
	static const uint32_t vlans[] = { 0, LAB_VID, LAB_VID_FENCE };
	struct bpf_devmap_val fence = { .ifindex = lab->fence_own, .bpf_prog.fd = -1 };
	uint32_t zero = 0;
	size_t i;

	for (i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
		lab->flood_set[i] =
			bpf_map_create(BPF_MAP_TYPE_DEVMAP_HASH, "xt_set", 4,
				       sizeof(struct bpf_devmap_val), XVSW_VPORT_SLOTS, NULL);
		if (lab->flood_set[i] < 0 ||
		    bpf_map_update_elem(lab->flood_map, &vlans[i], &lab->flood_set[i], BPF_ANY))
			return -errno;
	}
	lab->flood_now = lab->flood_set[0];
	return bpf_map_update_elem(lab->flood_set[2], &zero, &fence, BPF_ANY) ? -errno : 0;
}

static int fill_maps(struct lab *lab)
{
	struct xvsw_vport gone = { .mtu = LAB_MTU, .flags = XVSW_VPORT_F_USED };
	struct xvsw_guest_dev guest = { net_inode(), lab->peer[P_G1] };
	struct bpf_map_info info = {};
	uint32_t gone_id = LAB_GONE;
	__u32 len = sizeof(info);
	int r = fill_flood_sets(lab);
	size_t i;

	for (i = 0; i < LAB_PORTS && !r; i++)
		r = fill_port(lab, i);
	r = r ? r : lab_filters_open(lab);
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]) && !r; i++)
		r = lab_filter_add(lab, &filters[i].key, filters[i].vport);
	if (r)
		return r;
	if (bpf_map_update_elem(lab->vports, &gone_id, &gone, BPF_ANY) ||
	    bpf_map_update_elem(lab->guest_devs, &guest, &ports[P_G1].id, BPF_ANY) ||
	    bpf_obj_get_info_by_fd(lab->ports, &info, &len))
		return -errno;
	lab->ports_map_id = info.id;
	return 0;
}

int lab_open(struct lab **out)
{
	static const struct {
		const char *what;
		int (*step)(struct lab *);
	} steps[] = {
		{ "load the programs", open_programs },
		{ "make the devices", make_devices },
		{ "fill the maps", fill_maps },
	};
	struct lab *lab = calloc(1, sizeof(*lab));
	const char *what = "enter a network namespace";
	size_t i;
	int r;

	if (!lab)
		return -ENOMEM;
	lab->xsk.fd = -1;
	lab->cpus = libbpf_num_possible_cpus();
	if (lab->cpus > LAB_CPUS_MAX)
		lab->cpus = LAB_CPUS_MAX;
	lab->seen = malloc(sizeof(*lab->seen));
	r = lab->seen ? net_enter() : -ENOMEM;
	for (i = 0; !r && i < sizeof(steps) / sizeof(steps[0]); i++) {
		what = steps[i].what;
		r = steps[i].step(lab);
	}
	if (r) {
		fprintf(stderr, "lab: cannot %s: %s\n", what, strerror(-r));
		lab_close(lab);
		return r;
	}
	*out = lab;
	return 0;
}

/* Devices, sockets and bare descriptors go with the process and its namespace. */
void lab_close(struct lab *lab)
{
	if (!lab)
		return;
	xsk_close(&lab->xsk);
	lab_filters_close(lab);
	loss_bpf__destroy(lab->loss);
	host_bpf__destroy(lab->host);
	guest_bpf__destroy(lab->guest);
	flood_bpf__destroy(lab->flood);
	egress_bpf__destroy(lab->egress);
	uplink_bpf__destroy(lab->uplink);
	port_bpf__destroy(lab->port);
	free(lab->seen);
	free(lab);
}
