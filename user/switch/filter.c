// SPDX-License-Identifier: GPL-2.0-only
/* Receive filters: (MAC, VLAN) of a switch to one of its VPorts. */
#include "switch/model_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int filter_check_mac(const struct mswitch *sw, const struct xmac *mac, struct err *err)
{
	char text[MAC_STR_SIZE];

	mac_format(mac, text);
	if (mac_is_zero(mac))
		return err_set(err, -EINVAL, XATTR_MAC, "mac %s is all zeros", text);
	if (mac_is_multicast(mac))
		return err_set(err, -EINVAL, XATTR_MAC,
			       "mac %s is a multicast address: a filter has one VPort", text);
	if (mac_equal(mac, &sw->info.mac))
		return err_set(err, -EINVAL, XATTR_MAC,
			       "mac %s is that of uplink %s, which is the host's", text,
			       sw->conf.uplink);
	return 0;
}

int filter_check_free(struct mswitch *sw, const struct dp_filter_key *key, struct err *err)
{
	char text[MAC_STR_SIZE];
	struct mfilter *f;

	HASH_FIND(hh_key, sw->filters, key, sizeof(*key), f);
	if (f)
		return err_set(err, -EEXIST, XATTR_MAC, "mac %s vlan %u is filter %u of VPort %s",
			       mac_format(&key->mac, text), key->vlan, f->id, f->vport->name);
	return 0;
}

int filter_check_room(const struct model *m, const struct mswitch *sw, unsigned int n,
		      struct err *err)
{
	if (n > XVSW_FILTERS_MAX - sw->n_filters)
		return err_set(err, -ENOSPC, XATTR_MAC,
			       "switch %s is full: a switch has at most %u filters", sw->conf.name,
			       XVSW_FILTERS_MAX);
	if (n > UINT32_MAX - m->last_filter_id)
		return err_set(err, -ENOSPC, 0, "the instance has used up its filter ids");
	return 0;
}

/* May @vp, by its VLAN mode, have a filter on @vlan? The host is a member of every VLAN. */
static int check_vlan(const struct mvport *vp, uint16_t vlan, struct err *err)
{
	if (vport_is_host(vp) || vlan == 0)
		return 0;
	return err_set(err, -EINVAL, XATTR_VLAN,
		       "vlan %u is not possible on VPort %s, which is untagged", vlan, vp->name);
}

static void list_append(struct mvport *vp, struct mfilter *f)
{
	if (vp->filters && vp->filters->prev->id > f->id)
		vp->unsorted = true;
	DL_APPEND(vp->filters, f);
	vp->n_filters++;
	f->vport = vp;
}

static void list_remove(struct mfilter *f)
{
	DL_DELETE(f->vport->filters, f);
	f->vport->n_filters--;
}

static struct mfilter *tables_enter(struct model *m, struct mvport *vp,
				    const struct dp_filter_key *key)
{
	struct mswitch *sw = vp->sw;
	struct mfilter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->key = *key;
	f->id = ++m->last_filter_id;
	HASH_ADD(hh_id, m->filters, id, sizeof(f->id), f);
	if (!f->hh_id.tbl)
		goto out_free;
	HASH_ADD(hh_key, sw->filters, key, sizeof(f->key), f);
	if (!f->hh_key.tbl)
		goto out_delete;
	list_append(vp, f);
	sw->n_filters++;
	return f;
out_delete:
	HASH_DELETE(hh_id, m->filters, f);
out_free:
	free(f);
	return NULL;
}

void filters_count_own_mac(struct mswitch *sw)
{
	const struct mfilter *f;

	sw->n_own_mac = 0;
	sw->own_mac_filter = 0;
	for (f = sw->filters; f; f = f->hh_key.next) {
		if (!mac_equal(&f->key.mac, &sw->info.mac))
			continue;
		if (!sw->n_own_mac++)
			sw->own_mac_filter = f->id;
	}
}

