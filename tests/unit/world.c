// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <utlist.h>

static void append(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char **text, const char *fmt, ...)
{
	char line[2048], *grown;
	size_t len = strlen(*text);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, sizeof(line) - 1);
	grown = realloc(*text, len + (size_t)n + 1);
	assert_non_null(grown);
	memcpy(grown + len, line, (size_t)n + 1);
	*text = grown;
}

static void on_switch(void *ctx, enum xevent ev, const struct info_switch *info)
{
	struct world *w = ctx;

	if (!w->quiet)
		append(&w->events, "switch %s %s\n", conf_event_name(ev), info->name);
}

static void on_vport(void *ctx, enum xevent ev, const struct info_vport *info)
{
	struct world *w = ctx;

	assert_false(info->has_stats);
	assert_false(info->has_filters);
	if (!w->quiet)
		append(&w->events, "vport %s %s\n", conf_event_name(ev), info->name);
}

static void on_filter(void *ctx, enum xevent ev, const struct info_filter *info)
{
	struct world *w = ctx;

	if (!w->quiet)
		append(&w->events, "filter %s %u %s\n", conf_event_name(ev), info->id, info->vport);
}

static const struct model_events events = {
	.on_switch = on_switch,
	.on_vport = on_vport,
	.on_filter = on_filter,
};

struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	fake_dp_init(&w->dp);
	w->m = model_new(&fake_dp_ops, &w->dp, &events, w);
	assert_non_null(w->m);
	w->events = strdup("");
	return w;
}

void world_free(struct world *w)
{
	model_free(w->m);
	fake_dp_free(&w->dp);
	free(w->events);
	free(w);
}

static void snapshot_filters(struct world *w, const char *vport, char **text)
{
	struct info_filter f;
	char mac[MAC_STR_SIZE];
	uint64_t cursor = 0;
	int ret;

	while ((ret = model_filter_next(w->m, vport, &cursor, &f, &w->err)) > 0)
		append(text, "filter %u %s %u %s %s\n", f.id, mac_format(&f.mac, mac), f.vlan,
		       f.vport, f.sw);
	assert_int_equal(ret, 0);
}

char *world_snapshot(struct world *w)
{
	char *text = strdup("");
	struct info_switch sw;
	struct info_vport vp;
	uint64_t cursor;

	for (cursor = 0; model_switch_next(w->m, NULL, &cursor, &sw, &w->err) > 0;)
		append(&text, "switch %s %s %u %d %d %d '%s' %u %u %u %d\n", sw.name, sw.uplink,
		       sw.ifindex, sw.mode, sw.dispatcher, sw.state, sw.reason, sw.max_vports,
		       sw.max_vfs, sw.vports, sw.pool);
	for (cursor = 0; model_vport_next(w->m, NULL, 0, &cursor, &vp, &w->err) > 0;) {
		append(&text, "vport %s %u %s %d %d %d '%s' %s %d %d %d %d %u %d %u '%s'\n",
		       vp.name, vp.id, vp.sw, vp.kind, vp.state, vp.path, vp.reason, vp.dev,
		       vp.vlan.mode, vp.spoofcheck, vp.isolated, vp.hook, vp.mtu, vp.has_owner,
		       vp.owner, vp.alias);
		snapshot_filters(w, vp.name, &text);
	}
	snapshot_filters(w, NULL, &text);
	return text;
}

static void check_vport(struct world *w, const struct info_vport *info)
{
	const struct dp_vport *vp = fake_dp_vport(&w->dp, info->name);
	struct info_filter f;
	unsigned int n = 0;
	uint64_t cursor = 0;

	assert_non_null(vp);
	assert_int_equal(vp->conf.id, info->id);
	assert_int_equal(vp->conf.kind, info->kind);
	assert_int_equal(vp->conf.spoofcheck, info->spoofcheck);
	assert_int_equal(vp->conf.isolated, info->isolated);
	assert_int_equal(vp->conf.owner, info->owner);
	assert_int_equal(vp->info.mtu, info->mtu);
	assert_string_equal(vp->sw->conf.name, info->sw);
	for (; model_filter_next(w->m, info->name, &cursor, &f, &w->err) > 0; n++) {
		assert_string_equal(f.vport, info->name);
		assert_ptr_equal(fake_dp_lookup(&w->dp, vp->sw, &f.mac, f.vlan), vp);
	}
	assert_int_equal(vp->n_filters, n);
}

