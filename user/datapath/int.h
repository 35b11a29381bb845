/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the data path share. */
#ifndef XVSW_DATAPATH_INT_H
#define XVSW_DATAPATH_INT_H

#include <limits.h>
#include <uthash.h>

#include "base/conf.h"
#include "base/err.h"
#include "datapath/datapath.h"
#include "maps/types.h"
#include "switch/dp.h"

/* Groups of devices are the administrator's small numbers; ours are far away from them. */
#define DEVICE_GROUP 0x78000000u
#define DEVICE_GROUP_MASK 0xff000000u

struct nl_sock;
struct fdb_entry;
struct xvsw_bucket;

struct datapath {
	char instance[CONF_NAME_SIZE];
	char run_dir[PATH_MAX / 2];
	char pin_dir[PATH_MAX / 2]; /* BPFFS/xvsw/INSTANCE */
	char bpffs[PATH_MAX / 4];   /* where one was expected */
	bool private_bpffs;	    /* mounted by us: pins die with the mount */
	uint32_t netns;		    /* inode number of our network namespace */
	const struct dp_events *events;
	void *ctx;
	struct nl_sock *rt, *genl;	 /* requests */
	struct nl_sock *links, *netdevs; /* monitors; netdevs NULL where the kernel has none */
	int epoll_fd;
	struct dp_switch *switches; /* by name */
	struct dp_vport *by_index;  /* VPorts of all switches by the ifindex of our end */
};

/* Frames that a device had no room for, by its own counter. */
struct dev_drops {
	uint64_t base;	 /* when it was plugged */
	uint64_t seen;	 /* since then, when last read */
	uint64_t before; /* on devices that were plugged here before */
};

/* Kernel objects of one switch. Map descriptors stay open for the life of the switch. */
struct progs {
	int conf, filters, filter_index, vports, devs, counters, ports, flood, guest_devs;
	int flood_set; /* members of VLAN 0 */
	int port_prog, egress_prog, flood_prog, host_out, host_in, wire_in;
	int loss_link;
	struct xvsw_bucket *index; /* filter_index, mapped */
	struct port_bpf *port;	   /* owner of the maps' definitions, for re-use by name */
};

/*
 * A veth pair of the switch's own. The host's leg (bpf/host.bpf.c): switch end, host end. The flood
 * pair (bpf/flood.bpf.c): end that floods are redirected to, end that clones them.
 */
struct pair {
	char name[2][CONF_IFNAME_SIZE];
	uint32_t ifindex[2];
	int link_fd; /* XDP on one of the ends */
};

struct dp_switch {
	struct datapath *dp;
	void *cookie;
	char name[CONF_NAME_SIZE];
	char uplink[CONF_IFNAME_SIZE];
	char pin_dir[PATH_MAX / 2 + CONF_NAME_SIZE + 2];
	enum xmode want;	    /* what the user asked for */
	struct dp_switch_info info; /* as told last; info.ifindex 0: the uplink is gone */
	bool link_up, carrier;
	uint32_t number;      /* the uplink's when the switch was made: names our own devices */
	uint32_t group;	      /* of our own devices */
	uint32_t xdp_prog_id; /* on the uplink, as rtnetlink tells it when all is well */
	bool xdp_gone;	      /* somebody took our program off the uplink */
	bool pair_gone;	      /* somebody deleted the leg or the flood pair */
	bool allmulti_set, clsact_made;
	unsigned int fdb_refused; /* unicast addresses that the uplink does not take */
	uint64_t features;
	bool features_known;
	struct progs progs;
	struct pair leg, flood;
	struct dev_drops wire_drops, flood_drops; /* of the uplink, of the flood pair */
	struct fdb_entry *fdb;
	struct dp_vport *vports; /* by id */
	UT_hash_handle hh;
};

struct dp_vport {
	struct dp_switch *sw;
	void *cookie;
	struct dp_vport_conf conf;
	struct dp_vport_info info; /* as told last */
	uint32_t ifindex;	   /* our end; 0: gone */
	int link_fd;		   /* XDP on our end */
	bool generic;
	bool link_up, carrier;
	uint64_t features;
	bool features_known;
	struct dev_drops drops; /* of our end */
	/* xsk */
	char netns_path[PATH_MAX];
	int netns_fd;
	uint32_t guest_ifindex;
	bool pair_made; /* info.dev is a device of ours */
	int guest_link_fd, xsks_fd;
	uint32_t frame_size; /* of the attached guest's UMEM, bytes */
	/* Made for a guest, but the kernel has not let go of the last one's socket. */
	bool is_pending;
	struct dp_guest pending;
	struct dp_guest_req pending_req;
	int sock_fd; /* our copy while a guest is attached: for draining and statistics */
	bool attached;
	UT_hash_handle hh;	 /* sw->vports */
	UT_hash_handle hh_index; /* dp->by_index */
};

/* progs.c: load, pin and fill. */
int progs_load(struct dp_switch *sw, struct err *err);
void progs_unload(struct dp_switch *sw);
/* Open links that outlive the daemon: attach XDP to a device of ours and pin the link. */
int progs_attach_port(struct dp_switch *sw, uint32_t ifindex, const char *pin, bool *generic,
		      int *link_fd);
