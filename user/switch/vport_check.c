// SPDX-License-Identifier: GPL-2.0-only
/* What may be asked of a VPort: options by kind, ranges, what this version can do. */
#include "switch/model_int.h"

#include <errno.h>
#include <string.h>

#include "base/name.h"
#include "base/num.h"

#define KIND_BIT(kind) (1U << (kind))
#define GUEST_KINDS                                                                                \
	(KIND_BIT(XKIND_DEV) | KIND_BIT(XKIND_VETH) | KIND_BIT(XKIND_XSK) |                        \
	 KIND_BIT(XKIND_QUEUE) | KIND_BIT(XKIND_VF))

/* Each option of the command line: which kinds take it, and whether `vport set` may change it. */
static const struct option {
	uint16_t attr;
	const char *word;
	unsigned int kinds;
	bool fixed;
	bool supported;
} options[] = {
	{ XATTR_SWITCH, "switch", GUEST_KINDS, true, true },
	{ XATTR_KIND, "kind", GUEST_KINDS, true, true },
	{ XATTR_ID, "id", GUEST_KINDS, true, true },
	{ XATTR_DEV, "dev", KIND_BIT(XKIND_DEV) | KIND_BIT(XKIND_VETH), true, true },
	{ XATTR_NETNS, "netns", KIND_BIT(XKIND_VETH), true, true },
	{ XATTR_QUEUES, "queues", KIND_BIT(XKIND_XSK) | KIND_BIT(XKIND_QUEUE), true, true },
	{ XATTR_OWNER, "owner", KIND_BIT(XKIND_XSK) | KIND_BIT(XKIND_QUEUE), false, true },
	{ XATTR_TRUSTED, "trusted", KIND_BIT(XKIND_QUEUE), true, true },
	{ XATTR_MAC, "mac", GUEST_KINDS, true, true },
	{ XATTR_VLAN_MODE, "vlan", GUEST_KINDS, false, true },
	{ XATTR_VLAN_VID, "vlan", GUEST_KINDS, false, true },
	{ XATTR_VLAN_LIST, "vlan", GUEST_KINDS, false, true },
	{ XATTR_VLAN_NATIVE, "vlan", GUEST_KINDS, false, true },
	{ XATTR_SPOOFCHECK, "spoofcheck", GUEST_KINDS, false, true },
	{ XATTR_ISOLATED, "isolated", GUEST_KINDS, false, true },
	{ XATTR_MTU, "mtu", GUEST_KINDS, false, true },
	{ XATTR_HOOK, "hook", GUEST_KINDS, false, true },
	{ XATTR_CPU, "cpu", GUEST_KINDS, false, false },
	{ XATTR_MODERATION, "moderation", GUEST_KINDS, false, false },
	{ XATTR_ALIAS, "alias", GUEST_KINDS | KIND_BIT(XKIND_HOST), false, true },
};

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

/* What was given, also where a member speaks for itself without its bit. */
static uint64_t given(const struct conf_vport *conf)
{
	uint64_t set = conf->set & ~XBIT(XATTR_NAME);

	if (conf->n_macs)
		set |= XBIT(XATTR_MAC);
	if (conf->dev[0])
		set |= XBIT(XATTR_DEV);
	if (conf->netns[0])
		set |= XBIT(XATTR_NETNS);
	return set;
}

/* @set: the command is `vport set`, not `vport add`. */
static int check_options(const struct conf_vport *conf, enum xkind kind, bool set, struct err *err)
{
	uint64_t bits = given(conf);
	unsigned int i;

	for (i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options[i];

		if (!(bits & XBIT(o->attr)))
			continue;
		if (kind == XKIND_HOST && !(o->kinds & KIND_BIT(kind)))
			return err_set(err, -EINVAL, o->attr,
				       "%s of a default VPort cannot be changed", o->word);
		if (!(o->kinds & KIND_BIT(kind)))
			return err_set(err, -EINVAL, o->attr, "%s does not apply to kind %s",
				       o->word, conf_kind_name(kind));
		if (set && o->fixed)
			return err_set(err, -EINVAL, o->attr, "%s of a VPort cannot be changed",
				       o->word);
		if (!o->supported)
			return err_set(err, -EOPNOTSUPP, o->attr,
				       "%s is not supported by this version", o->word);
	}
	return 0;
}

