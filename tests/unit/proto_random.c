// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/proto_random.h"

static uint64_t rng;

void proto_rnd_seed(void)
{
	const char *seed = getenv("XVSW_SEED");

	rng = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) * 2654435761u;
	rng = rng ? rng : 1;
	printf("XVSW_SEED=%#llx\n", (unsigned long long)rng);
}

uint64_t proto_rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static void rnd_string(char *s, size_t size, size_t min)
{
	size_t len = min + proto_rnd() % (size - min);

	for (size_t i = 0; i < len; i++)
		s[i] = "abcXYZ019-_./, "[proto_rnd() % 15];
	s[len] = 0;
}

static bool given(uint64_t *set, enum xattr attr)
{
	if (proto_rnd() & 1)
		*set |= XBIT(attr);
	return *set & XBIT(attr);
}

static void rnd_mac(struct xmac *mac)
{
	for (int i = 0; i < 6; i++)
		mac->b[i] = proto_rnd();
}

static void fill_switch_add(struct conf_switch *c)
{
	rnd_string(c->name, sizeof(c->name), 1);
	rnd_string(c->uplink, sizeof(c->uplink), 1);
	if (given(&c->set, XATTR_MODE))
		c->mode = proto_rnd() % XMODE_COUNT;
	if (given(&c->set, XATTR_MAX_VPORTS))
		c->max_vports = proto_rnd();
	if (given(&c->set, XATTR_MAX_VFS))
		c->max_vfs = proto_rnd();
	if (given(&c->set, XATTR_POOL))
		c->pool = proto_rnd() % XPOOL_COUNT;
}

static void fill_vlan(struct conf_vport *c)
{
	c->vlan.mode = proto_rnd() % XVLAN_COUNT;
	if (c->vlan.mode == XVLAN_ACCESS) {
		c->set |= XBIT(XATTR_VLAN_VID);
		c->vlan.vid = 1 + proto_rnd() % 4094;
	}
	if (c->vlan.mode != XVLAN_TRUNK)
		return;
	c->set |= XBIT(XATTR_VLAN_LIST);
	rnd_string(c->vlan.list, sizeof(c->vlan.list), 1);
	if (given(&c->set, XATTR_VLAN_NATIVE))
		c->vlan.native = 1 + proto_rnd() % 4094;
}

static void fill_vport_options(struct conf_vport *c)
{
	if (given(&c->set, XATTR_DEV))
		rnd_string(c->dev, sizeof(c->dev), 1);
	if (given(&c->set, XATTR_NETNS))
		rnd_string(c->netns, sizeof(c->netns), 1);
	if (given(&c->set, XATTR_QUEUES))
		c->queues = proto_rnd();
	if (given(&c->set, XATTR_OWNER))
		c->owner = proto_rnd();
	if (given(&c->set, XATTR_TRUSTED))
		c->trusted = proto_rnd() & 1;
	if (given(&c->set, XATTR_ID))
		c->id = proto_rnd();
	if (given(&c->set, XATTR_VLAN_MODE))
		fill_vlan(c);
	if (given(&c->set, XATTR_SPOOFCHECK))
		c->spoofcheck = proto_rnd() & 1;
	if (given(&c->set, XATTR_ISOLATED))
		c->isolated = proto_rnd() & 1;
	if (given(&c->set, XATTR_MTU))
		c->mtu = proto_rnd();
	if (given(&c->set, XATTR_HOOK))
		c->hook = proto_rnd() % XHOOK_COUNT;
	if (given(&c->set, XATTR_CPU))
		rnd_string(c->cpu, sizeof(c->cpu), 0);
	if (given(&c->set, XATTR_MODERATION))
		rnd_string(c->moderation, sizeof(c->moderation), 0);
	if (given(&c->set, XATTR_ALIAS))
		rnd_string(c->alias, sizeof(c->alias), 0);
}

