/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offload features by the kernel's "ethtool" generic netlink family. @genl is a NETLINK_GENERIC
 * socket (nl.h) opened in the interface's network namespace; the caller may be elsewhere meanwhile.
 *
 * A feature is named as the kernel names it ("rx-gro", "tx-vlan-stag-hw-insert"; `ethtool -k`
 * shows the leaves so), or by one of these words for a group or a leaf, as the ethtool command has:
 * tx rx sg tso ufo gso gro lro rxvlan txvlan ntuple rxhash.
 */
#ifndef XVSW_DATAPATH_ETHTOOL_H
#define XVSW_DATAPATH_ETHTOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/nl.h"

/*
 * ethtool_feature_get() - state of a feature.
 * @active: in force now (for a group: any of its members).
 * @fixed_out: cannot be changed (for a group: none of its members can). Both may be NULL.
 * Errors: EOPNOTSUPP the kernel knows no such feature; ENODEV.
 */
int ethtool_feature_get(struct nl_sock *genl, uint32_t ifindex, const char *feature, bool *active,
			bool *fixed_out);

struct ethtool_want {
	const char *name;
	bool on;
};

/*
 * ethtool_features_set() - switch several features with one request. All that can be changed is,
 * even where another cannot. Off for a group: all members; on: all members that can be, one at
 * least. What already is so is not touched.
 * Errors: EOPNOTSUPP a feature is unknown, fixed or did not follow (checked by reading it again);
 * ENODEV; EPERM.
 */
int ethtool_features_set(struct nl_sock *genl, uint32_t ifindex, const struct ethtool_want *want,
			 unsigned int n);
int ethtool_feature_set(struct nl_sock *genl, uint32_t ifindex, const char *feature, bool on);

#endif
