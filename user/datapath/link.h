/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network interfaces by rtnetlink. @rt is a NETLINK_ROUTE socket (nl.h); an interface is one of the
 * namespace in which that socket was opened. All changes need CAP_NET_ADMIN there. Where nothing
 * else is said the errors are the kernel's: ENODEV no such interface, EPERM.
 */
#ifndef XVSW_DATAPATH_LINK_H
#define XVSW_DATAPATH_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "datapath/nl.h"

struct link_info {
	uint32_t ifindex;
	char name[16];
	struct xmac mac;       /* zero: not an Ethernet address */
	uint32_t mtu;	       /* bytes */
	uint32_t flags;	       /* IFF_* */
	bool up;	       /* IFF_UP */
	bool carrier;	       /* IFF_LOWER_UP */
	uint32_t peer_ifindex; /* IFLA_LINK: a veth's peer, a VLAN's parent; 0: none */
	int32_t link_netnsid;  /* namespace of peer_ifindex, as an id here; -1: this one */
	char kind[16];	       /* "veth", "bridge", ...; empty: a device with a driver */
	uint32_t xdp_prog_id;  /* 0: no program; of several, the driver's before the generic one */
	uint8_t xdp_mode;      /* XDP_ATTACHED_* */
	uint32_t promiscuity;  /* how many ask for it */
	uint32_t allmulti;  /* how many ask for it; 0 where the kernel does not tell (before 6.0) */
	bool flag_allmulti; /* IFF_ALLMULTI, as an administrator set it */
	uint32_t group;	    /* IFLA_GROUP; 0: the default one */
	uint32_t master;    /* ifindex of the bridge or bond it is in; 0: none */
};

/* link_get() - ENODEV also for a name that no interface can have. An alternative name will do. */
int link_get(struct nl_sock *rt, const char *name, struct link_info *info);
int link_get_by_index(struct nl_sock *rt, uint32_t ifindex, struct link_info *info);
/*
 * link_dump() - call @cb for each interface. When the table changes meanwhile it is read again, so
 * @cb may see an interface twice: the later call is the truer one.
 */
int link_dump(struct nl_sock *rt, void (*cb)(void *ctx, const struct link_info *info), void *ctx);

struct link_veth {
	const char *name;	     /* this end, in the namespace of the socket */
	const char *peer;	     /* the other end */
	int peer_netns_fd;	     /* where the other end is made; -1: beside this one */
	const struct xmac *peer_mac; /* NULL: the kernel chooses */
	uint32_t mtu;		     /* of both ends, bytes; 0: the kernel's 1,500 */
	unsigned int queues;	     /* rx and tx queues of both ends; 0: as 1 */
	uint32_t group; /* for link_del_group(), of this end and of a peer beside it; 0: none */
};

/*
 * link_veth_create() - make a veth pair, both ends down. The peer is made in its namespace and not
 * moved there, so that its name never clashes here and no event of it is seen here.
 * @text: the kernel's words on an error, see nl_talk().
 * Errors: EEXIST a name is taken; EINVAL a name is unusable; ERANGE or EINVAL the mtu is.
 */
int link_veth_create(struct nl_sock *rt, const struct link_veth *conf, char *text,
		     size_t text_size);
int link_del(struct nl_sock *rt, uint32_t ifindex);
/*
 * link_del_group() - delete all interfaces of a group at once: one at a time each waits for the
 * kernel's grace periods, some 20 ms. None in it is fine.
 */
int link_del_group(struct nl_sock *rt, uint32_t group);

/*
 * link_tx_dropped() - frames that the device had no room for, as it counts them itself: on veth and
 * tap also those redirected to it; drivers of NICs differ.
 */
int link_tx_dropped(struct nl_sock *rt, uint32_t ifindex, uint64_t *count);

int link_set_up(struct nl_sock *rt, uint32_t ifindex, bool up);
int link_set_mtu(struct nl_sock *rt, uint32_t ifindex, uint32_t mtu);
/* No ARP on this interface: before it is up, so that it never talks by itself. */
int link_set_noarp(struct nl_sock *rt, uint32_t ifindex);
/* @flag: IFF_ALLMULTI or another flag that an administrator may set. */
int link_set_flag(struct nl_sock *rt, uint32_t ifindex, uint32_t flag, bool on);
/* @alias: at most 255 bytes; "": none. */
int link_set_alias(struct nl_sock *rt, uint32_t ifindex, const char *alias);
/*
 * link_set_no_ipv6() - no IPv6 on @ifname of the calling thread's network namespace (not of a
 * socket's: sysctls have none). A kernel without IPv6 is fine.
 * Errors: ENODEV no such interface, where the kernel has IPv6.
 */
int link_set_no_ipv6(const char *ifname);

/*
 * link_fdb_add(), link_fdb_del() - an address that the device takes in beside its own (its unicast
 * list; what `bridge fdb add ... self permanent` does).
 * Errors: add: EEXIST it is there already, perhaps by somebody else's hand; EINVAL it is multicast
 * or zero. del: ENOENT it is not there.
 */
int link_fdb_add(struct nl_sock *rt, uint32_t ifindex, const struct xmac *mac);
int link_fdb_del(struct nl_sock *rt, uint32_t ifindex, const struct xmac *mac);

struct link_event {
	bool gone; /* deleted, or moved to another namespace */
	struct link_info info;
};

/* link_monitor_open() - events of interfaces in the calling thread's network namespace. */
int link_monitor_open(struct nl_sock **monitor);
/*
 * link_monitor_next() - next event, without waiting.
 * Returns 1; 0: nothing now; -ENOBUFS: events were lost: do link_dump() and go on; other -errno.
 */
int link_monitor_next(struct nl_sock *monitor, struct link_event *ev);

#endif
