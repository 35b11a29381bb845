// SPDX-License-Identifier: GPL-2.0-only
/* The policy's check: every attribute is looked at before anything acts on a message. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "proto/policy.h"

static const char *const attr_names[XATTR_MAX] = {
	[XATTR_NONE] = "attribute",
	[XATTR_NAME] = "name",
	[XATTR_SWITCH] = "switch",
	[XATTR_UPLINK] = "uplink",
	[XATTR_MODE] = "mode",
	[XATTR_MAX_VPORTS] = "max-vports",
	[XATTR_MAX_VFS] = "max-vfs",
	[XATTR_POOL] = "pool",
	[XATTR_ID] = "id",
	[XATTR_KIND] = "kind",
	[XATTR_DEV] = "dev",
	[XATTR_NETNS] = "netns",
	[XATTR_QUEUES] = "queues",
	[XATTR_OWNER] = "owner",
	[XATTR_TRUSTED] = "trusted",
	[XATTR_MAC] = "mac",
	[XATTR_VLAN_MODE] = "vlan mode",
	[XATTR_VLAN_VID] = "vlan",
	[XATTR_VLAN_LIST] = "trunk",
	[XATTR_VLAN_NATIVE] = "native",
	[XATTR_SPOOFCHECK] = "spoofcheck",
	[XATTR_ISOLATED] = "isolated",
	[XATTR_MTU] = "mtu",
	[XATTR_HOOK] = "hook",
	[XATTR_CPU] = "cpu",
	[XATTR_MODERATION] = "moderation",
	[XATTR_ALIAS] = "alias",
	[XATTR_VLAN] = "vlan",
	[XATTR_VPORT] = "vport",
	[XATTR_FROM] = "from",
	[XATTR_IFINDEX] = "ifindex",
	[XATTR_DISPATCHER] = "dispatcher",
	[XATTR_STATE] = "state",
	[XATTR_REASON] = "reason",
	[XATTR_VPORTS] = "vports",
	[XATTR_PATH] = "path",
	[XATTR_STATS] = "stats",
	[XATTR_REASONS] = "reasons",
	[XATTR_REASON_ENTRY] = "reason entry",
	[XATTR_COUNT] = "count",
	[XATTR_FILTER] = "filter",
	[XATTR_CURSOR] = "cursor",
	[XATTR_GENERATION] = "generation",
	[XATTR_WANT] = "want",
	[XATTR_EVENT] = "event",
	[XATTR_VERSION] = "version",
	[XATTR_PROTOCOL] = "protocol",
};

const char *proto_attr_name(enum xattr attr)
{
	if ((unsigned int)attr >= XATTR_MAX || !attr_names[attr])
		return attr_names[XATTR_NONE];
	return attr_names[attr];
}

int proto_attr_next(const void *buf, size_t len, size_t *pos, const struct nlattr **attr)
{
	const struct nlattr *a = (const struct nlattr *)((const char *)buf + *pos);
	size_t rest = len - *pos;

	if (!rest)
		return 0;
	if (rest < sizeof(*a) || a->nla_len < sizeof(*a) || (size_t)NLA_ALIGN(a->nla_len) > rest)
		return -EINVAL;
	*attr = a;
	*pos += NLA_ALIGN(a->nla_len);
	return 1;
}

const struct proto_field *proto_field_find(const struct proto_table *table, uint16_t attr)
{
	for (unsigned int i = 0; i < table->n; i++)
		if (table->fields[i].attr == attr)
			return &table->fields[i];
	return NULL;
}

static uint64_t attr_number(const struct proto_field *f, const struct nlattr *a)
{
	switch ((enum proto_type)f->type) {
	case PROTO_U8:
		return mnl_attr_get_u8(a);
	case PROTO_U16:
		return mnl_attr_get_u16(a);
	case PROTO_U32:
		return mnl_attr_get_u32(a);
	case PROTO_U64:
		return mnl_attr_get_u64(a);
	case PROTO_STRING:
	case PROTO_MAC:
	case PROTO_NEST:
		break;
	}
	return 0;
}

static int check_size(const struct proto_field *f, const struct nlattr *a, size_t want,
		      struct err *err)
{
	size_t have = mnl_attr_get_payload_len(a);

	if (have == want)
		return 0;
	return err_set(err, -EINVAL, f->attr, "%s has %zu bytes instead of %zu",
		       proto_attr_name(f->attr), have, want);
}

static int check_number(const struct proto_field *f, const struct nlattr *a, struct err *err)
{
	static const uint8_t sizes[] = {
		[PROTO_U8] = 1, [PROTO_U16] = 2, [PROTO_U32] = 4, [PROTO_U64] = 8
	};
	uint64_t value;
	int ret = check_size(f, a, sizes[f->type], err);

	if (ret)
		return ret;
	value = attr_number(f, a);
	if (value >= f->min && value <= f->max)
		return 0;
	return err_set(err, -EINVAL, f->attr,
		       "%s %" PRIu64 " is out of range (%" PRIu64 " to %" PRIu64 ")",
		       proto_attr_name(f->attr), value, f->min, f->max);
}

/* Terminal escapes and line breaks in a name would reach every operator's screen. */
static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