/* The flood program on the far end of the flood pair. */
int progs_attach_flood(struct dp_switch *sw);
/* The program on the guest end of @vp, attached in the current network namespace. */
int progs_attach_guest(struct dp_vport *vp, struct err *err);
int progs_conf_store(struct dp_switch *sw);

/* uplink.c */
int uplink_attach(struct dp_switch *sw, struct err *err);
void uplink_detach(struct dp_switch *sw);
/* MAC, MTU and index into the tables. */
int uplink_store(struct dp_switch *sw);
int uplink_plug(struct dp_switch *sw, struct err *err);
void uplink_unplug(struct dp_switch *sw, bool gone);
/* Take our XDP program off @ifindex, whoever attached it, and no other. */
void uplink_detach_index(uint32_t ifindex);
/* Whether our XDP program on @ifindex is of the switch whose `conf` map has this kernel id. */
bool uplink_is_of(uint32_t ifindex, uint32_t conf_id);
/* Kernel id of an open map; 0: none. */
uint32_t map_id(int fd);
/* A device that any switch on this host made for itself. */
bool is_own_group(uint32_t group);
/* State and reason of the switch from what is known; tells the model when it changed. */
void switch_refresh(struct dp_switch *sw, bool tell);

/* pairs.c: the host's leg and the flood pair. */
int pairs_add(struct dp_switch *sw, struct err *err);
void pairs_del(struct dp_switch *sw);

/* fdb.c: unicast addresses of the uplink, counted by MAC. */
int fdb_ref(struct dp_switch *sw, const struct xmac *mac, struct err *err);
void fdb_unref(struct dp_switch *sw, const struct xmac *mac);
void fdb_replug(struct dp_switch *sw);
void fdb_free(struct dp_switch *sw, bool remove);

/* port.c: one VPort in the tables; kinds.c: its device. */
int port_tables_set(struct dp_vport *vp);
void port_tables_clear(struct dp_vport *vp);
/* Flags and MTU only; the device stays. */
int port_tables_update(struct dp_vport *vp);
int port_plug(struct dp_vport *vp, struct err *err);
void port_unplug(struct dp_vport *vp);
void vport_refresh(struct dp_vport *vp, bool tell);
/* Tell the model what vp->info says now. */
void vport_tell(struct dp_vport *vp);
uint32_t vport_mtu(const struct dp_vport *vp);
int kind_add(struct dp_vport *vp, struct err *err);
void kind_del(struct dp_vport *vp);
int kind_set_mtu(struct dp_vport *vp, uint32_t mtu, struct err *err);
void vport_pin_path(const struct dp_vport *vp, const char *what, char *buf, size_t size);

/* xsk.c */
int xsk_guest_attach(struct dp_vport *vp, const struct dp_guest_req *req, struct dp_guest *out,
		     struct err *err);
void xsk_guest_detach(struct dp_vport *vp);
/* Let go of what was made for a guest that never got it. */
void xsk_drop_pending(struct dp_vport *vp);
/* Largest MTU whose frames fit a UMEM frame of @frame_size bytes. */
uint32_t xsk_frame_mtu(uint32_t frame_size);

/* stats.c */
int stats_read(struct dp_vport *vp, struct info_stats *stats, struct err *err);
void stats_clear(struct dp_switch *sw, uint32_t id);
/* Begin, and end, counting what a device drops. */
void drops_plug(struct datapath *dp, struct dev_drops *d, uint32_t ifindex);
void drops_unplug(struct datapath *dp, struct dev_drops *d, uint32_t ifindex);

/* filters.c: errors of map_update(). */
int filters_map(struct progs *p);
void filters_unmap(struct progs *p);
int filters_add(const struct progs *p, const struct xvsw_filter_key *key,
		const struct xvsw_filter *f);
int filters_move(const struct progs *p, const struct xvsw_filter_key *key,
		 const struct xvsw_filter *f);
int filters_del(const struct progs *p, const struct xvsw_filter_key *key);

/* mapio.c: map stores with errors as the model has them. */
enum map_mode { MAP_ANY, MAP_NEW, MAP_EXIST };
int map_update(int fd, const void *key, const void *value, enum map_mode mode);
int map_delete(int fd, const void *key);

/* record.c: what --flush-only must know about a daemon that is gone. */
int record_switch(const struct dp_switch *sw);
int record_vport(const struct dp_vport *vp);
/* An address of the uplink that was there before our filter: stays when the filter goes. */
void record_foreign_mac(const struct dp_switch *sw, const struct xmac *mac);
void record_vport_del(const struct dp_vport *vp);
void record_switch_del(const struct dp_switch *sw);

/* Whether an earlier daemon left a switch running. */
bool record_any(const char *run_dir);

void datapath_quiet_libraries(void);

/* pins.c */
int pins_open(struct datapath *dp, const struct datapath_conf *conf, struct err *err);
/* bpffs refuses dots in names. */
void pins_component(const char *name, char *buf, size_t size);
int pins_mkdir(const char *path);
/* Take away the bpffs that pins_open() mounted, if it did. */
void pins_unmount(const char *run_dir);
void pins_remove_tree(const char *path);

#endif
