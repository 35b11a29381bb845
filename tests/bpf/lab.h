/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A switch made by hand: the programs and maps of bpf/, filled as the data path fills them, over
 * veth pairs of the tests' own namespace.
 *
 *   peer end (pN)  ── what a guest, the wire or the host's stack would be; peeked at
 *   own end (vN)   ── the switch's device: in `ports`, `devs` and the flood set of VLAN 0
 *   flood0, flood1 ── the flood pair: the flood program on flood1 clones
 *   fence0, fence1 ── the one member of VLAN LAB_VID_FENCE, see lab_drain()
 */
#ifndef XVSW_TESTS_BPF_LAB_H
#define XVSW_TESTS_BPF_LAB_H

#include <stdint.h>

#include "maps/index.h"
#include "maps/meta.h"
#include "maps/types.h"

#include "net.h"
#include "xsk.h"

/*
 * Ports of the lab; each but P_WIRE has the VPort id of its number. All guests but P_G2 read
 * metadata; P_JUMBO too, so that there are some before frames in several buffers.
 */
enum lab_port {
	P_HOST,	 /* the host's leg: VPort 0 */
	P_G1,	 /* source check on, filters MAC_G1 and MAC_G1_SECOND */
	P_G2,	 /* no source check, no metadata, filters MAC_G2 and (MAC_G2, LAB_VID) */
	P_ISO_A, /* isolated */
	P_ISO_B, /* isolated */
	P_JUMBO, /* MTU 9000 */
	P_WIRE,	 /* the uplink */
	LAB_PORTS,
};
#define LAB_GONE 6	 /* a VPort with a filter (MAC_GONE) and no device */
#define LAB_VID 7	 /* a VLAN with a flood set of its own: P_G2 alone */
#define LAB_VID_NOBODY 9 /* a VLAN without one */
#define LAB_VID_FENCE 11 /* a VLAN of the tests' own, see lab_drain() */
#define LAB_MTU 1500
#define LAB_MTU_JUMBO 9000
#define LAB_MTU_DEVICE 9216 /* so that only our programs look at the MTU */

#define LAB_CPUS_MAX 1024

/* What differs from the usual world, for one test; bits. */
#define LAB_GENERIC 0x1	    /* the uplink is in generic mode */
#define LAB_NO_FLOOD 0x2    /* VLAN 0 has no flood set */
#define LAB_OTHER_PORTS 0x4 /* another map's id for `ports` */
#define LAB_SOCKET 0x8	    /* an AF_XDP socket is in queue 0 of the guest program's map */
#define LAB_NO_UPLINK 0x10  /* conf is empty */
#define LAB_NO_PAIR 0x20    /* the flood pair is gone */

struct port_bpf;
struct uplink_bpf;
struct egress_bpf;
struct flood_bpf;
struct guest_bpf;
struct host_bpf;
struct loss_bpf;
struct progs;

struct lab {
	struct port_bpf *port; /* owner of the maps */
	struct uplink_bpf *uplink;
	struct egress_bpf *egress;
	struct flood_bpf *flood;
	struct guest_bpf *guest;
	struct host_bpf *host;
	struct loss_bpf *loss;
	int prog_port, prog_uplink, prog_egress, prog_flood, prog_guest, prog_host_out,
		prog_host_in, prog_wire_in, prog_peek;
	int conf, filters, filter_index, vports, devs, counters, ports, flood_map, guest_devs, xsks;
	int flood_set[3]; /* VLAN 0, VLAN LAB_VID, VLAN LAB_VID_FENCE */
	int flood_now;	  /* what VLAN 0 has; -1: nothing. A store waits for RCU */
	uint32_t ports_map_id;
	struct progs *filter_code;		      /* what the data path's filters.c works on */
	unsigned int own[LAB_PORTS], peer[LAB_PORTS]; /* ifindex */
	int listen[LAB_PORTS];			      /* packet sockets on the peer ends */
	unsigned int flood_own, flood_peer;
	unsigned int fence_own, fence_peer;
	int fence_listen;
	uint8_t fence_number;
	struct net_frames *seen;
	struct xsk xsk; /* fd -1: not open */
	int cpus;
};