static int check_vid(uint32_t vid, uint16_t attr, struct err *err)
{
	if (vid < XVSW_VID_MIN || vid > XVSW_VID_MAX)
		return err_set(err, -EINVAL, attr, "vlan %u is out of range (%u to %u)", vid,
			       XVSW_VID_MIN, XVSW_VID_MAX);
	return 0;
}

/* One "10" or "20-29" of a list; @text is changed. */
static int check_vid_range(char *text, struct err *err)
{
	char *dash = strchr(text, '-');
	uint32_t first, last;
	int ret;

	if (dash)
		*dash = '\0';
	if (num_parse_u32(text, 0, UINT32_MAX, &first) ||
	    num_parse_u32(dash ? dash + 1 : text, 0, UINT32_MAX, &last))
		return err_set(err, -EINVAL, XATTR_VLAN_LIST,
			       "vlan trunk takes a list like 10,20-29");
	ret = check_vid(first, XATTR_VLAN_LIST, err);
	if (!ret)
		ret = check_vid(last, XATTR_VLAN_LIST, err);
	if (!ret && first > last)
		ret = err_set(err, -EINVAL, XATTR_VLAN_LIST, "vlan range %u-%u runs backwards",
			      first, last);
	return ret;
}

static int check_trunk(const struct conf_vport *conf, struct err *err)
{
	char list[CONF_VLAN_LIST_SIZE], *rest = list, *part;
	int ret;

	text_copy(list, sizeof(list), conf->vlan.list);
	while ((part = strsep(&rest, ","))) {
		ret = check_vid_range(part, err);
		if (ret)
			return ret;
	}
	if (XHAS(conf, XATTR_VLAN_NATIVE))
		return check_vid(conf->vlan.native, XATTR_VLAN_NATIVE, err);
	return 0;
}

#define VLAN_PARTS (XBIT(XATTR_VLAN_VID) | XBIT(XATTR_VLAN_LIST) | XBIT(XATTR_VLAN_NATIVE))

static int check_vlan(const struct conf_vport *conf, struct err *err)
{
	int ret = 0;

	if (!XHAS(conf, XATTR_VLAN_MODE)) {
		if (conf->set & VLAN_PARTS)
			return err_set(err, -EINVAL, XATTR_VLAN_MODE,
				       "vlan needs a mode: untagged, access or trunk");
		return 0;
	}
	switch (conf->vlan.mode) {
	case XVLAN_UNTAGGED:
		if (conf->set & VLAN_PARTS)
			return err_set(err, -EINVAL, XATTR_VLAN_MODE,
				       "vlan untagged takes no VLAN id");
		return 0;
	case XVLAN_ACCESS:
		ret = check_vid(conf->vlan.vid, XATTR_VLAN_VID, err);
		break;
	case XVLAN_TRUNK:
		ret = check_trunk(conf, err);
		break;
	case XVLAN_COUNT:
		break;
	}
	if (ret)
		return ret;
	if ((unsigned int)conf->vlan.mode >= XVLAN_COUNT)
		return err_set(err, -EINVAL, XATTR_VLAN_MODE, "vlan is untagged, access or trunk");
	return err_set(err, -EOPNOTSUPP, XATTR_VLAN_MODE,
		       "vlan %s is not supported by this version",
		       conf_vlan_mode_name(conf->vlan.mode));
}

