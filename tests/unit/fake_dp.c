// SPDX-License-Identifier: GPL-2.0-only
#include "fake_dp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include <cmocka.h>

#include "base/mac.h"
#include "maps/limits.h"

static int refuse(struct fake_dp *dp, const char *call, struct err *err)
{
	dp->calls++;
	if (!dp->fail_at || dp->calls < dp->fail_at)
		return 0;
	if (dp->calls > dp->fail_at && !dp->fail_from)
		return 0;
	dp->refused++;
	return err_set(err, FAKE_DP_ERROR, 0, "the fake refuses %s", call);
}

static struct fake_filter *lookup(const struct fake_dp *dp, struct dp_switch *sw,
				  const struct dp_filter_key *key)
{
	struct fake_filter want = { .key = { .sw = sw, .key = *key } }, *f;

	HASH_FIND(hh, dp->filters, &want.key, sizeof(want.key), f);
	return f;
}

static int fake_switch_add(void *ctx, const struct conf_switch *conf, void *cookie,
			   struct dp_switch **out, struct dp_switch_info *info, struct err *err)
{
	struct fake_dp *dp = ctx;
	struct dp_switch *sw;

	assert_null(fake_dp_switch(dp, conf->name));
	assert_non_null(cookie);
	assert_in_range(conf->max_vports, 1, 4095);
	if (refuse(dp, __func__, err))
		return FAKE_DP_ERROR;
	sw = calloc(1, sizeof(*sw));
	assert_non_null(sw);
	sw->conf = *conf;
	sw->cookie = cookie;
	sw->info = (struct dp_switch_info){
		.ifindex = 7,
		.mode = conf->mode == XMODE_GENERIC ? XMODE_GENERIC : XMODE_NATIVE,
		.mac = dp->uplink_mac,
		.mtu = dp->uplink_mtu,
		.state = XSTATE_UP,
	};
	DL_APPEND(dp->switches, sw);
	*out = sw;
	*info = sw->info;
	return 0;
}

static void fake_switch_del(void *ctx, struct dp_switch *sw)
{
	struct fake_dp *dp = ctx;
	struct fake_filter *f, *next;

	assert_int_equal(sw->n_vports, 0);
	/* Only a refused filter_del leaves any; they go with the tables. */
	HASH_ITER (hh, dp->filters, f, next) {
		if (f->key.sw != sw)
			continue;
		assert_true(dp->refused > 0);
		HASH_DEL(dp->filters, f);
		free(f);
	}
	DL_DELETE(dp->switches, sw);
	free(sw);
}

static const enum xpath paths[] = {
	[XKIND_HOST] = XPATH_HOST,
	[XKIND_DEV] = XPATH_DEV,
	[XKIND_VETH] = XPATH_DEV,
	[XKIND_XSK] = XPATH_XSK,
};

static void check_vport_conf(const struct dp_switch *sw, const struct dp_vport_conf *conf)
{
	const struct dp_vport *other;

	DL_FOREACH(sw->vports, other)
	assert_int_not_equal(other->conf.id, conf->id);
	if (conf->kind == XKIND_HOST) {
		assert_int_equal(sw->n_vports, 0);
		assert_int_equal(conf->id, 0);
	} else {
		assert_true(sw->n_vports > 0);
		assert_in_range(conf->id, 1, 4094);
	}
	assert_true(conf->kind <= XKIND_XSK);
	assert_true(!conf->has_mac || conf->kind == XKIND_VETH);
	assert_true(conf->kind != XKIND_XSK || conf->queues == 1);
}

static void fill_info(const struct fake_dp *dp, const struct dp_switch *sw,
		      const struct dp_vport_conf *conf, struct dp_vport_info *info)
{
	uint32_t mtu = conf->mtu ? conf->mtu : sw->info.mtu;

	if (conf->kind == XKIND_XSK && mtu > XVSW_XSK_MTU_MAX)
		mtu = XVSW_XSK_MTU_MAX;
	*info = (struct dp_vport_info){
		.state = conf->kind == XKIND_XSK ? XSTATE_WAITING : XSTATE_UP,
		.path = paths[conf->kind],
		.guest_mac = conf->has_mac ? conf->mac : dp->guest_mac,
		.mtu = mtu,
		.hook = XHOOK_XDP,
	};
	if (conf->kind == XKIND_XSK)
		strcpy(info->reason, "no guest is attached");
	if (conf->kind == XKIND_DEV)
		strcpy(info->dev, conf->dev);
	else if (conf->kind != XKIND_HOST)
		snprintf(info->dev, sizeof(info->dev), "xv%u", conf->id);
}