static void fill_vport(struct conf_vport *c, bool add)
{
	rnd_string(c->name, sizeof(c->name), 1);
	if (add) {
		rnd_string(c->sw, sizeof(c->sw), 1);
		c->kind = proto_rnd() % XKIND_COUNT;
	}
	c->n_macs = proto_rnd() % (add ? CONF_MACS_MAX + 1 : 2);
	for (unsigned int i = 0; i < c->n_macs; i++)
		rnd_mac(&c->macs[i]);
	if (c->n_macs)
		c->set |= XBIT(XATTR_MAC);
	fill_vport_options(c);
}

static void fill_args(struct proto_req *r)
{
	uint64_t *set = &r->args.set;
	enum proto_cmd c = r->cmd;

	if (c == PROTO_SWITCH_DEL || c == PROTO_VPORT_DEL)
		*set |= XBIT(XATTR_NAME);
	if (c == PROTO_FILTER_DEL)
		*set |= XBIT(XATTR_ID);
	if (c == PROTO_FILTER_MOVE)
		*set |= XBIT(XATTR_VPORT) | XBIT(proto_rnd() & 1 ? XATTR_ID : XATTR_FROM);
	if (c == PROTO_HELLO && given(set, XATTR_VERSION))
		rnd_string(r->args.version, sizeof(r->args.version), 1);
	if (c == PROTO_HELLO && given(set, XATTR_PROTOCOL))
		r->args.protocol = proto_rnd();
	if (c == PROTO_SWITCH_SHOW || c == PROTO_VPORT_SHOW)
		given(set, XATTR_NAME);
	if (c == PROTO_VPORT_SHOW && given(set, XATTR_WANT))
		r->args.want = proto_rnd() % 4;
	if (c == PROTO_FILTER_SHOW)
		given(set, XATTR_VPORT);
	if ((c == PROTO_SWITCH_SHOW || c == PROTO_VPORT_SHOW || c == PROTO_FILTER_SHOW) &&
	    given(set, XATTR_CURSOR))
		r->args.cursor = proto_rnd();
	if (*set & XBIT(XATTR_NAME))
		rnd_string(r->args.name, sizeof(r->args.name), 1);
	if (*set & XBIT(XATTR_VPORT))
		rnd_string(r->args.vport, sizeof(r->args.vport), 1);
	if (*set & XBIT(XATTR_FROM))
		rnd_string(r->args.from, sizeof(r->args.from), 1);
	if (*set & XBIT(XATTR_ID))
		r->args.id = proto_rnd();
}

void proto_rnd_request(struct proto_req *r, enum proto_cmd cmd)
{
	memset(r, 0, sizeof(*r));
	r->cmd = cmd;
	r->seq = proto_rnd();
	if (cmd == PROTO_SWITCH_ADD) {
		fill_switch_add(&r->sw);
	} else if (cmd == PROTO_VPORT_ADD || cmd == PROTO_VPORT_SET) {
		fill_vport(&r->vport, cmd == PROTO_VPORT_ADD);
	} else if (cmd == PROTO_FILTER_ADD) {
		rnd_string(r->filter.vport, sizeof(r->filter.vport), 1);
		rnd_mac(&r->filter.mac);
		if (given(&r->filter.set, XATTR_VLAN))
			r->filter.vlan = proto_rnd() % 4095;
	} else {
		fill_args(r);
	}
}

static void fill_stats(struct info_stats *s, bool reasons)
{
	s->rx_packets = proto_rnd();
	s->rx_bytes = proto_rnd();
	s->tx_packets = proto_rnd();
	s->tx_bytes = proto_rnd();
	s->rx_dropped = proto_rnd();
	s->tx_dropped = proto_rnd();
	s->n_reasons = reasons ? proto_rnd() % (INFO_REASONS_MAX + 1) : 0;
	for (unsigned int i = 0; i < s->n_reasons; i++) {
		rnd_string(s->reasons[i].name, sizeof(s->reasons[i].name), 1);
		s->reasons[i].count = proto_rnd();
	}
}

