/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data path as the model sees it: a table of functions that tests replace by a fake. The real
 * one is in user/datapath and is the only writer of maps.
 *
 * Every call is all or nothing: on failure it returns -errno, has filled @err with a sentence, has
 * left its out parameters untouched and the kernel as it was. Calls that return void put things
 * back as far as the kernel lets them and log what it refused. Single-threaded.
 */
#ifndef XVSW_SWITCH_DP_H
#define XVSW_SWITCH_DP_H

#include "base/conf.h"
#include "base/err.h"
#include "base/info.h"

struct dp_switch; /* opaque, the data path's */
struct dp_vport;  /* opaque, the data path's */

struct dp_switch_info {
	uint32_t ifindex; /* 0: the uplink is gone */
	enum xmode mode;  /* native or generic */
	bool dispatcher;
	struct xmac mac; /* the uplink's own address now */
	uint32_t mtu;
	enum xstate state; /* up, degraded, down */
	char reason[INFO_REASON_SIZE];
};

/* A complete description, defaults filled in by the model. */
struct dp_vport_conf {
	char name[CONF_NAME_SIZE * 2]; /* as shown: SW/default for the default VPort */
	uint32_t id;
	enum xkind kind;
	char dev[CONF_IFNAME_SIZE];  /* dev: IFNAME; veth: GUESTIF; else empty */
	char netns[CONF_NETNS_SIZE]; /* veth: where GUESTIF goes; empty: the daemon's own */
	uint32_t queues;	     /* xsk: 1 */
	uid_t owner;
	bool has_mac; /* veth: GUESTIF gets this address */
	struct xmac mac;
	bool spoofcheck, isolated;
	uint32_t mtu; /* 0: the uplink's (xsk: at most XVSW_XSK_MTU_MAX; dev: its own) */
	enum xhook hook;
	struct conf_vlan vlan;
};

struct dp_vport_info {
	enum xstate state;
	enum xpath path;
	char reason[INFO_REASON_SIZE];
	char dev[CONF_IFNAME_SIZE]; /* our end's name */
	struct xmac guest_mac;	    /* veth: GUESTIF's address */
	uint32_t mtu;		    /* in force */
	enum xhook hook;	    /* in force */
};

struct dp_filter_key {
	struct xmac mac;
	uint16_t vlan; /* 0: untagged */
};

/* What a guest asks for and gets when it attaches to an xsk VPort. */
struct dp_guest_req {
	uint32_t frames;	   /* of the UMEM, a power of two; 0: default */
	uint32_t frame_size;	   /* bytes, 2048 or 4096; 0: default */
	uint32_t rx_size, tx_size; /* ring entries, powers of two; 0: default */
};

struct dp_guest {
	uint32_t frames, frame_size, rx_size, tx_size, fill_size, comp_size;
	uint32_t mtu;
	unsigned int n_queues;
	int sock_fd[1]; /* bound AF_XDP sockets, the caller closes them after hand-over */
	int umem_fd;	/* sealed memfd, the caller closes it */
};

struct dp_ops {
	/*
	 * Claim the uplink and load a switch's maps and programs. @cookie comes back in events.
	 * Errors: ENODEV no such device; EBUSY it has a switch or a foreign XDP program (named);
	 * EOPNOTSUPP mode native was asked and the driver cannot.
	 */
	int (*switch_add)(void *dp, const struct conf_switch *conf, void *cookie,
			  struct dp_switch **sw, struct dp_switch_info *info, struct err *err);
	/*
	 * Optional. All of the switch is about to go: its filters, its VPorts, then itself, each
	 * by its own call. What is quicker at once may be done here.
	 */
	void (*switch_closing)(void *dp, struct dp_switch *sw);
	/* Its VPorts are gone by now; everything changed on the host is put back. */
	void (*switch_del)(void *dp, struct dp_switch *sw);

	/*
	 * The default VPort (kind host, id 0) is added right after its switch and deleted right
	 * before it. Errors: ENODEV device or namespace missing; EEXIST interface name taken;
	 * EBUSY device is another VPort's; EOPNOTSUPP it cannot take redirected frames.
	 */
	int (*vport_add)(void *dp, struct dp_switch *sw, const struct dp_vport_conf *conf,
			 void *cookie, struct dp_vport **vp, struct dp_vport_info *info,
			 struct err *err);
	/* @set: XBIT()s of what differs from the last conf. */
	int (*vport_set)(void *dp, struct dp_vport *vp, const struct dp_vport_conf *conf,
			 uint64_t set, struct dp_vport_info *info, struct err *err);
	/* Its filters are gone by now. A guest that is attached loses its socket. */
	void (*vport_del)(void *dp, struct dp_vport *vp);

	/* Add (@move false: EEXIST if present) or move (one map store) a filter. */
	int (*filter_set)(void *dp, struct dp_switch *sw, const struct dp_filter_key *key,
			  uint32_t id, struct dp_vport *to, bool move, struct err *err);
	int (*filter_del)(void *dp, struct dp_switch *sw, const struct dp_filter_key *key,
			  struct err *err);

	int (*stats)(void *dp, struct dp_vport *vp, struct info_stats *stats, struct err *err);

	/*
	 * Make, bind and enter into the XSKMAP the sockets of an xsk VPort. Errors: EBUSY a guest
	 * is attached; EAGAIN the kernel has not let go of the previous guest's sockets yet, ask
	 * again in some milliseconds; EINVAL a size; ENODEV.
	 */
	int (*guest_attach)(void *dp, struct dp_vport *vp, const struct dp_guest_req *req,
			    struct dp_guest *guest, struct err *err);
	void (*guest_detach)(void *dp, struct dp_vport *vp);
};

/* What the data path tells by itself, from datapath_process(). */
struct dp_events {
	void (*switch_changed)(void *ctx, void *cookie, const struct dp_switch_info *info);
	void (*vport_changed)(void *ctx, void *cookie, const struct dp_vport_info *info);
};

#endif