/* Counters by their place in struct xvsw_counters. */
#define LAB_COUNTERS (sizeof(struct xvsw_counters) / sizeof(uint64_t))
#define C_RX_PACKETS 0
#define C_RX_BYTES 1
#define C_TX_PACKETS 2
#define C_TX_BYTES 3
#define C_RX_LOST 4
#define C_REASON 5
struct lab_count {
	uint32_t vport;
	uint32_t what;
	uint64_t n; /* 0 ends a list */
};
#define COUNTS_MAX 20
#define RX_N(vport, n, bytes)                                                                      \
	{ vport, C_RX_PACKETS, n },                                                                \
	{                                                                                          \
		vport, C_RX_BYTES, bytes                                                           \
	}
#define TX_N(vport, n, bytes)                                                                      \
	{ vport, C_TX_PACKETS, n },                                                                \
	{                                                                                          \
		vport, C_TX_BYTES, bytes                                                           \
	}
#define RX(vport, bytes) RX_N(vport, 1, bytes)
#define TX(vport, bytes) TX_N(vport, 1, bytes)
#define DROPPED_N(vport, reason, n)                                                                \
	{                                                                                          \
		vport, C_REASON + XVSW_REASON_##reason, n                                          \
	}
#define DROPPED(vport, reason) DROPPED_N(vport, reason, 1)
#define LOST(vport, reason, n) { vport, C_RX_LOST, n }, DROPPED_N(vport, reason, n)

/* 0 or -errno, with a line on stderr that says what failed. */
int lab_open(struct lab **lab);
void lab_close(struct lab *lab);

uint32_t lab_vport_id(enum lab_port p);
const char *lab_port_name(enum lab_port p);
uint32_t lab_port_mtu(enum lab_port p);
/* The metadata of unicast to @p: @meta, or none where the guest does not read them. */
struct xvsw_meta lab_port_meta(enum lab_port p, struct xvsw_meta meta);

/* The usual world but for @with (LAB_* bits), all counters at zero. Fails the running test. */
void lab_set(struct lab *lab, unsigned int with);
/* The flood set of VLAN 0, -1: none. */
void lab_set_flood(struct lab *lab, int set_fd);
/* The AF_XDP socket that LAB_SOCKET stands for, with room for @room frames. */
void lab_open_socket(struct lab *lab, uint32_t room);
/* Takes off what a test attached, opened or set down, whether it passed or not. */
int lab_restore(void **state);
/* The sum of the per-CPU values. */
void lab_counters(struct lab *lab, uint32_t vport, uint64_t sum[LAB_COUNTERS]);
/* Every counter of every VPort is as listed, and zero where it is not. */
void lab_check_counters(struct lab *lab, const struct lab_count *want, const char *name);
/* The native XDP program of a device; -1: none. */
void lab_attach(unsigned int ifindex, int prog_fd);
void lab_attach_generic(unsigned int ifindex, int prog_fd);
/*
 * All floods before this have been cloned: a flood of the tests' own goes the same way behind them.
 * After it, a fence on a port (net_collect()) stands behind the copies, too.
 */
void lab_drain(struct lab *lab);
/* The same, but all that was sent from the wire by a socket has gone through the uplink, too. */
void lab_drain_wire(struct lab *lab);

/* lab_filters.c: by the data path's own code. 0 or -errno. */
int lab_filters_open(struct lab *lab);
void lab_filters_close(struct lab *lab);
int lab_filter_add(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport);
int lab_filter_move(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport);
int lab_filter_del(struct lab *lab, const struct xvsw_filter_key *key);
/* The bucket of @key in the index, mapped. */
struct xvsw_bucket *lab_bucket(struct lab *lab, const struct xvsw_filter_key *key);

#endif
