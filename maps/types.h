/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keys and values of the maps: the one definition for both sides. No hidden padding (asserted);
 * zero a key before filling it. README.md has a row for each map.
 */
#ifndef XVSW_MAPS_TYPES_H
#define XVSW_MAPS_TYPES_H

#include <linux/types.h>

#include "limits.h"
#include "reasons.h"

/* Key of `filters`. */
struct xvsw_filter_key {
	__u8 mac[6];
	__u16 vlan; /* VID, host byte order; 0: untagged or priority-tagged */
};

/* Value of `filters`: where matching frames go. One store moves a filter. */
struct xvsw_filter {
	__u32 vport; /* VPort id */
	__u32 id;    /* filter id, for adoption by a later daemon */
};

/* `devs`: which VPort a device's frames come from. */
struct xvsw_dev {
	__u16 vport; /* VPort id; XVSW_VPORT_WIRE for the uplink */
	__u16 flags;
};
/* Frames on this device carry the source VPort id in an outer 802.1ad tag (the host's leg). */
#define XVSW_DEV_F_TAGGED 0x1

/*
 * Frames on the switch's own pairs name their source in an outer 802.1ad tag: skbs, which they may
 * be there, carry no metadata. TCI: VPort id, and this bit.
 */
#define XVSW_SOURCE_VID 0x0fff
#define XVSW_SOURCE_HOST_HAS 0x1000 /* the host's stack has its copy already */

/* Flags of struct xvsw_vport. */
#define XVSW_VPORT_F_USED 0x1
#define XVSW_VPORT_F_SPOOFCHECK 0x2
#define XVSW_VPORT_F_ISOLATED 0x4
#define XVSW_VPORT_F_META 0x8 /* the guest reads metadata: put them before unicast frames too */

/* Key of `ports` beside the VPort ids: where floods go to be cloned. */
#define XVSW_PORT_FLOOD XVSW_VPORT_SLOTS

/* VLAN modes of struct xvsw_vport. */
enum xvsw_vlan_mode {
	XVSW_VLAN_UNTAGGED = 0,
	XVSW_VLAN_ACCESS = 1,
	XVSW_VLAN_TRUNK = 2,
};

/* Value of `vports`, index VPort id (the slot XVSW_VPORT_WIRE describes the uplink). */
struct xvsw_vport {
	__u32 ifindex; /* our end: devmap target and ingress device; 0: none now */
	__u32 mtu;     /* largest payload the guest takes, bytes */
	__u16 flags;
	__u16 vlan_mode; /* enum xvsw_vlan_mode */
	__u16 vid;	 /* access VID or native VID; 0: none */
	__u16 reserved;
};

/* Value of `conf`, one entry. */
struct xvsw_conf {
	__u32 schema; /* XVSW_SCHEMA */
	__u32 uplink_ifindex;
	__u32 leg_ifindex;	/* end of the host's leg that is a switch port */
	__u32 leg_host_ifindex; /* end whose frames go to the host's stack */
	__u8 uplink_mac[6];
	__u16 flags;
	__u32 ports_map_id; /* kernel id of `ports`, for the loss counters */
	__u32 netns; /* inode number of the switch's network namespace, for the loss counters */
};
/* The uplink runs in generic mode: frames re-injected for the host come by its program again. */
#define XVSW_CONF_F_GENERIC 0x1
#define XVSW_SCHEMA 1

/* Value of `counters`, per CPU, index VPort id. From the guest's side: rx reaches the guest. */
struct xvsw_counters {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	/* Redirected, therefore in rx_packets, and then lost: counted in reasons[] too. */
	__u64 rx_lost;
	__u64 reasons[XVSW_REASON_COUNT];
};

/* Key of `guest_devs`: the guest end of an AF_XDP VPort, as the kernel's tracepoints see it. */
struct xvsw_guest_dev {
	__u32 netns; /* inode number of the network namespace */
	__u32 ifindex;
};

_Static_assert(sizeof(struct xvsw_filter_key) == 8, "filter key has padding");
_Static_assert(sizeof(struct xvsw_filter) == 8, "filter has padding");
_Static_assert(sizeof(struct xvsw_dev) == 4, "dev has padding");
_Static_assert(sizeof(struct xvsw_vport) == 16, "vport has padding");
_Static_assert(sizeof(struct xvsw_conf) == 32, "conf has padding");
_Static_assert(sizeof(struct xvsw_counters) == (5 + XVSW_REASON_COUNT) * 8, "counters padded");

#endif