static int fake_vport_add(void *ctx, struct dp_switch *sw, const struct dp_vport_conf *conf,
			  void *cookie, struct dp_vport **out, struct dp_vport_info *info,
			  struct err *err)
{
	struct fake_dp *dp = ctx;
	struct dp_vport *vp;

	assert_null(fake_dp_vport(dp, conf->name));
	assert_non_null(cookie);
	check_vport_conf(sw, conf);
	if (refuse(dp, __func__, err))
		return FAKE_DP_ERROR;
	vp = calloc(1, sizeof(*vp));
	assert_non_null(vp);
	vp->sw = sw;
	vp->conf = *conf;
	vp->cookie = cookie;
	fill_info(dp, sw, conf, &vp->info);
	DL_APPEND(sw->vports, vp);
	sw->n_vports++;
	*out = vp;
	*info = vp->info;
	return 0;
}

static int fake_vport_set(void *ctx, struct dp_vport *vp, const struct dp_vport_conf *conf,
			  uint64_t set, struct dp_vport_info *info, struct err *err)
{
	struct fake_dp *dp = ctx;

	assert_true(set != 0);
	assert_string_equal(vp->conf.name, conf->name);
	assert_int_equal(vp->conf.id, conf->id);
	assert_int_equal(!!(set & XBIT(XATTR_MTU)), vp->conf.mtu != conf->mtu);
	assert_int_equal(!!(set & XBIT(XATTR_HOOK)), vp->conf.hook != conf->hook);
	assert_int_equal(!!(set & XBIT(XATTR_OWNER)), vp->conf.owner != conf->owner);
	assert_int_equal(!!(set & XBIT(XATTR_ISOLATED)), vp->conf.isolated != conf->isolated);
	assert_int_equal(!!(set & XBIT(XATTR_SPOOFCHECK)), vp->conf.spoofcheck != conf->spoofcheck);
	if (refuse(dp, __func__, err))
		return FAKE_DP_ERROR;
	dp->last_set = set;
	vp->conf = *conf;
	fill_info(dp, vp->sw, conf, &vp->info);
	*info = vp->info;
	return 0;
}

static void fake_vport_del(void *ctx, struct dp_vport *vp)
{
	struct fake_dp *dp = ctx;
	struct fake_filter *f, *next;

	if (vp->n_filters) {
		/* Only where a filter_del was refused; the real one purges them too. */
		assert_true(dp->refused > 0);
		HASH_ITER (hh, dp->filters, f, next) {
			if (f->vport != vp)
				continue;
			HASH_DEL(dp->filters, f);
			free(f);
		}
	}
	if (vp->conf.kind == XKIND_HOST)
		assert_int_equal(vp->sw->n_vports, 1);
	DL_DELETE(vp->sw->vports, vp);
	vp->sw->n_vports--;
	free(vp);
}

static int fake_filter_set(void *ctx, struct dp_switch *sw, const struct dp_filter_key *key,
			   uint32_t id, struct dp_vport *to, bool move, struct err *err)
{
	struct fake_dp *dp = ctx;
	struct fake_filter *f = lookup(dp, sw, key);

	assert_ptr_equal(to->sw, sw);
	assert_int_equal(!!f, move);
	assert_true(id > 0);
	if (refuse(dp, __func__, err))
		return FAKE_DP_ERROR;
	if (!f) {
		f = calloc(1, sizeof(*f));
		assert_non_null(f);
		f->key.sw = sw;
		f->key.key = *key;
		f->id = id;
		HASH_ADD(hh, dp->filters, key, sizeof(f->key), f);
	} else {
		assert_int_equal(f->id, id);
		f->vport->n_filters--;
	}
	f->vport = to;
	to->n_filters++;
	return 0;
}

