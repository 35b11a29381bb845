// SPDX-License-Identifier: GPL-2.0-only
/* The instance: its tables, finding things in them, telling listeners. */
#include "switch/model_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maps/reasons.h"

_Static_assert(CONF_NAME_SIZE == XVSW_NAME_SIZE, "conf.h and limits.h disagree");
_Static_assert(CONF_ALIAS_SIZE == XVSW_ALIAS_SIZE, "conf.h and limits.h disagree");
_Static_assert(CONF_IFNAME_SIZE == XVSW_IFNAME_SIZE, "conf.h and limits.h disagree");
_Static_assert(CONF_NETNS_SIZE == XVSW_NETNS_SIZE, "conf.h and limits.h disagree");
_Static_assert(CONF_MACS_MAX == XVSW_VPORT_ADD_MACS_MAX, "conf.h and limits.h disagree");
_Static_assert((int)INFO_REASONS_MAX >= (int)XVSW_REASON_COUNT, "info.h has no room for reasons");
_Static_assert(XVSW_VPORTS_MAX <= XVSW_VPORT_ID_MAX + 1, "more VPorts than ids");
_Static_assert(XATTR_MAX <= 64, "attributes do not fit the bits of conf_*.set");
_Static_assert(sizeof(struct dp_filter_key) == 8, "the hashed key has padding");

struct model *model_new(const struct dp_ops *ops, void *dp, const struct model_events *events,
			void *ctx)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->ops = ops;
	m->dp = dp;
	m->events = events;
	m->ctx = ctx;
	return m;
}

void model_free(struct model *m)
{
	struct mswitch *sw, *sw_next;
	struct mvport *vp, *vp_next;
	struct mfilter *f, *f_next;

	if (!m)
		return;
	/* Tables first (that touches no element), then the elements by their own links. */
	HASH_ITER (hh, m->switches, sw, sw_next) {
		HASH_CLEAR(hh_key, sw->filters);
		HASH_CLEAR(hh_id, sw->vports);
	}
	f = m->filters;
	HASH_CLEAR(hh_id, m->filters);
	for (; f; f = f_next) {
		f_next = f->hh_id.next;
		free(f);
	}
	HASH_CLEAR(hh_name, m->vports);
	vp = m->vports_by_seq;
	HASH_CLEAR(hh_seq, m->vports_by_seq);
	for (; vp; vp = vp_next) {
		vp_next = vp->hh_seq.next;
		free(vp);
	}
	sw = m->switches;
	HASH_CLEAR(hh, m->switches);
	for (; sw; sw = sw_next) {
		sw_next = sw->hh.next;
		free(sw);
	}
	free(m);
}

uint32_t model_generation(const struct model *m)
{
	return m->generation;
}

void text_copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

int find_switch(struct model *m, const char *name, uint16_t attr, struct mswitch **sw,
		struct err *err)
{
	struct mswitch *found;

	HASH_FIND(hh, m->switches, name, strlen(name), found);
	if (!found)
		return err_set(err, -ENOENT, attr, "no switch named \"%s\"", name);
	*sw = found;
	return 0;
}

int find_vport(struct model *m, const char *name, uint16_t attr, struct mvport **vp,
	       struct err *err)
{
	struct mvport *found;

	if (strcmp(name, "default") == 0) {
		if (HASH_CNT(hh, m->switches) > 1)
			return err_set(err, -EINVAL, attr,
				       "default is ambiguous: name one as SWITCH/default");
		found = m->switches ? m->switches->host : NULL;
	} else {
		HASH_FIND(hh_name, m->vports, name, strlen(name), found);
	}
	if (!found)
		return err_set(err, -ENOENT, attr, "no VPort named \"%s\"", name);
	*vp = found;
	return 0;
}

