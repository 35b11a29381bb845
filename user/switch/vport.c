// SPDX-License-Identifier: GPL-2.0-only
/* VPorts: made, changed, deleted; their guests. */
#include "switch/model_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t lowest_free_id(const struct mswitch *sw)
{
	uint32_t word = 0;

	/* Bit 0 is always set, and the check of the pool has seen to it that some id is free. */
	while (sw->ids[word] == UINT64_MAX)
		word++;
	return word * ID_WORD_BITS + (uint32_t)__builtin_ctzll(~sw->ids[word]);
}

static void mark_id(struct mswitch *sw, uint32_t id, bool used)
{
	uint64_t bit = 1ULL << (id % ID_WORD_BITS);

	if (used)
		sw->ids[id / ID_WORD_BITS] |= bit;
	else
		sw->ids[id / ID_WORD_BITS] &= ~bit;
}

/* Undoes tables_enter(), also one that stopped half-way. */
static void tables_leave(struct model *m, struct mvport *vp)
{
	struct mswitch *sw = vp->sw;

	if (vp->hh_name.tbl)
		HASH_DELETE(hh_name, m->vports, vp);
	if (vp->hh_seq.tbl)
		HASH_DELETE(hh_seq, m->vports_by_seq, vp);
	if (vp->hh_id.tbl)
		HASH_DELETE(hh_id, sw->vports, vp);
	mark_id(sw, vp->id, false);
	sw->n_vports--;
}

static int tables_enter(struct model *m, struct mswitch *sw, struct mvport *vp, struct err *err)
{
	vp->sw = sw;
	vp->seq = ++m->last_seq;
	sw->n_vports++;
	mark_id(sw, vp->id, true);
	HASH_ADD(hh_name, m->vports, name, strlen(vp->name), vp);
	if (vp->hh_name.tbl)
		HASH_ADD(hh_seq, m->vports_by_seq, seq, sizeof(vp->seq), vp);
	if (vp->hh_seq.tbl)
		HASH_ADD(hh_id, sw->vports, id, sizeof(vp->id), vp);
	if (vp->hh_id.tbl)
		return 0;
	tables_leave(m, vp);
	return err_set(err, -ENOMEM, 0, "no memory");
}

int vport_install(struct model *m, struct mswitch *sw, struct mvport *vp, struct err *err)
{
	int ret;

	ret = tables_enter(m, sw, vp, err);
	if (ret)
		return ret;
	ret = m->ops->vport_add(m->dp, sw->dp, &vp->conf, vp, &vp->dp, &vp->info, err);
	if (ret)
		tables_leave(m, vp);
	return ret;
}

void vport_remove(struct model *m, struct mvport *vp)
{
	tables_leave(m, vp);
	free(vp);
}

/* @conf was checked. */
static struct mvport *vport_new(const struct mswitch *sw, const struct conf_vport *conf)
{
	struct mvport *vp = calloc(1, sizeof(*vp));
	struct dp_vport_conf *c;

	if (!vp)
		return NULL;
	vp->id = XHAS(conf, XATTR_ID) ? conf->id : lowest_free_id(sw);
	text_copy(vp->name, sizeof(vp->name), conf->name);
	if (XHAS(conf, XATTR_ALIAS))
		text_copy(vp->alias, sizeof(vp->alias), conf->alias);

	c = &vp->conf;
	text_copy(c->name, sizeof(c->name), conf->name);
	c->id = vp->id;
	c->kind = conf->kind;
	text_copy(c->dev, sizeof(c->dev), conf->dev);
	text_copy(c->netns, sizeof(c->netns), conf->netns);
	if (conf->kind == XKIND_XSK)
		c->queues = 1;
	c->owner = XHAS(conf, XATTR_OWNER) ? conf->owner : 0;
	c->has_mac = conf->kind == XKIND_VETH && conf->n_macs > 0;
	if (c->has_mac)
		c->mac = conf->macs[0];
	c->spoofcheck = XHAS(conf, XATTR_SPOOFCHECK) ? conf->spoofcheck : true;
	c->isolated = XHAS(conf, XATTR_ISOLATED) && conf->isolated;
	c->hook = XHAS(conf, XATTR_HOOK) ? conf->hook : XHOOK_AUTO;
	if (XHAS(conf, XATTR_MTU))
		c->mtu = conf->mtu;
	return vp;
}

