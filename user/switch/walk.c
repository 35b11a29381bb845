// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks, page by page, while objects come and go. A cursor is the serial number of the object told
 * last (of filters, the id); tables are in that order. The next one is one hop away while the last
 * one still exists; when it was deleted the first with a higher number is looked for: numbers count
 * up, so mostly it is near, else it takes a pass over the table.
 */
#include "switch/model_int.h"

#include <errno.h>
#include <string.h>

/* How many numbers to try before a pass over the table. */
#define PROBES 64

static bool one_only(const char *name)
{
	return name && *name;
}

/* An instance has 64 switches at most: always looked for. */
static struct mswitch *switch_after(struct model *m, uint64_t cursor)
{
	struct mswitch *sw = m->switches;

	while (sw && sw->seq <= cursor)
		sw = sw->hh.next;
	return sw;
}

int model_switch_next(struct model *m, const char *name, uint64_t *cursor, struct info_switch *info,
		      struct err *err)
{
	struct mswitch *sw = NULL;
	int ret;

	if (!one_only(name)) {
		sw = switch_after(m, *cursor);
	} else if (*cursor == 0) {
		ret = find_switch(m, name, XATTR_NAME, &sw, err);
		if (ret)
			return ret;
	}
	if (!sw)
		return 0;
	switch_fill(sw, info);
	*cursor = sw->seq;
	return 1;
}

static struct mvport *vport_after(struct model *m, uint64_t cursor)
{
	struct mvport *vp;

	HASH_FIND(hh_seq, m->vports_by_seq, &cursor, sizeof(cursor), vp);
	if (vp)
		return vp->hh_seq.next;
	vp = m->vports_by_seq;
	while (vp && vp->seq <= cursor)
		vp = vp->hh_seq.next;
	return vp;
}

int model_vport_next(struct model *m, const char *name, uint32_t want, uint64_t *cursor,
		     struct info_vport *info, struct err *err)
{
	struct info_stats stats = { 0 };
	struct mvport *vp = NULL;
	int ret;

	if (!one_only(name)) {
		vp = vport_after(m, *cursor);
	} else if (*cursor == 0) {
		ret = find_vport(m, name, XATTR_NAME, &vp, err);
		if (ret)
			return ret;
	}
	if (!vp)
		return 0;
	if (want & (XWANT_STATS | XWANT_REASONS)) {
		ret = m->ops->stats(m->dp, vp->dp, &stats, err);
		if (ret)
			return ret;
	}
	vport_fill(vp, info);
	info->has_stats = want & (XWANT_STATS | XWANT_REASONS);
	info->stats = stats;
	*cursor = vp->seq;
	return 1;
}

/* @vp: NULL for the filters of all VPorts. */
static struct mfilter *filter_by_id(struct model *m, const struct mvport *vp, uint32_t id)
{
	struct mfilter *f;

	HASH_FIND(hh_id, m->filters, &id, sizeof(id), f);
	return f && (!vp || f->vport == vp) ? f : NULL;
}

static struct mfilter *filter_after(struct model *m, struct mvport *vp, uint64_t cursor)
{
	struct mfilter *f = vp ? vport_filters(vp) : m->filters;
	struct mfilter *last;
	uint32_t id = (uint32_t)cursor;
	unsigned int i;

	if (cursor > UINT32_MAX)
		return NULL;
	if (!f || f->id > id)
		return f;
	last = filter_by_id(m, vp, id);
	if (last)
		return vp ? last->next : last->hh_id.next;
	for (i = 1; i <= PROBES && id <= UINT32_MAX - i; i++) {
		last = filter_by_id(m, vp, id + i);
		if (last)
			return last;
	}
	while (f && f->id <= id)
		f = vp ? f->next : f->hh_id.next;
	return f;
}

int model_filter_next(struct model *m, const char *vport, uint64_t *cursor,
		      struct info_filter *info, struct err *err)
{
	struct mvport *vp = NULL;
	struct mfilter *f;
	int ret;

	if (one_only(vport)) {
		ret = find_vport(m, vport, XATTR_VPORT, &vp, err);
		/* Deleted between two pages: that is the end, not an error. */
		if (ret)
			return *cursor ? 0 : ret;
	}
	f = filter_after(m, vp, *cursor);
	if (!f)
		return 0;
	filter_fill(f, info);
	*cursor = f->id;
	return 1;
}