static int check_string(const struct proto_table *table, const struct proto_field *f,
			const struct nlattr *a, struct err *err)
{
	const char *s = mnl_attr_get_payload(a), *name = proto_attr_name(f->attr);
	size_t size = mnl_attr_get_payload_len(a), len;

	len = strnlen(s, size);
	if (len + 1 != size)
		return err_set(err, -EINVAL, f->attr, "%s is not a string closed by a zero byte",
			       name);
	if (len < f->min)
		return err_set(err, -EINVAL, f->attr, "%s is empty", name);
	if (len > f->max)
		return err_set(err, -EINVAL, f->attr, "%s is longer than %" PRIu64 " characters",
			       name, f->max);
	if (table->strict && has_control(s, len))
		return err_set(err, -EINVAL, f->attr, "%s has a control character in it", name);
	return 0;
}

static int check_nest(const struct proto_field *f, const struct nlattr *a, struct err *err)
{
	uint32_t offs;

	return proto_policy_check(f->nest, mnl_attr_get_payload(a), 0, mnl_attr_get_payload_len(a),
				  err, &offs);
}

static int check_value(const struct proto_table *table, const struct proto_field *f,
		       const struct nlattr *a, struct err *err)
{
	/* Nobody here sends big-endian numbers; reading one as it lies would be a wrong value. */
	if (a->nla_type & NLA_F_NET_BYTEORDER)
		return err_set(err, -EINVAL, f->attr, "%s is not in host byte order",
			       proto_attr_name(f->attr));
	switch ((enum proto_type)f->type) {
	case PROTO_U8:
	case PROTO_U16:
	case PROTO_U32:
	case PROTO_U64:
		return check_number(f, a, err);
	case PROTO_STRING:
		return check_string(table, f, a, err);
	case PROTO_MAC:
		return check_size(f, a, sizeof(struct xmac), err);
	case PROTO_NEST:
		return check_nest(f, a, err);
	}
	return err_set(err, -EINVAL, f->attr, "%s has no type", proto_attr_name(f->attr));
}

static int refuse_unknown(uint16_t attr, struct err *err)
{
	if (attr > XATTR_NONE && attr < XATTR_MAX)
		return err_set(err, -EINVAL, attr, "%s does not belong to this command",
			       proto_attr_name(attr));
	return err_set(err, -EINVAL, 0, "attribute %u is unknown", attr);
}

/* One more of @f: *seen has a bit a field, *repeats counts the table's repeatable one. */
static int check_repeats(const struct proto_table *table, const struct proto_field *f,
			 uint64_t *seen, uint64_t *repeats, struct err *err)
{
	uint64_t bit = 1ULL << (f - table->fields);

	if (f->presence == PROTO_REPEAT && ++*repeats > f->max && f->max > 1)
		return err_set(err, -EINVAL, f->attr, "%s is given more than %" PRIu64 " times",
			       proto_attr_name(f->attr), f->max);
	if ((f->presence != PROTO_REPEAT || f->max == 1) && (*seen & bit))
		return err_set(err, -EINVAL, f->attr, "%s is given twice",
			       proto_attr_name(f->attr));
	*seen |= bit;
	return 0;
}

static int check_missing(const struct proto_table *table, uint64_t seen, struct err *err)
{
	for (unsigned int i = 0; i < table->n; i++) {
		const struct proto_field *f = &table->fields[i];

		if (f->presence == PROTO_REQUIRED && !(seen & (1ULL << i)))
			return err_set(err, -EINVAL, f->attr, "%s is missing",
				       proto_attr_name(f->attr));
	}
	return 0;
}

static int check_attr(const struct proto_table *table, const struct nlattr *a, uint64_t *seen,
		      uint64_t *repeats, struct err *err)
{
	/* Nothing is nested in a request: there the flag makes it another, unknown attribute. */
	uint16_t type = a->nla_type & (table->strict ? ~NLA_F_NET_BYTEORDER : (int)NLA_TYPE_MASK);
	const struct proto_field *f = proto_field_find(table, type);
	int ret;

	if (!f)
		return table->strict ? refuse_unknown(type, err) : 0;
	ret = check_repeats(table, f, seen, repeats, err);
	return ret ? ret : check_value(table, f, a, err);
}

int proto_policy_check(const struct proto_table *table, const void *buf, size_t pos, size_t len,
		       struct err *err, uint32_t *offs)
{
	uint64_t seen = 0, repeats = 0;
	const struct nlattr *a;
	size_t at = pos;
	int ret;

	while ((ret = proto_attr_next(buf, len, &pos, &a)) > 0) {
		ret = check_attr(table, a, &seen, &repeats, err);
		if (ret) {
			*offs = at;
			return ret;
		}
		at = pos;
	}
	*offs = 0;
	if (ret)
		return err_set(err, -EINVAL, 0, "the message is malformed from byte %zu on", at);
	return check_missing(table, seen, err);
}