static int fake_filter_del(void *ctx, struct dp_switch *sw, const struct dp_filter_key *key,
			   struct err *err)
{
	struct fake_dp *dp = ctx;
	struct fake_filter *f = lookup(dp, sw, key);

	assert_non_null(f);
	if (refuse(dp, __func__, err))
		return FAKE_DP_ERROR;
	f->vport->n_filters--;
	HASH_DEL(dp->filters, f);
	free(f);
	return 0;
}

static int fake_stats(void *ctx, struct dp_vport *vp, struct info_stats *stats, struct err *err)
{
	if (refuse(ctx, __func__, err))
		return FAKE_DP_ERROR;
	*stats = (struct info_stats){ .rx_packets = 1000 + vp->conf.id, .n_reasons = 1 };
	strcpy(stats->reasons[0].name, "malformed");
	stats->reasons[0].count = 5;
	return 0;
}

static int fake_guest_attach(void *ctx, struct dp_vport *vp, const struct dp_guest_req *req,
			     struct dp_guest *guest, struct err *err)
{
	assert_int_equal(vp->conf.kind, XKIND_XSK);
	if (refuse(ctx, __func__, err))
		return FAKE_DP_ERROR;
	if (vp->attached)
		return err_set(err, -EBUSY, 0, "a guest is attached");
	vp->attached = true;
	*guest = (struct dp_guest){ .frames = req->frames, .n_queues = 1, .umem_fd = -1 };
	return 0;
}

static void fake_guest_detach(void *ctx, struct dp_vport *vp)
{
	(void)ctx;
	assert_true(vp->attached);
	vp->attached = false;
}

const struct dp_ops fake_dp_ops = {
	.switch_add = fake_switch_add,
	.switch_del = fake_switch_del,
	.vport_add = fake_vport_add,
	.vport_set = fake_vport_set,
	.vport_del = fake_vport_del,
	.filter_set = fake_filter_set,
	.filter_del = fake_filter_del,
	.stats = fake_stats,
	.guest_attach = fake_guest_attach,
	.guest_detach = fake_guest_detach,
};

void fake_dp_init(struct fake_dp *dp)
{
	*dp = (struct fake_dp){
		.uplink_mac = { { 0x02, 0xff, 0, 0, 0, 1 } },
		.guest_mac = { { 0x02, 0xee, 0, 0, 0, 1 } },
		.uplink_mtu = 1500,
	};
}

void fake_dp_free(struct fake_dp *dp)
{
	struct fake_filter *f, *next;
	struct dp_switch *sw, *sw_next;
	struct dp_vport *vp, *vp_next;

	HASH_ITER (hh, dp->filters, f, next) {
		HASH_DEL(dp->filters, f);
		free(f);
	}
	DL_FOREACH_SAFE(dp->switches, sw, sw_next)
	{
		DL_FOREACH_SAFE(sw->vports, vp, vp_next)
		free(vp);
		free(sw);
	}
	dp->switches = NULL;
}

struct dp_switch *fake_dp_switch(const struct fake_dp *dp, const char *name)
{
	struct dp_switch *sw;

	DL_FOREACH(dp->switches, sw)
	if (strcmp(sw->conf.name, name) == 0)
		return sw;
	return NULL;
}

struct dp_vport *fake_dp_vport(const struct fake_dp *dp, const char *name)
{
	struct dp_switch *sw;
	struct dp_vport *vp;

	DL_FOREACH(dp->switches, sw)
	DL_FOREACH(sw->vports, vp)
	if (strcmp(vp->conf.name, name) == 0)
		return vp;
	return NULL;
}

struct dp_vport *fake_dp_lookup(const struct fake_dp *dp, struct dp_switch *sw,
				const struct xmac *mac, uint16_t vlan)
{
	struct dp_filter_key key = { .mac = *mac, .vlan = vlan };
	struct fake_filter *f = lookup(dp, sw, &key);

	return f ? f->vport : NULL;
}
