// SPDX-License-Identifier: GPL-2.0-only
/* Switches: made, deleted, changed by their uplink. */
#include "switch/model_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"

/* @conf has its defaults filled in. */
static int check_numbers(const struct conf_switch *conf, struct err *err)
{
	if (conf->max_vports < XVSW_VPORTS_MIN || conf->max_vports > XVSW_VPORTS_MAX)
		return err_set(err, -EINVAL, XATTR_MAX_VPORTS,
			       "max-vports %u is out of range (%u to %u)", conf->max_vports,
			       XVSW_VPORTS_MIN, XVSW_VPORTS_MAX);
	if (conf->max_vfs > XVSW_VFS_MAX)
		return err_set(err, -EINVAL, XATTR_MAX_VFS, "max-vfs %u is out of range (0 to %u)",
			       conf->max_vfs, XVSW_VFS_MAX);
	if (conf->max_vfs >= conf->max_vports)
		return err_set(err, -EINVAL, XATTR_MAX_VFS,
			       "max-vfs %u must be below max-vports %u", conf->max_vfs,
			       conf->max_vports);
	if ((unsigned int)conf->mode >= XMODE_COUNT)
		return err_set(err, -EINVAL, XATTR_MODE, "mode is auto, native or generic");
	if ((unsigned int)conf->pool >= XPOOL_COUNT)
		return err_set(err, -EINVAL, XATTR_POOL, "pool is shared or reserved");
	return 0;
}

/* One uplink belongs to one switch and is no VPort's device. */
static int check_uplink(const struct model *m, const char *uplink, struct err *err)
{
	const struct mswitch *sw;
	const struct mvport *vp;

	if (name_check_ifname(uplink))
		return err_set(err, -EINVAL, XATTR_UPLINK, "uplink is not an interface name");
	for (sw = m->switches; sw; sw = sw->hh.next)
		if (strcmp(sw->conf.uplink, uplink) == 0)
			return err_set(err, -EBUSY, XATTR_UPLINK, "uplink %s belongs to switch %s",
				       uplink, sw->conf.name);
	for (vp = m->vports; vp; vp = vp->hh_name.next)
		if (!vport_is_host(vp) && strcmp(vp->info.dev, uplink) == 0)
			return err_set(err, -EBUSY, XATTR_UPLINK,
				       "uplink %s is the device of VPort %s", uplink, vp->name);
	return 0;
}

static int check_add(const struct model *m, const struct conf_switch *conf, struct err *err)
{
	struct mswitch *other;
	int ret;

	if (name_check(conf->name))
		return err_set(err, -EINVAL, XATTR_NAME, "a switch name is " NAME_RULE);
	HASH_FIND(hh, m->switches, conf->name, strlen(conf->name), other);
	if (other)
		return err_set(err, -EEXIST, XATTR_NAME, "switch %s exists", conf->name);
	ret = check_uplink(m, conf->uplink, err);
	if (ret)
		return ret;
	ret = check_numbers(conf, err);
	if (ret)
		return ret;
	if (HASH_CNT(hh, m->switches) >= XVSW_SWITCHES_MAX)
		return err_set(err, -ENOSPC, XATTR_NAME, "an instance has at most %u switches",
			       XVSW_SWITCHES_MAX);
	return 0;
}

static void fill_defaults(struct conf_switch *conf)
{
	if (!XHAS(conf, XATTR_MODE))
		conf->mode = XMODE_AUTO;
	if (!XHAS(conf, XATTR_MAX_VPORTS))
		conf->max_vports = XVSW_VPORTS_DEFAULT;
	if (!XHAS(conf, XATTR_MAX_VFS))
		conf->max_vfs = 0;
	if (!XHAS(conf, XATTR_POOL))
		conf->pool = XPOOL_SHARED;
}

static struct mvport *host_vport_new(const struct mswitch *sw)
{
	struct mvport *vp = calloc(1, sizeof(*vp));

	if (!vp)
		return NULL;
	vp->id = XVSW_VPORT_HOST;
	snprintf(vp->name, sizeof(vp->name), "%s/default", sw->conf.name);
	text_copy(vp->conf.name, sizeof(vp->conf.name), vp->name);
	vp->conf.id = vp->id;
	vp->conf.kind = XKIND_HOST;
	return vp;
}

/* The data path's part; on failure nothing is left of it. */
static int switch_install(struct model *m, struct mswitch *sw, struct mvport *host, struct err *err)
{
	int ret;

	ret = m->ops->switch_add(m->dp, &sw->conf, sw, &sw->dp, &sw->info, err);
	if (ret)
		return ret;
	ret = vport_install(m, sw, host, err);
	if (ret)
		m->ops->switch_del(m->dp, sw->dp);
	return ret;
}

int model_switch_add(struct model *m, const struct conf_switch *conf, struct err *err)
{
	struct mswitch *sw = calloc(1, sizeof(*sw));
	struct mvport *host = NULL;
	int ret;

	if (!sw)
		return err_set(err, -ENOMEM, 0, "no memory");
	sw->conf = *conf;
	fill_defaults(&sw->conf);
	ret = check_add(m, &sw->conf, err);
	if (ret)
		goto out_free;

	ret = -ENOMEM;
	host = host_vport_new(sw);
	if (host)
		HASH_ADD(hh, m->switches, conf.name, strlen(sw->conf.name), sw);
	if (!host || !sw->hh.tbl) {
		err_set(err, ret, 0, "no memory");
		goto out_free;
	}
	sw->host = host;
	sw->seq = ++m->last_seq;
	ret = switch_install(m, sw, host, err);
	if (ret) {
		HASH_DELETE(hh, m->switches, sw);
		goto out_free;
	}

	sw->announced = true;
	host->announced = true;
	m->generation++;
	tell_switch(m, XEVENT_ADD, sw);
	tell_vport(m, XEVENT_ADD, host);
	return 0;
out_free:
	free(host);
	free(sw);
	return ret;
}

/*
 * Nothing stops this: a switch that cannot be taken down because one table entry is stuck would
 * keep hold of the host's uplink, and the entry goes with the switch's tables anyway.
 */
static void switch_teardown(struct model *m, struct mswitch *sw)
{
	struct mvport *vp, *next;
	struct info_switch last;

	switch_fill(sw, &last);
	/* From here on the switch itself tells nothing more: it is going. */
	sw->announced = false;
	if (m->ops->switch_closing)
		m->ops->switch_closing(m->dp, sw->dp);
	for (vp = sw->vports; vp; vp = next) {
		next = vp->hh_id.next;
		if (!vport_is_host(vp))
			vport_teardown(m, vp);
	}
	vport_teardown(m, sw->host);
	m->ops->switch_del(m->dp, sw->dp);
	HASH_DELETE(hh, m->switches, sw);
	m->generation++;
	if (m->events && m->events->on_switch)
		m->events->on_switch(m->ctx, XEVENT_DEL, &last);
	free(sw);
}

int model_switch_del(struct model *m, const char *name, struct err *err)
{
	struct mswitch *sw;
	int ret;

	ret = find_switch(m, name, XATTR_NAME, &sw, err);
	if (ret)
		return ret;
	switch_teardown(m, sw);
	return 0;
}

void model_flush(struct model *m)
{
	while (m->switches)
		switch_teardown(m, m->switches);
}

void model_dp_switch_changed(void *model, void *cookie, const struct dp_switch_info *info)
{
	struct mswitch *sw = cookie;
	bool new_mac = !mac_equal(&sw->info.mac, &info->mac);

	sw->info = *info;
	if (new_mac)
		filters_count_own_mac(sw);
	if (sw->announced)
		tell_switch_state(model, sw);
}