void filter_remove(struct model *m, struct mfilter *f)
{
	struct mswitch *sw = f->vport->sw;
	bool own_mac = sw->n_own_mac && mac_equal(&f->key.mac, &sw->info.mac);

	list_remove(f);
	HASH_DELETE(hh_key, sw->filters, f);
	HASH_DELETE(hh_id, m->filters, f);
	sw->n_filters--;
	free(f);
	if (own_mac)
		filters_count_own_mac(sw);
}

int filter_install(struct model *m, struct mvport *vp, const struct dp_filter_key *key,
		   struct mfilter **out, struct err *err)
{
	struct mfilter *f = tables_enter(m, vp, key);
	int ret;

	if (!f)
		return err_set(err, -ENOMEM, 0, "no memory");
	ret = m->ops->filter_set(m->dp, vp->sw->dp, key, f->id, vp->dp, false, err);
	if (ret) {
		filter_remove(m, f);
		return ret;
	}
	*out = f;
	return 0;
}

int model_filter_add(struct model *m, const struct conf_filter *conf, uint32_t *id, struct err *err)
{
	struct dp_filter_key key = { .mac = conf->mac };
	struct mfilter *f;
	struct mvport *vp;
	int ret;

	ret = find_vport(m, conf->vport, XATTR_VPORT, &vp, err);
	if (ret)
		return ret;
	key.vlan = XHAS(conf, XATTR_VLAN) ? conf->vlan : 0;
	if (key.vlan > XVSW_VID_MAX)
		return err_set(err, -EINVAL, XATTR_VLAN, "vlan %u is out of range (0 to %u)",
			       key.vlan, XVSW_VID_MAX);
	if ((ret = filter_check_mac(vp->sw, &key.mac, err)) ||
	    (ret = check_vlan(vp, key.vlan, err)) || (ret = filter_check_free(vp->sw, &key, err)) ||
	    (ret = filter_check_room(m, vp->sw, 1, err)))
		return ret;
	ret = filter_install(m, vp, &key, &f, err);
	if (ret)
		return ret;
	m->generation++;
	tell_filter(m, XEVENT_ADD, f);
	if (id)
		*id = f->id;
	return 0;
}

static int find_filter(const struct model *m, uint32_t id, struct mfilter **out, struct err *err)
{
	struct mfilter *f;

	HASH_FIND(hh_id, m->filters, &id, sizeof(id), f);
	if (!f)
		return err_set(err, -ENOENT, XATTR_ID, "no filter with id %u", id);
	*out = f;
	return 0;
}

/* Gone from the data path: gone from the tables, and told. */
static void filter_forget(struct model *m, struct mfilter *f)
{
	struct mvport *vp = f->vport;
	struct info_filter info;

	filter_fill(f, &info);
	filter_remove(m, f);
	if (m->events && m->events->on_filter)
		m->events->on_filter(m->ctx, XEVENT_DEL, &info);
	if (vp->sw->announced)
		tell_switch_state(m, vp->sw);
}

void filters_forget(struct model *m, struct mvport *vp)
{
	while (vport_filters(vp))
		filter_forget(m, vp->filters);
}

int model_filter_del(struct model *m, uint32_t id, struct err *err)
{
	struct mfilter *f;
	int ret;

	ret = find_filter(m, id, &f, err);
	if (!ret)
		ret = m->ops->filter_del(m->dp, f->vport->sw->dp, &f->key, err);
	if (ret)
		return ret;
	m->generation++;
	filter_forget(m, f);
	return 0;
}

/* @err holds why the command was refused; say what the way back cost. */
static void note_lost(struct err *err, unsigned int n, const char *what)
{
	size_t len;

	if (!err || !n)
		return;
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, "; %u filters %s", n, what);
}

/*
 * The way back of filters_withdraw(): put in again those before @stop. When the data path refuses
 * even that, the model follows it, because a filter shown but not in force is worse than one gone.
 */
static void filters_restore(struct model *m, struct mvport *vp, const struct mfilter *stop,
			    struct err *err)
{
	struct mfilter *f, *next;
	unsigned int n_lost = 0;
	struct err ignored;

