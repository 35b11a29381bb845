/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map definitions for the BPF side. Every object that includes this declares the whole set; the
 * data path creates the set once for a switch and lets the other objects re-use it by name.
 */
#ifndef XVSW_MAPS_MAPS_H
#define XVSW_MAPS_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "index.h"
#include "types.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xvsw_conf);
} conf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XVSW_FILTERS_MAX);
	__type(key, struct xvsw_filter_key);
	__type(value, struct xvsw_filter);
} filters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XVSW_INDEX_BUCKETS);
	__type(key, __u32);
	__type(value, struct xvsw_bucket);
} filter_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, XVSW_VPORT_SLOTS);
	__type(key, __u32);
	__type(value, struct xvsw_vport);
} vports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XVSW_VPORT_SLOTS);
	__type(key, __u32);
	__type(value, struct xvsw_dev);
} devs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XVSW_VPORT_SLOTS);
	__type(key, __u32);
	__type(value, struct xvsw_counters);
} counters SEC(".maps");

/* Targets, key VPort id or XVSW_PORT_FLOOD. No programs: they cost a tenth of the rate. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, XVSW_VPORT_SLOTS + 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} ports SEC(".maps");

/* VLAN (0: untagged) → its flood set: members by VPort id, each with the devmap program. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, XVSW_VLAN_SLOTS);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
			__uint(max_entries, XVSW_VPORT_SLOTS);
			__uint(key_size, 4);
			__uint(value_size, 8); /* struct bpf_devmap_val */
		});
} flood SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XVSW_VPORT_SLOTS);
	__type(key, struct xvsw_guest_dev);
	__type(value, __u32);
} guest_devs SEC(".maps");

#endif
