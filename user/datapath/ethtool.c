/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/ethtool.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>

#define ETHTOOL_FEATURE_NAME_SIZE 32 /* ETH_GSTRING_LEN */
#define ETHTOOL_FEATURES_MAX 128     /* Linux 6.18 has 64 */
/* A bit of a request takes 44 bytes at most: nest, name, flag. */
#define ETHTOOL_REQUEST_SIZE (256 + 48 * ETHTOOL_FEATURES_MAX)

struct ethtool_feature {
	char name[ETHTOOL_FEATURE_NAME_SIZE];
	bool can;      /* the device offers a change */
	bool nochange; /* but the kernel forbids it */
	bool active;
	bool ask, on; /* to be switched */
};

struct ethtool_features {
	unsigned int n;
	struct ethtool_feature f[ETHTOOL_FEATURES_MAX];
};

/* Words of the ethtool command that are not the kernel's names; patterns of fnmatch(). */
static const struct {
	const char *word, *pattern;
} ethtool_words[] = {
	{ "tx", "tx-checksum-*" },
	{ "rx", "rx-checksum" },
	{ "sg", "tx-scatter-gather*" },
	{ "tso", "tx-tcp*-segmentation" },
	{ "ufo", "tx-udp-fragmentation" },
	{ "gso", "tx-generic-segmentation" },
	{ "gro", "rx-gro" },
	{ "lro", "rx-lro" },
	{ "rxvlan", "rx-vlan-hw-parse" },
	{ "txvlan", "tx-vlan-hw-insert" },
	{ "ntuple", "rx-ntuple-filter" },
	{ "rxhash", "rx-hashing" },
};

static bool ethtool_match(const char *want, const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(ethtool_words) / sizeof(ethtool_words[0]); i++)
		if (!strcmp(want, ethtool_words[i].word))
			return !fnmatch(ethtool_words[i].pattern, name, 0);
	return !strcmp(want, name);
}

static bool ethtool_fixed(const struct ethtool_feature *f)
{
	return !f->can || f->nochange;
}

static struct ethtool_feature *ethtool_find(struct ethtool_features *t, const char *name, bool add)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->f[i].name, name))
			return &t->f[i];
	if (!add || t->n == ETHTOOL_FEATURES_MAX)
		return NULL;
	memset(&t->f[t->n], 0, sizeof(t->f[t->n]));
	strcpy(t->f[t->n].name, name); /* as large as where it comes from */
	return &t->f[t->n++];
}

/* Which member of struct ethtool_feature a bitset of the answer tells. */
enum ethtool_set { ETHTOOL_SET_HW, ETHTOOL_SET_ACTIVE, ETHTOOL_SET_NOCHANGE };

static void ethtool_parse_bit(const struct nlattr *bit, bool nomask, enum ethtool_set set,
			      struct ethtool_features *t)
{
	const struct nlattr *tb[ETHTOOL_A_BITSET_BIT_MAX + 1];
	char name[ETHTOOL_FEATURE_NAME_SIZE];
	struct ethtool_feature *f;
	bool value;

	nl_attr_nested(bit, tb, ETHTOOL_A_BITSET_BIT_MAX);
	if (!nl_attr_str(tb[ETHTOOL_A_BITSET_BIT_NAME], name, sizeof(name)))
		return;
	/* A bitset with a mask lists every feature there is; one without, those that are set. */
	value = nomask || tb[ETHTOOL_A_BITSET_BIT_VALUE];
	f = ethtool_find(t, name, set == ETHTOOL_SET_HW);
	if (!f)
		return;
	switch (set) {
	case ETHTOOL_SET_HW:
		f->can = value;
		break;
	case ETHTOOL_SET_ACTIVE:
		f->active = value;
		break;
	case ETHTOOL_SET_NOCHANGE:
		f->nochange = value;
		break;
	}
}

static void ethtool_parse_bitset(const struct nlattr *attr, enum ethtool_set set,
				 struct ethtool_features *t)
{
	const struct nlattr *tb[ETHTOOL_A_BITSET_MAX + 1], *bit;

	nl_attr_nested(attr, tb, ETHTOOL_A_BITSET_MAX);
	if (!tb[ETHTOOL_A_BITSET_BITS])
		return;
	mnl_attr_for_each_nested (bit, tb[ETHTOOL_A_BITSET_BITS]) {
		ethtool_parse_bit(bit, tb[ETHTOOL_A_BITSET_NOMASK] != NULL, set, t);
	}
}

static int ethtool_features_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[ETHTOOL_A_FEATURES_MAX + 1];

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return MNL_CB_OK;
	nl_attr_table(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
		      mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN, tb, ETHTOOL_A_FEATURES_MAX);
	ethtool_parse_bitset(tb[ETHTOOL_A_FEATURES_HW], ETHTOOL_SET_HW, data);
	ethtool_parse_bitset(tb[ETHTOOL_A_FEATURES_ACTIVE], ETHTOOL_SET_ACTIVE, data);
	ethtool_parse_bitset(tb[ETHTOOL_A_FEATURES_NOCHANGE], ETHTOOL_SET_NOCHANGE, data);
	return MNL_CB_OK;
}