/* A filter for each MAC of @conf, or for the address that a veth guest brought; all or nothing. */
static int add_filters(struct model *m, struct mvport *vp, const struct conf_vport *conf,
		       struct err *err)
{
	struct dp_filter_key key = { .vlan = 0 };
	struct mfilter *f;
	unsigned int i;
	int ret = 0;

	if (conf->kind == XKIND_VETH && !conf->n_macs) {
		key.mac = vp->info.guest_mac;
		ret = filter_check_mac(vp->sw, &key.mac, err);
		if (!ret)
			ret = filter_check_free(vp->sw, &key, err);
		return ret ? ret : filter_install(m, vp, &key, &f, err);
	}
	for (i = 0; !ret && i < conf->n_macs; i++) {
		key.mac = conf->macs[i];
		ret = filter_install(m, vp, &key, &f, err);
	}
	if (!ret)
		return 0;
	while ((f = vport_filters(vp))) {
		struct err ignored;

		/* Refused here too, it is left to the data path's vport_del. */
		f = f->prev;
		m->ops->filter_del(m->dp, vp->sw->dp, &f->key, &ignored);
		filter_remove(m, f);
	}
	return ret;
}

int model_vport_add(struct model *m, const struct conf_vport *conf, uint32_t *id_out,
		    struct err *err)
{
	struct mswitch *sw;
	struct mvport *vp;
	struct mfilter *f;
	int ret;

	ret = vport_check_add(m, conf, err);
	if (!ret)
		ret = find_switch(m, conf->sw, XATTR_SWITCH, &sw, err);
	if (ret)
		return ret;
	vp = vport_new(sw, conf);
	if (!vp)
		return err_set(err, -ENOMEM, 0, "no memory");
	ret = vport_install(m, sw, vp, err);
	if (ret) {
		free(vp);
		return ret;
	}
	ret = add_filters(m, vp, conf, err);
	if (ret) {
		m->ops->vport_del(m->dp, vp->dp);
		vport_remove(m, vp);
		return ret;
	}

	vp->announced = true;
	m->generation++;
	tell_vport(m, XEVENT_ADD, vp);
	for (f = vport_filters(vp); f; f = f->next)
		tell_filter(m, XEVENT_ADD, f);
	if (id_out)
		*id_out = vp->id;
	return 0;
}

/* Applies @conf to @c; returns the XBIT()s of what differs. */
static uint64_t apply_set(struct dp_vport_conf *c, const struct conf_vport *conf)
{
	struct dp_vport_conf old = *c;
	uint64_t diff = 0;

	if (XHAS(conf, XATTR_SPOOFCHECK))
		c->spoofcheck = conf->spoofcheck;
	if (XHAS(conf, XATTR_ISOLATED))
		c->isolated = conf->isolated;
	if (XHAS(conf, XATTR_MTU))
		c->mtu = conf->mtu;
	if (XHAS(conf, XATTR_HOOK))
		c->hook = conf->hook;
	if (XHAS(conf, XATTR_OWNER))
		c->owner = conf->owner;
	if (c->spoofcheck != old.spoofcheck)
		diff |= XBIT(XATTR_SPOOFCHECK);
	if (c->isolated != old.isolated)
		diff |= XBIT(XATTR_ISOLATED);
	if (c->mtu != old.mtu)
		diff |= XBIT(XATTR_MTU);
	if (c->hook != old.hook)
		diff |= XBIT(XATTR_HOOK);
	if (c->owner != old.owner)
		diff |= XBIT(XATTR_OWNER);
	return diff;
}

