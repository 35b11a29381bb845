/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every number that a user or a guest controls has its limit here, named once. Shared by the BPF
 * programs, the model and the tests; plain macros, no includes.
 */
#ifndef XVSW_MAPS_LIMITS_H
#define XVSW_MAPS_LIMITS_H

/* VPort ids are 0 to 4094 (DESIGN.md, "Words"); 0 is the default VPort, the host. */
#define XVSW_VPORT_HOST 0
#define XVSW_VPORT_ID_MAX 4094
/* Not a VPort: stands for the uplink's outside wherever a VPort id names a source or a target. */
#define XVSW_VPORT_WIRE 4095
/* Size of tables indexed by VPort id, the wire included. */
#define XVSW_VPORT_SLOTS 4096

/* VPorts of a switch, the default one included; `max-vports`. */
#define XVSW_VPORTS_MIN 1
#define XVSW_VPORTS_MAX 4095
#define XVSW_VPORTS_DEFAULT 1024

/* Receive filters of a switch. */
#define XVSW_FILTERS_MAX 65536
/* Switches of an instance. */
#define XVSW_SWITCHES_MAX 64
/* `max-vfs`. */
#define XVSW_VFS_MAX 256

/* VLAN ids a user may name; 0 means untagged or priority-tagged. */
#define XVSW_VID_MIN 1
#define XVSW_VID_MAX 4094
#define XVSW_VLAN_SLOTS 4096

/* MTU: payload after the Ethernet header and all tags, bytes. */
#define XVSW_MTU_MIN 68
#define XVSW_MTU_MAX 9216
/*
 * An AF_XDP guest receives each frame in one descriptor: a UMEM frame of 4,096 bytes less the
 * kernel's headroom of 256, less Ethernet header and two tags, rounded down.
 */
#define XVSW_XSK_MTU_MAX 3800

/* Names of switches and VPorts: letters, digits, '.', '_', '-'; bytes with the closing zero. */
#define XVSW_NAME_SIZE 32
#define XVSW_ALIAS_SIZE 128
/* Kernel interface names (IFNAMSIZ), with the closing zero. */
#define XVSW_IFNAME_SIZE 16
/* Network namespace: a name under /run/netns or a path. */
#define XVSW_NETNS_SIZE 108
/* MACs in one `vport add`. */
#define XVSW_VPORT_ADD_MACS_MAX 64
/* Queues of an AF_XDP guest. */
#define XVSW_XSK_QUEUES_MAX 64

#endif
