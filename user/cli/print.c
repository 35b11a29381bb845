// SPDX-License-Identifier: GPL-2.0-only
#include "cli/print.h"

#include <inttypes.h>

#include "base/mac.h"

/* A value the tool has no word for came from a later daemon. */
static const char *word(const char *name)
{
	return name ? name : "unknown";
}

static void put_reason(struct out *out, const char *reason)
{
	out_str(out, "reason", OUT_JSON | OUT_OPT, reason);
	out_note(out, "reason", reason);
}

void print_switch(struct out *out, const struct info_switch *sw)
{
	out_str(out, "name", OUT_BOTH, sw->name);
	out_str(out, "uplink", OUT_BOTH, sw->uplink);
	out_num(out, "ifindex", OUT_JSON | OUT_OPT, sw->ifindex);
	out_str(out, "mode", OUT_BOTH, word(conf_mode_name(sw->mode)));
	out_bool(out, "dispatcher", OUT_BOTH, sw->dispatcher);
	out_str(out, "state", OUT_BOTH, word(conf_state_name(sw->state)));
	out_num(out, "vports", OUT_BOTH, sw->vports);
	out_num(out, "max_vports", OUT_BOTH, sw->max_vports);
	out_num(out, "max_vfs", OUT_BOTH, sw->max_vfs);
	out_str(out, "pool", OUT_BOTH, word(conf_pool_name(sw->pool)));
	put_reason(out, sw->reason);
}

void print_filter(struct out *out, const struct info_filter *filter)
{
	char mac[MAC_STR_SIZE];

	out_num(out, "id", OUT_BOTH, filter->id);
	out_str(out, "mac", OUT_BOTH, mac_format(&filter->mac, mac));
	out_num(out, "vlan", OUT_BOTH, filter->vlan);
	out_str(out, "vport", OUT_BOTH, filter->vport);
	out_str(out, "switch", OUT_BOTH, filter->sw);
}

static void put_vlan(struct out *out, const struct conf_vlan *vlan)
{
	out_obj_begin(out, "vlan");
	out_str(out, "mode", OUT_JSON, word(conf_vlan_mode_name(vlan->mode)));
	if (vlan->mode == XVLAN_ACCESS)
		out_num(out, "vid", OUT_JSON, vlan->vid);
	if (vlan->mode == XVLAN_TRUNK) {
		out_str(out, "allowed", OUT_JSON, vlan->list);
		out_num(out, "native", OUT_JSON | OUT_OPT, vlan->native);
	}
	out_obj_end(out);
}

static void note_vlan(struct out *out, const struct conf_vlan *vlan)
{
	char text[CONF_VLAN_LIST_SIZE + 32] = "";

	if (vlan->mode == XVLAN_ACCESS)
		snprintf(text, sizeof(text), "access %u", vlan->vid);
	else if (vlan->mode == XVLAN_TRUNK && vlan->native)
		snprintf(text, sizeof(text), "trunk %s native %u", vlan->list, vlan->native);
	else if (vlan->mode == XVLAN_TRUNK)
		snprintf(text, sizeof(text), "trunk %s", vlan->list);
	out_note(out, "vlan", text);
}

/* Counters that did not come are no zeros: no key, "-" in a table. */
static void put_stats(struct out *out, const struct info_vport *v)
{
	static const struct info_stats none;
	const struct info_stats *s = v->has_stats ? &v->stats : &none;
	unsigned int where = v->has_stats ? OUT_BOTH : OUT_TEXT | OUT_OPT;

	if (v->has_stats)
		out_obj_begin(out, "stats");
	out_num(out, "rx_packets", where, s->rx_packets);
	out_num(out, "rx_bytes", where, s->rx_bytes);
	out_num(out, "rx_dropped", where, s->rx_dropped);
	out_num(out, "tx_packets", where, s->tx_packets);
	out_num(out, "tx_bytes", where, s->tx_bytes);
	out_num(out, "tx_dropped", where, s->tx_dropped);
	if (v->has_stats)
		out_obj_end(out);
}