void world_check_agree(struct world *w)
{
	unsigned int n_switches = 0, n_vports = 0, n_filters = 0, n;
	struct info_filter f;
	struct info_switch sw;
	struct info_vport vp;
	struct dp_switch *dsw;
	uint64_t cursor;

	for (cursor = 0; model_switch_next(w->m, NULL, &cursor, &sw, &w->err) > 0; n_switches++) {
		dsw = fake_dp_switch(&w->dp, sw.name);
		assert_non_null(dsw);
		assert_int_equal(dsw->n_vports, sw.vports);
		n_vports += dsw->n_vports;
	}
	DL_COUNT(w->dp.switches, dsw, n);
	assert_int_equal(n, n_switches);
	n = 0;
	for (cursor = 0; model_vport_next(w->m, NULL, 0, &cursor, &vp, &w->err) > 0; n++)
		check_vport(w, &vp);
	assert_int_equal(n, n_vports);
	for (cursor = 0; model_filter_next(w->m, NULL, &cursor, &f, &w->err) > 0;)
		n_filters++;
	assert_int_equal(HASH_COUNT(w->dp.filters), n_filters);
}

void world_forget_events(struct world *w)
{
	w->events[0] = '\0';
}

void world_expect_events(struct world *w, const char *expected)
{
	assert_string_equal(w->events, expected);
	world_forget_events(w);
}

struct xmac mac_of(const char *text)
{
	struct xmac mac;

	assert_int_equal(mac_parse(text, &mac), 0);
	return mac;
}

struct xmac mac_no(uint32_t number)
{
	return (struct xmac){ { 0x02, 0x01, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				(uint8_t)(number >> 8), (uint8_t)number } };
}

struct conf_switch switch_conf(const char *name, const char *uplink)
{
	struct conf_switch c = { 0 };

	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.uplink, sizeof(c.uplink), "%s", uplink);
	return c;
}

struct conf_vport vport_conf(const char *name, const char *sw, enum xkind kind)
{
	struct conf_vport c = { .kind = kind };

	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.sw, sizeof(c.sw), "%s", sw);
	if (kind == XKIND_DEV || kind == XKIND_VETH)
		snprintf(c.dev, sizeof(c.dev), "%.15s", name);
	return c;
}

void vport_conf_mac(struct conf_vport *c, const char *mac)
{
	assert_true(c->n_macs < CONF_MACS_MAX);
	c->macs[c->n_macs++] = mac_of(mac);
	c->set |= XBIT(XATTR_MAC);
}

void add_switch(struct world *w, const char *name, const char *uplink)
{
	struct conf_switch c = switch_conf(name, uplink);
	int ret = model_switch_add(w->m, &c, &w->err);

	if (ret)
		fail_msg("switch add %s: %s", name, w->err.text);
}

uint32_t add_xsk(struct world *w, const char *name, const char *sw, const char *mac)
{
	struct conf_vport c = vport_conf(name, sw, XKIND_XSK);
	uint32_t id = 0;

	if (mac)
		vport_conf_mac(&c, mac);
	if (model_vport_add(w->m, &c, &id, &w->err))
		fail_msg("vport add %s: %s", name, w->err.text);
	return id;
}

uint32_t add_filter(struct world *w, const char *vport, struct xmac mac)
{
	struct conf_filter c = { .mac = mac };
	uint32_t id = 0;

	snprintf(c.vport, sizeof(c.vport), "%s", vport);
	if (model_filter_add(w->m, &c, &id, &w->err))
		fail_msg("filter add on %s: %s", vport, w->err.text);
	return id;
}

void expect_error(struct world *w, int ret, int code, enum xattr attr, const char *part)
{
	if (ret != code || w->err.code != code || w->err.attr != attr || !strstr(w->err.text, part))
		fail_msg("got %d (err %d, attr %u, \"%s\"), expected %d, attr %u, \"%s\"", ret,
			 w->err.code, w->err.attr, w->err.text, code, attr, part);
	memset(&w->err, 0, sizeof(w->err));
}
