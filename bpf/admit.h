/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 2, admit: may this VPort send this frame? Returns a reason below XVSW_REASON_COUNT to drop
 * it under, or XVSW_REASON_COUNT for yes; then f->vid names the frame's VLAN.
 */
#ifndef XVSW_BPF_ADMIT_H
#define XVSW_BPF_ADMIT_H

#include "bpf/filter.h"

#define ADMITTED XVSW_REASON_COUNT

/* DESIGN.md, fine print: untagged and priority-tagged frames belong to no VLAN. */
static __always_inline enum xvsw_reason admit_vlan(struct frame *f)
{
	if (f->outer == TAG_NONE)
		return ADMITTED;
	if (f->outer == TAG_8021AD || VLAN_VID(f->tci))
		return XVSW_REASON_vlan_not_allowed;
	return ADMITTED;
}

static __always_inline enum xvsw_reason admit_source(const struct frame *f, __u32 vport)
{
	return filter_find(f->src, f->vid) == vport ? ADMITTED : XVSW_REASON_spoofcheck;
}

static __always_inline enum xvsw_reason admit(struct frame *f, __u32 vport,
					      const struct xvsw_vport *conf_src)
{
	enum xvsw_reason r;

	if (mac_is_link_local(f->dst))
		return XVSW_REASON_link_local;
	r = admit_vlan(f);
	if (r != ADMITTED)
		return r;
	if (conf_src->flags & XVSW_VPORT_F_SPOOFCHECK)
		return admit_source(f, vport);
	return ADMITTED;
}

#endif