/* Values that `vport add` and `vport set` have in common. */
static int check_values(const struct conf_vport *conf, enum xkind kind, struct err *err)
{
	uint32_t mtu_max = kind == XKIND_XSK ? XVSW_XSK_MTU_MAX : XVSW_MTU_MAX;

	if (XHAS(conf, XATTR_MTU) && (conf->mtu < XVSW_MTU_MIN || conf->mtu > mtu_max))
		return err_set(err, -EINVAL, XATTR_MTU, "mtu %u is out of range (%u to %u)",
			       conf->mtu, XVSW_MTU_MIN, mtu_max);
	if (XHAS(conf, XATTR_HOOK) && (unsigned int)conf->hook >= XHOOK_COUNT)
		return err_set(err, -EINVAL, XATTR_HOOK, "hook is auto, xdp or tc");
	if (XHAS(conf, XATTR_HOOK) && conf->hook == XHOOK_TC)
		return err_set(err, -EOPNOTSUPP, XATTR_HOOK,
			       "hook tc is not supported by this version");
	if (XHAS(conf, XATTR_ALIAS) && name_check_text(conf->alias))
		return err_set(err, -EINVAL, XATTR_ALIAS,
			       "alias is UTF-8 text without control characters");
	/* (uid_t)-1 means "no change" to the kernel's chown. */
	if (XHAS(conf, XATTR_OWNER) && conf->owner == (uid_t)-1)
		return err_set(err, -EINVAL, XATTR_OWNER, "owner %u is not a user id", conf->owner);
	return check_vlan(conf, err);
}

static int check_kind(enum xkind kind, struct err *err)
{
	switch (kind) {
	case XKIND_DEV:
	case XKIND_VETH:
	case XKIND_XSK:
		return 0;
	case XKIND_HOST:
		return err_set(err, -EINVAL, XATTR_KIND,
			       "kind host is the default VPort's, which every switch has");
	case XKIND_QUEUE:
	case XKIND_VF:
		return err_set(err, -EOPNOTSUPP, XATTR_KIND,
			       "%s VPorts are not supported by this version", conf_kind_name(kind));
	case XKIND_COUNT:
		break;
	}
	return err_set(err, -EINVAL, XATTR_KIND, "kind is dev, veth, xsk, queue or vf");
}

/* The device a `dev` VPort adopts must be nobody else's, as far as names tell. */
static int check_dev_unused(const struct model *m, const char *dev, struct err *err)
{
	const struct mswitch *sw;
	const struct mvport *vp;

	for (sw = m->switches; sw; sw = sw->hh.next)
		if (strcmp(sw->conf.uplink, dev) == 0)
			return err_set(err, -EBUSY, XATTR_DEV, "dev %s is the uplink of switch %s",
				       dev, sw->conf.name);
	for (vp = m->vports; vp; vp = vp->hh_name.next)
		if (strcmp(vp->info.dev, dev) == 0)
			return err_set(err, -EBUSY, XATTR_DEV, "dev %s is the device of VPort %s",
				       dev, vp->name);
	return 0;
}

static int check_place(const struct model *m, const struct conf_vport *conf, struct err *err)
{
	switch (conf->kind) {
	case XKIND_DEV:
	case XKIND_VETH:
		if (name_check_ifname(conf->dev))
			return err_set(err, -EINVAL, XATTR_DEV, "%s is not an interface name",
				       conf->dev[0] ? conf->dev : "(nothing)");
		if (XHAS(conf, XATTR_NETNS) && !conf->netns[0])
			return err_set(err, -EINVAL, XATTR_NETNS, "netns is empty");
		return conf->kind == XKIND_DEV ? check_dev_unused(m, conf->dev, err) : 0;
	case XKIND_XSK:
		if (!XHAS(conf, XATTR_QUEUES) || conf->queues == 1)
			return 0;
		if (conf->queues < 1 || conf->queues > XVSW_XSK_QUEUES_MAX)
			return err_set(err, -EINVAL, XATTR_QUEUES,
				       "queues %u is out of range (1 to %u)", conf->queues,
				       XVSW_XSK_QUEUES_MAX);
		return err_set(err, -EOPNOTSUPP, XATTR_QUEUES,
			       "queues %u is not supported by this version (only 1)", conf->queues);
	case XKIND_HOST:
	case XKIND_QUEUE:
	case XKIND_VF:
	case XKIND_COUNT:
		break;
	}
	return 0;
}