	for (f = vport_filters(vp); f != stop; f = next) {
		next = f->next;
		if (!m->ops->filter_set(m->dp, vp->sw->dp, &f->key, f->id, vp->dp, false, &ignored))
			continue;
		n_lost++;
		m->generation++;
		filter_forget(m, f);
	}
	note_lost(err, n_lost, "were lost because they could not be put back");
}

int filters_withdraw(struct model *m, struct mvport *vp, struct err *err)
{
	struct mfilter *f;
	int ret;

	for (f = vport_filters(vp); f; f = f->next) {
		ret = m->ops->filter_del(m->dp, vp->sw->dp, &f->key, err);
		if (ret) {
			filters_restore(m, vp, f, err);
			return ret;
		}
	}
	return 0;
}

/* The data path has moved @f: the tables follow. */
static void filter_follow(struct model *m, struct mfilter *f, struct mvport *to)
{
	list_remove(f);
	list_append(to, f);
	tell_filter(m, XEVENT_MOVE, f);
}

static int filter_store(struct model *m, const struct mfilter *f, struct mvport *to,
			struct err *err)
{
	return m->ops->filter_set(m->dp, to->sw->dp, &f->key, f->id, to->dp, true, err);
}

static int check_same_switch(const struct mvport *from, const struct mvport *to, struct err *err)
{
	if (from->sw == to->sw)
		return 0;
	return err_set(err, -EINVAL, XATTR_VPORT,
		       "VPort %s is on switch %s, the filter on switch %s", to->name,
		       to->sw->conf.name, from->sw->conf.name);
}

int model_filter_move(struct model *m, uint32_t id, const char *to, struct err *err)
{
	struct mfilter *f;
	struct mvport *vp;
	int ret;

	if ((ret = find_filter(m, id, &f, err)) ||
	    (ret = find_vport(m, to, XATTR_VPORT, &vp, err)) ||
	    (ret = check_same_switch(f->vport, vp, err)))
		return ret;
	if (f->vport == vp)
		return 0;
	ret = check_vlan(vp, f->key.vlan, err);
	if (!ret)
		ret = filter_store(m, f, vp, err);
	if (ret)
		return ret;
	m->generation++;
	filter_follow(m, f, vp);
	return 0;
}

/* The way back of a move of all: those before @stop; the model follows what cannot be undone. */
static void moves_undo(struct model *m, struct mvport *from, struct mvport *to,
		       const struct mfilter *stop, struct err *err)
{
	struct mfilter *f, *next;
	unsigned int n_stuck = 0;
	struct err ignored;

	for (f = vport_filters(from); f != stop; f = next) {
		next = f->next;
		if (!filter_store(m, f, from, &ignored))
			continue;
		n_stuck++;
		m->generation++;
		filter_follow(m, f, to);
	}
	note_lost(err, n_stuck, "stay moved because the way back was refused too");
}

int model_filter_move_all(struct model *m, const char *from, const char *to, uint32_t *count,
			  struct err *err)
{
	struct mvport *source, *target;
	uint32_t n = 0;
	struct mfilter *f;
	int ret;

	if ((ret = find_vport(m, from, XATTR_FROM, &source, err)) ||
	    (ret = find_vport(m, to, XATTR_VPORT, &target, err)) ||
	    (ret = check_same_switch(source, target, err)))
		return ret;
	if (source == target)
		goto out;
	for (f = vport_filters(source); f; f = f->next) {
		ret = check_vlan(target, f->key.vlan, err);
		if (ret)
			return ret;
	}
	for (f = vport_filters(source); f; f = f->next) {
		ret = filter_store(m, f, target, err);
		if (ret) {
			moves_undo(m, source, target, f, err);
			return ret;
		}
	}
	if (source->filters)
		m->generation++;
	for (; (f = source->filters); n++)
		filter_follow(m, f, target);
out:
	if (count)
		*count = n;
	return 0;
}