static int filter_order(const struct mfilter *a, const struct mfilter *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

struct mfilter *vport_filters(struct mvport *vp)
{
	if (vp->unsorted)
		DL_SORT(vp->filters, filter_order);
	vp->unsorted = false;
	return vp->filters;
}

/* The uplink's MAC may become one that a filter has: the filter stays, the operator is told. */
static void fill_own_mac_warning(const struct mswitch *sw, struct info_switch *info)
{
	size_t len = strlen(info->reason);
	char mac[MAC_STR_SIZE];

	snprintf(info->reason + len, sizeof(info->reason) - len,
		 "%sthe uplink's own MAC %s is also that of filter %u%s", len ? "; " : "",
		 mac_format(&sw->info.mac, mac), sw->own_mac_filter,
		 sw->n_own_mac > 1 ? " and others" : "");
	if (info->state == XSTATE_UP)
		info->state = XSTATE_DEGRADED;
}

void switch_fill(const struct mswitch *sw, struct info_switch *info)
{
	memset(info, 0, sizeof(*info));
	text_copy(info->name, sizeof(info->name), sw->conf.name);
	text_copy(info->uplink, sizeof(info->uplink), sw->conf.uplink);
	info->ifindex = sw->info.ifindex;
	info->mode = sw->info.mode;
	info->dispatcher = sw->info.dispatcher;
	info->state = sw->info.state;
	text_copy(info->reason, sizeof(info->reason), sw->info.reason);
	info->max_vports = sw->conf.max_vports;
	info->max_vfs = sw->conf.max_vfs;
	info->vports = sw->n_vports;
	info->pool = sw->conf.pool;
	if (sw->n_own_mac)
		fill_own_mac_warning(sw, info);
}

void vport_fill(const struct mvport *vp, struct info_vport *info)
{
	memset(info, 0, sizeof(*info));
	text_copy(info->name, sizeof(info->name), vp->name);
	info->id = vp->id;
	text_copy(info->sw, sizeof(info->sw), vp->sw->conf.name);
	info->kind = vp->conf.kind;
	info->state = vp->info.state;
	info->path = vp->info.path;
	text_copy(info->reason, sizeof(info->reason), vp->info.reason);
	text_copy(info->dev, sizeof(info->dev), vp->info.dev);
	info->vlan = vp->conf.vlan;
	info->spoofcheck = vp->conf.spoofcheck;
	info->isolated = vp->conf.isolated;
	info->hook = vp->info.hook;
	info->mtu = vp->info.mtu;
	info->has_owner = vp->conf.kind == XKIND_XSK || vp->conf.kind == XKIND_QUEUE;
	if (info->has_owner)
		info->owner = vp->conf.owner;
	text_copy(info->alias, sizeof(info->alias), vp->alias);
}

void filter_fill(const struct mfilter *f, struct info_filter *info)
{
	memset(info, 0, sizeof(*info));
	info->id = f->id;
	info->mac = f->key.mac;
	info->vlan = f->key.vlan;
	text_copy(info->vport, sizeof(info->vport), f->vport->name);
	text_copy(info->sw, sizeof(info->sw), f->vport->sw->conf.name);
}

void tell_switch(struct model *m, enum xevent ev, struct mswitch *sw)
{
	switch_fill(sw, &sw->told);
	if (m->events && m->events->on_switch)
		m->events->on_switch(m->ctx, ev, &sw->told);
}

void tell_vport(struct model *m, enum xevent ev, const struct mvport *vp)
{
	struct info_vport info;

	if (!m->events || !m->events->on_vport)
		return;
	vport_fill(vp, &info);
	m->events->on_vport(m->ctx, ev, &info);
}

void tell_filter(struct model *m, enum xevent ev, const struct mfilter *f)
{
	struct info_filter info;

	if (!m->events || !m->events->on_filter)
		return;
	filter_fill(f, &info);
	m->events->on_filter(m->ctx, ev, &info);
}

void tell_switch_state(struct model *m, struct mswitch *sw)
{
	const struct info_switch *old = &sw->told;
	struct info_switch now;

	switch_fill(sw, &now);
	/* The number of VPorts is left out: their own events tell it. */
	if (now.ifindex == old->ifindex && now.mode == old->mode &&
	    now.dispatcher == old->dispatcher && now.state == old->state &&
	    strcmp(now.reason, old->reason) == 0)
		return;
	m->generation++;
	tell_switch(m, XEVENT_STATE, sw);
}