static void fill_info_switch(struct info_switch *s)
{
	rnd_string(s->name, sizeof(s->name), 1);
	rnd_string(s->uplink, sizeof(s->uplink), 1);
	s->ifindex = proto_rnd() % 3;
	s->mode = proto_rnd() % XMODE_COUNT;
	s->dispatcher = proto_rnd() & 1;
	s->state = proto_rnd() % XSTATE_COUNT;
	rnd_string(s->reason, sizeof(s->reason), 0);
	s->max_vports = proto_rnd();
	s->max_vfs = proto_rnd();
	s->vports = proto_rnd();
	s->pool = proto_rnd() % XPOOL_COUNT;
}

static void fill_info_filter(struct info_filter *f)
{
	f->id = proto_rnd();
	rnd_mac(&f->mac);
	f->vlan = proto_rnd() % 4095;
	rnd_string(f->vport, sizeof(f->vport), 1);
	rnd_string(f->sw, sizeof(f->sw), 1);
}

static void fill_info_vport(struct info_vport *v)
{
	rnd_string(v->name, sizeof(v->name), 1);
	v->id = proto_rnd();
	rnd_string(v->sw, sizeof(v->sw), 1);
	v->kind = proto_rnd() % XKIND_COUNT;
	v->state = proto_rnd() % XSTATE_COUNT;
	v->path = proto_rnd() % XPATH_COUNT;
	rnd_string(v->reason, sizeof(v->reason), 0);
	rnd_string(v->dev, sizeof(v->dev), 0);
	v->vlan.mode = proto_rnd() % XVLAN_COUNT;
	v->vlan.vid = proto_rnd() % 4095;
	v->vlan.native = proto_rnd() % 4095;
	rnd_string(v->vlan.list, sizeof(v->vlan.list), 0);
	v->spoofcheck = proto_rnd() & 1;
	v->isolated = proto_rnd() & 1;
	v->hook = proto_rnd() % XHOOK_COUNT;
	v->mtu = proto_rnd();
	v->has_owner = proto_rnd() & 1;
	v->owner = v->has_owner ? proto_rnd() % 3 : 0;
	rnd_string(v->cpu, sizeof(v->cpu), 0);
	rnd_string(v->moderation, sizeof(v->moderation), 0);
	rnd_string(v->alias, sizeof(v->alias), 0);
	v->has_stats = proto_rnd() & 1;
	if (v->has_stats)
		fill_stats(&v->stats, proto_rnd() & 1);
}

static void fill_value(struct proto_data *d)
{
	if (given(&d->value.set, XATTR_ID))
		d->value.id = proto_rnd();
	if (given(&d->value.set, XATTR_COUNT))
		d->value.count = proto_rnd();
	if (given(&d->value.set, XATTR_VERSION))
		rnd_string(d->value.version, sizeof(d->value.version), 0);
	if (given(&d->value.set, XATTR_PROTOCOL))
		d->value.protocol = proto_rnd();
}

void proto_rnd_data(struct proto_data *d, enum proto_cmd type)
{
	memset(d, 0, sizeof(*d));
	d->type = type;
	if (type >= PROTO_EVENT_SWITCH)
		d->event = proto_rnd() % XEVENT_OVERRUN;
	if (type == PROTO_SWITCH_SHOW || type == PROTO_EVENT_SWITCH)
		fill_info_switch(&d->sw);
	else if (type == PROTO_VPORT_SHOW || type == PROTO_EVENT_VPORT)
		fill_info_vport(&d->vport);
	else if (type == PROTO_FILTER_SHOW || type == PROTO_EVENT_FILTER)
		fill_info_filter(&d->filter);
	else
		fill_value(d);
}

bool proto_is_data(unsigned int type)
{
	return (type >= PROTO_HELLO && type < PROTO_CMD_END) ||
	       (type >= PROTO_EVENT_SWITCH && type <= PROTO_EVENT_FILTER);
}