static struct nlmsghdr *ethtool_request(void *buf, uint16_t family, uint8_t cmd, uint32_t ifindex,
					uint32_t flags)
{
	struct nlmsghdr *nlh = nl_genl_request(buf, family, cmd, ETHTOOL_GENL_VERSION);
	struct nlattr *nest = mnl_attr_nest_start(nlh, ETHTOOL_A_FEATURES_HEADER);

	mnl_attr_put_u32(nlh, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	if (flags)
		mnl_attr_put_u32(nlh, ETHTOOL_A_HEADER_FLAGS, flags);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static int ethtool_family(struct nl_sock *genl, uint16_t *family)
{
	int err = nl_genl_family(genl, ETHTOOL_GENL_NAME, family);

	return err == -ENOENT ? -EOPNOTSUPP : err;
}

static int ethtool_read(struct nl_sock *genl, uint16_t family, uint32_t ifindex,
			struct ethtool_features *t)
{
	NL_REQUEST(buf, 128);
	struct nlmsghdr *nlh;

	t->n = 0;
	nlh = ethtool_request(buf, family, ETHTOOL_MSG_FEATURES_GET, ifindex, 0);
	return nl_talk(genl, nlh, ethtool_features_cb, t, NULL, 0);
}

static int ethtool_write(struct nl_sock *genl, uint16_t family, uint32_t ifindex,
			 const struct ethtool_features *t)
{
	NL_REQUEST(buf, ETHTOOL_REQUEST_SIZE);
	struct nlattr *wanted, *bits, *bit;
	struct nlmsghdr *nlh;
	unsigned int i;

	nlh = ethtool_request(buf, family, ETHTOOL_MSG_FEATURES_SET, ifindex,
			      ETHTOOL_FLAG_OMIT_REPLY);
	wanted = mnl_attr_nest_start(nlh, ETHTOOL_A_FEATURES_WANTED);
	bits = mnl_attr_nest_start(nlh, ETHTOOL_A_BITSET_BITS);
	for (i = 0; i < t->n; i++) {
		if (!t->f[i].ask)
			continue;
		bit = mnl_attr_nest_start(nlh, ETHTOOL_A_BITSET_BITS_BIT);
		mnl_attr_put_strz(nlh, ETHTOOL_A_BITSET_BIT_NAME, t->f[i].name);
		if (t->f[i].on)
			mnl_attr_put(nlh, ETHTOOL_A_BITSET_BIT_VALUE, 0, NULL);
		mnl_attr_nest_end(nlh, bit);
	}
	mnl_attr_nest_end(nlh, bits);
	mnl_attr_nest_end(nlh, wanted);
	return nl_talk(genl, nlh, NULL, NULL, NULL, 0);
}

/* Marks what has to change for @want. Returns how many features were marked. */
static unsigned int ethtool_mark(struct ethtool_features *t, const struct ethtool_want *want)
{
	unsigned int i, marked = 0;

	for (i = 0; i < t->n; i++) {
		struct ethtool_feature *f = &t->f[i];

		if (!ethtool_match(want->name, f->name) || f->active == want->on ||
		    ethtool_fixed(f))
			continue;
		f->ask = true;
		f->on = want->on;
		marked++;
	}
	return marked;
}

static bool ethtool_any_active(const struct ethtool_features *t, const char *name, bool *known,
			       bool *fixed)
{
	bool active = false;
	unsigned int i;

	*known = false;
	*fixed = true;
	for (i = 0; i < t->n; i++) {
		if (!ethtool_match(name, t->f[i].name))
			continue;
		*known = true;
		active |= t->f[i].active;
		*fixed &= ethtool_fixed(&t->f[i]);
	}
	return active;
}

int ethtool_feature_get(struct nl_sock *genl, uint32_t ifindex, const char *feature, bool *active,
			bool *fixed_out)
{
	struct ethtool_features t;
	bool known, fixed, on;
	uint16_t family;
	int err;

	err = ethtool_family(genl, &family);
	if (!err)
		err = ethtool_read(genl, family, ifindex, &t);
	if (err)
		return err;
	on = ethtool_any_active(&t, feature, &known, &fixed);
	if (!known)
		return -EOPNOTSUPP;
	if (active)
		*active = on;
	if (fixed_out)
		*fixed_out = fixed;
	return 0;
}

int ethtool_features_set(struct nl_sock *genl, uint32_t ifindex, const struct ethtool_want *want,
			 unsigned int n)
{
	unsigned int i, marked = 0;
	struct ethtool_features t;
	bool known, fixed;
	uint16_t family;
	int err;

	err = ethtool_family(genl, &family);
	if (!err)
		err = ethtool_read(genl, family, ifindex, &t);
	if (err)
		return err;
	for (i = 0; i < n; i++)
		marked += ethtool_mark(&t, &want[i]);
	if (marked) {
		err = ethtool_write(genl, family, ifindex, &t);
		if (!err)
			err = ethtool_read(genl, family, ifindex, &t);
		if (err)
			return err;
	}
	for (i = 0; i < n; i++)
		if (ethtool_any_active(&t, want[i].name, &known, &fixed) != want[i].on || !known)
			return -EOPNOTSUPP;
	return 0;
}

int ethtool_feature_set(struct nl_sock *genl, uint32_t ifindex, const char *feature, bool on)
{
	const struct ethtool_want want = { .name = feature, .on = on };

	return ethtool_features_set(genl, ifindex, &want, 1);
}
