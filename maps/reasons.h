/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drop reasons: the one list from which the enum, the counters, the names in `stats reasons`, the
 * texts and the manual page are made. Each drop is counted under exactly one reason of exactly one
 * VPort. The side says which total it is part of: TX drops are the sender's, up to classification
 * (the wire's are on the default VPort), RX drops are the target's, after it (those towards the
 * wire are on the default VPort).
 *
 * Append only: the position is the index in struct xvsw_counters, which outlives the daemon.
 */
#ifndef XVSW_MAPS_REASONS_H
#define XVSW_MAPS_REASONS_H

#define XVSW_REASONS(X)                                                                            \
	X(malformed, TX, "headers cut short, or a frame shorter than an Ethernet header")          \
	X(link_local, TX, "link-local control frame (01:80:c2:00:00:0x) from a guest")             \
	X(vlan_not_allowed, TX, "a tag, or its absence, that the VPort's VLAN mode forbids")       \
	X(spoofcheck, TX, "source MAC is not one of the VPort's filters")                          \
	X(hairpin, TX, "destination is the sender's own VPort")                                    \
	X(no_headroom, TX, "the driver left no room for metadata or a tag")                        \
	X(isolated, RX, "both VPorts are isolated")                                                \
	X(mtu, RX, "frame is larger than the target's MTU")                                        \
	X(no_target, RX, "the target has no device that can take frames")                          \
	X(no_guest, RX, "no guest is attached to the AF_XDP socket")                               \
	X(ring_full, RX, "the guest's receive or fill ring had no room")                           \
	X(target_full, RX, "the target device had no room")                                        \
	X(target_down, RX, "the target device was down or refused the frame")                      \
	X(flood_frags, TX, "flood of a frame in several buffers, which this path cannot clone")

enum xvsw_reason {
#define X(name, side, text) XVSW_REASON_##name,
	XVSW_REASONS(X)
#undef X
		XVSW_REASON_COUNT
};

#endif