/* JSON: all of them. Text: the first and how many more; `filter show` has the rest. */
static void put_filters(struct out *out, const struct info_vport *v, unsigned int text)
{
	char mac[MAC_STR_SIZE], line[64] = "";
	unsigned int i;

	if (!v->has_filters)
		return;
	out_arr_begin(out, "filters");
	for (i = 0; i < v->n_filters; i++) {
		out_obj_begin(out, NULL);
		print_filter(out, &v->filters[i]);
		out_obj_end(out);
	}
	out_arr_end(out);
	if (v->n_filters) {
		mac_format(&v->filters[0].mac, mac);
		if (v->n_filters > 1)
			snprintf(line, sizeof(line), "%s +%u", mac, v->n_filters - 1);
		else
			snprintf(line, sizeof(line), "%s", mac);
	}
	out_str(out, "filters", text & OUT_TEXT, line);
}

/* What differs from the defaults, one line each below the row. */
static void put_vport_notes(struct out *out, const struct info_vport *v)
{
	put_reason(out, v->reason);
	note_vlan(out, &v->vlan);
	out_note(out, "spoofcheck", v->spoofcheck || v->kind == XKIND_HOST ? "" : "off");
	out_note(out, "isolated", v->isolated ? "on" : "");
	out_note(out, "cpu", v->cpu);
	out_note(out, "moderation", v->moderation);
	out_note(out, "alias", v->alias);
}

void print_vport(struct out *out, const struct info_vport *v, bool stats)
{
	/* With counters a line of 100 columns has no room for these. */
	unsigned int wide = stats ? OUT_JSON : OUT_BOTH;

	out_str(out, "name", OUT_BOTH, v->name);
	out_num(out, "id", OUT_BOTH, v->id);
	out_str(out, "switch", wide, v->sw);
	out_str(out, "kind", OUT_BOTH, word(conf_kind_name(v->kind)));
	out_str(out, "state", OUT_BOTH, word(conf_state_name(v->state)));
	out_str(out, "path", OUT_BOTH, word(conf_path_name(v->path)));
	out_str(out, "dev", wide | OUT_OPT, v->dev);
	put_vlan(out, &v->vlan);
	out_bool(out, "spoofcheck", OUT_JSON, v->spoofcheck);
	out_bool(out, "isolated", OUT_JSON, v->isolated);
	out_str(out, "hook", OUT_JSON, word(conf_hook_name(v->hook)));
	out_num(out, "mtu", wide | OUT_OPT, v->mtu);
	if (v->has_owner)
		out_num(out, "owner", OUT_JSON, v->owner);
	out_str(out, "cpu", OUT_JSON | OUT_OPT, v->cpu);
	out_str(out, "moderation", OUT_JSON | OUT_OPT, v->moderation);
	out_str(out, "alias", OUT_JSON | OUT_OPT, v->alias);
	put_filters(out, v, wide);
	if (stats)
		put_stats(out, v);
	put_vport_notes(out, v);
}

void print_stats(struct out *out, const struct info_vport *v)
{
	out_str(out, "vport", OUT_BOTH, v->name);
	put_stats(out, v);
}

void print_reasons(struct out *out, const struct info_vport *v, bool zeros)
{
	const struct info_stats *s = &v->stats;
	char count[24];
	unsigned int i;

	out_str(out, "vport", OUT_BOTH, v->name);
	out_num(out, "rx_dropped", OUT_TEXT, s->rx_dropped);
	out_num(out, "tx_dropped", OUT_TEXT, s->tx_dropped);
	out_obj_begin(out, "reasons");
	for (i = 0; i < s->n_reasons; i++)
		out_num(out, s->reasons[i].name, OUT_JSON, s->reasons[i].count);
	out_obj_end(out);
	for (i = 0; i < s->n_reasons; i++) {
		snprintf(count, sizeof(count), "%" PRIu64, s->reasons[i].count);
		out_note(out, s->reasons[i].name, zeros || s->reasons[i].count ? count : "");
	}
}