int model_vport_set(struct model *m, const struct conf_vport *conf, struct err *err)
{
	struct dp_vport_conf changed;
	struct mvport *vp;
	bool new_alias;
	uint64_t diff;
	int ret;

	ret = find_vport(m, conf->name, XATTR_NAME, &vp, err);
	if (!ret)
		ret = vport_check_set(vp, conf, err);
	if (ret)
		return ret;

	changed = vp->conf;
	diff = apply_set(&changed, conf);
	new_alias = XHAS(conf, XATTR_ALIAS) && strcmp(vp->alias, conf->alias) != 0;
	if (diff) {
		ret = m->ops->vport_set(m->dp, vp->dp, &changed, diff, &vp->info, err);
		if (ret)
			return ret;
		vp->conf = changed;
	}
	if (new_alias)
		text_copy(vp->alias, sizeof(vp->alias), conf->alias);
	if (diff || new_alias) {
		m->generation++;
		tell_vport(m, XEVENT_SET, vp);
	}
	return 0;
}

/* The data path has let go of the filters; now it and the tables let go of the VPort. */
static void vport_finish(struct model *m, struct mvport *vp)
{
	struct mswitch *sw = vp->sw;

	m->ops->vport_del(m->dp, vp->dp);
	m->generation++;
	filters_forget(m, vp);
	tell_vport(m, XEVENT_DEL, vp);
	vport_remove(m, vp);
	if (sw->announced)
		tell_switch_state(m, sw);
}

void vport_teardown(struct model *m, struct mvport *vp)
{
	struct mfilter *f;
	struct err ignored;

	for (f = vport_filters(vp); f; f = f->next)
		m->ops->filter_del(m->dp, vp->sw->dp, &f->key, &ignored);
	vport_finish(m, vp);
}

int model_vport_del(struct model *m, const char *name, struct err *err)
{
	struct mvport *vp;
	int ret;

	ret = find_vport(m, name, XATTR_NAME, &vp, err);
	if (ret)
		return ret;
	if (vport_is_host(vp))
		return err_set(err, -EBUSY, XATTR_NAME,
			       "%s is a default VPort, which goes with its switch only", vp->name);
	ret = filters_withdraw(m, vp, err);
	if (ret)
		return ret;
	vport_finish(m, vp);
	return 0;
}

int model_guest_attach(struct model *m, const char *name, const struct dp_guest_req *req,
		       struct dp_guest *guest, struct err *err)
{
	struct mvport *vp;
	int ret;

	ret = find_vport(m, name, XATTR_NAME, &vp, err);
	if (ret)
		return ret;
	if (vp->conf.kind != XKIND_XSK)
		return err_set(err, -EINVAL, XATTR_NAME,
			       "VPort %s is not an AF_XDP guest's (kind %s)", vp->name,
			       conf_kind_name(vp->conf.kind));
	return m->ops->guest_attach(m->dp, vp->dp, req, guest, err);
}

void model_guest_detach(struct model *m, const char *name)
{
	struct mvport *vp;

	if (find_vport(m, name, XATTR_NAME, &vp, NULL) || vp->conf.kind != XKIND_XSK)
		return;
	m->ops->guest_detach(m->dp, vp->dp);
}

static bool same_info(const struct dp_vport_info *a, const struct dp_vport_info *b)
{
	return a->state == b->state && a->path == b->path && a->mtu == b->mtu &&
	       a->hook == b->hook && strcmp(a->reason, b->reason) == 0 &&
	       strcmp(a->dev, b->dev) == 0;
}

void model_dp_vport_changed(void *model, void *cookie, const struct dp_vport_info *info)
{
	struct mvport *vp = cookie;
	struct model *m = model;
	bool same = same_info(&vp->info, info);

	vp->info = *info;
	if (same || !vp->announced)
		return;
	m->generation++;
	tell_vport(m, XEVENT_STATE, vp);
}