/* NDIS.md, "pool". There are no VPorts on VFs yet: all but the default one count. */
static int check_pool(const struct mswitch *sw, struct err *err)
{
	const struct conf_switch *c = &sw->conf;
	unsigned int used = sw->n_vports - 1;

	switch (c->pool) {
	case XPOOL_SHARED:
		if (used < c->max_vports - 1)
			return 0;
		return err_set(err, -ENOSPC, XATTR_SWITCH,
			       "switch %s is full: pool shared has max-vports %u - 1 default = %u "
			       "VPorts",
			       c->name, c->max_vports, c->max_vports - 1);
	case XPOOL_RESERVED:
		if (used < c->max_vports - c->max_vfs - 1)
			return 0;
		return err_set(
			err, -ENOSPC, XATTR_SWITCH,
			"switch %s is full: pool reserved has max-vports %u - max-vfs %u - 1 "
			"default = %u VPorts that are not on VFs",
			c->name, c->max_vports, c->max_vfs, c->max_vports - c->max_vfs - 1);
	case XPOOL_COUNT:
		break;
	}
	return -EINVAL;
}

static int check_id(const struct mswitch *sw, const struct conf_vport *conf, struct err *err)
{
	struct mvport *other;

	if (!XHAS(conf, XATTR_ID))
		return 0;
	if (conf->id == XVSW_VPORT_HOST)
		return err_set(err, -EINVAL, XATTR_ID, "id 0 is the default VPort's");
	if (conf->id > XVSW_VPORT_ID_MAX)
		return err_set(err, -EINVAL, XATTR_ID, "id %u is out of range (1 to %u)", conf->id,
			       XVSW_VPORT_ID_MAX);
	HASH_FIND(hh_id, sw->vports, &conf->id, sizeof(conf->id), other);
	if (other)
		return err_set(err, -EEXIST, XATTR_ID, "id %u is that of VPort %s", conf->id,
			       other->name);
	return 0;
}

static int check_macs(struct model *m, struct mswitch *sw, const struct conf_vport *conf,
		      struct err *err)
{
	/* A veth guest without a MAC of ours brings one. */
	unsigned int n = conf->kind == XKIND_VETH && !conf->n_macs ? 1 : conf->n_macs;
	struct dp_filter_key key = { .vlan = 0 };
	char text[MAC_STR_SIZE];
	unsigned int i, j;
	int ret;

	if (conf->n_macs > CONF_MACS_MAX)
		return err_set(err, -EINVAL, XATTR_MAC, "mac may be given %u times at most",
			       CONF_MACS_MAX);
	for (i = 0; i < conf->n_macs; i++) {
		key.mac = conf->macs[i];
		for (j = 0; j < i; j++)
			if (mac_equal(&conf->macs[j], &key.mac))
				return err_set(err, -EINVAL, XATTR_MAC, "mac %s is given twice",
					       mac_format(&key.mac, text));
		ret = filter_check_mac(sw, &key.mac, err);
		if (!ret)
			ret = filter_check_free(sw, &key, err);
		if (ret)
			return ret;
	}
	return filter_check_room(m, sw, n, err);
}

int vport_check_add(struct model *m, const struct conf_vport *conf, struct err *err)
{
	struct mswitch *sw;
	struct mvport *other;
	int ret;

	if (name_check(conf->name))
		return err_set(err, -EINVAL, XATTR_NAME, "a VPort name is " NAME_RULE);
	ret = find_switch(m, conf->sw, XATTR_SWITCH, &sw, err);
	if (ret)
		return ret;
	HASH_FIND(hh_name, m->vports, conf->name, strlen(conf->name), other);
	if (other)
		return err_set(err, -EEXIST, XATTR_NAME, "VPort %s exists", conf->name);
	if ((ret = check_kind(conf->kind, err)) ||
	    (ret = check_options(conf, conf->kind, false, err)) ||
	    (ret = check_values(conf, conf->kind, err)) || (ret = check_place(m, conf, err)) ||
	    (ret = check_id(sw, conf, err)) || (ret = check_pool(sw, err)))
		return ret;
	return check_macs(m, sw, conf, err);
}

int vport_check_set(const struct mvport *vp, const struct conf_vport *conf, struct err *err)
{
	int ret;

	if (!given(conf))
		return err_set(err, -EINVAL, 0, "nothing to set: give at least one option");
	ret = check_options(conf, vp->conf.kind, true, err);
	if (ret)
		return ret;
	return check_values(conf, vp->conf.kind, err);
}
