// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data messages: what lists, answers and events carry. The receiver skips attributes it does not
 * know, so that a later daemon can tell more; whatever it knows must be well-formed.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "proto/policy.h"

#define VID_MAX 4094

#define SIZE(type, member) sizeof(((type *)0)->member)
#define FIELD_OF(s, a, t, p, member, lo, hi)                                                       \
	{                                                                                          \
		.attr = (a), .type = PROTO_##t, .presence = PROTO_##p,                             \
		.offset = offsetof(s, member), .size = SIZE(s, member), .min = (lo), .max = (hi)   \
	}
#define FIELD(a, t, p, member, lo, hi) FIELD_OF(struct proto_data, XATTR_##a, t, p, member, lo, hi)
#define U32(a, p, member) FIELD(a, U32, p, member, 0, UINT32_MAX)
#define BOOL(a, member) FIELD(a, U8, REQUIRED, member, 0, 1)
#define ENUM(a, member, count) FIELD(a, U8, REQUIRED, member, 0, (count)-1)
#define STRING(a, p, member, lo)                                                                   \
	FIELD(a, STRING, p, member, lo, SIZE(struct proto_data, member) - 1)
#define NEST(a, p, member, table, at)                                                              \
	{                                                                                          \
		.attr = XATTR_##a, .type = PROTO_NEST, .presence = PROTO_##p,                      \
		.offset = offsetof(struct proto_data, member),                                     \
		.size = SIZE(struct proto_data, member), .aux = offsetof(struct proto_data, at),   \
		.nest = &(table)                                                                   \
	}
#define TABLE(f, bits)                                                                             \
	{                                                                                          \
		.fields = (f), .n = sizeof(f) / sizeof((f)[0]), .mark_all = true, .set = (bits)    \
	}

#define STAT(a, member)                                                                            \
	FIELD_OF(struct info_stats, XSTATS_##a, U64, REQUIRED, member, 0, UINT64_MAX)

static const struct proto_field stats_fields[] = {
	STAT(RX_PACKETS, rx_packets), STAT(RX_BYTES, rx_bytes),	    STAT(TX_PACKETS, tx_packets),
	STAT(TX_BYTES, tx_bytes),     STAT(RX_DROPPED, rx_dropped), STAT(TX_DROPPED, tx_dropped),
};
static const struct proto_table stats_table = TABLE(stats_fields, PROTO_NO_SET);

/* One element of info_stats.reasons, which is an unnamed struct there. */
#define REASON_AT(member)                                                                          \
	(offsetof(struct info_stats, reasons[0].member) - offsetof(struct info_stats, reasons[0]))

static const struct proto_field reason_fields[] = {
	{
		.attr = XATTR_NAME,
		.type = PROTO_STRING,
		.presence = PROTO_REQUIRED,
		.offset = REASON_AT(name),
		.size = SIZE(struct info_stats, reasons[0].name),
		.min = 1,
		.max = SIZE(struct info_stats, reasons[0].name) - 1,
	},
	{
		.attr = XATTR_COUNT,
		.type = PROTO_U64,
		.presence = PROTO_REQUIRED,
		.offset = REASON_AT(count),
		.size = SIZE(struct info_stats, reasons[0].count),
		.max = UINT64_MAX,
	},
};
static const struct proto_table reason_table = TABLE(reason_fields, PROTO_NO_SET);

static const struct proto_field reasons_fields[] = {
	{
		.attr = XATTR_REASON_ENTRY,
		.type = PROTO_NEST,
		.presence = PROTO_REPEAT,
		.offset = offsetof(struct info_stats, reasons),
		.size = SIZE(struct info_stats, reasons[0]),
		.aux = offsetof(struct info_stats, n_reasons),
		.max = INFO_REASONS_MAX,
		.nest = &reason_table,
	},
};
static const struct proto_table reasons_table = TABLE(reasons_fields, PROTO_NO_SET);

static const struct proto_field switch_fields[] = {
	STRING(NAME, REQUIRED, sw.name, 1),    STRING(UPLINK, REQUIRED, sw.uplink, 1),
	U32(IFINDEX, NONZERO, sw.ifindex),     ENUM(MODE, sw.mode, XMODE_COUNT),
	BOOL(DISPATCHER, sw.dispatcher),       ENUM(STATE, sw.state, XSTATE_COUNT),
	STRING(REASON, NONZERO, sw.reason, 0), U32(MAX_VPORTS, REQUIRED, sw.max_vports),
	U32(MAX_VFS, REQUIRED, sw.max_vfs),    U32(VPORTS, REQUIRED, sw.vports),
	ENUM(POOL, sw.pool, XPOOL_COUNT),
};

static const struct proto_field filter_fields[] = {
	U32(ID, REQUIRED, filter.id),
	FIELD(MAC, MAC, REQUIRED, filter.mac, 0, 0),
	FIELD(VLAN, U16, REQUIRED, filter.vlan, 0, VID_MAX),
	STRING(VPORT, REQUIRED, filter.vport, 1),
	STRING(SWITCH, REQUIRED, filter.sw, 1),
};

static const struct proto_field vport_fields[] = {
	STRING(NAME, REQUIRED, vport.name, 1),
	U32(ID, REQUIRED, vport.id),
	STRING(SWITCH, REQUIRED, vport.sw, 1),
	ENUM(KIND, vport.kind, XKIND_COUNT),
	ENUM(STATE, vport.state, XSTATE_COUNT),
	ENUM(PATH, vport.path, XPATH_COUNT),
	STRING(REASON, NONZERO, vport.reason, 0),
	STRING(DEV, NONZERO, vport.dev, 0),
	ENUM(VLAN_MODE, vport.vlan.mode, XVLAN_COUNT),
	FIELD(VLAN_VID, U16, NONZERO, vport.vlan.vid, 0, VID_MAX),
	FIELD(VLAN_NATIVE, U16, NONZERO, vport.vlan.native, 0, VID_MAX),
	STRING(VLAN_LIST, NONZERO, vport.vlan.list, 0),
	BOOL(SPOOFCHECK, vport.spoofcheck),
	BOOL(ISOLATED, vport.isolated),
	ENUM(HOOK, vport.hook, XHOOK_COUNT),
	U32(MTU, REQUIRED, vport.mtu),
	{
		.attr = XATTR_OWNER,
		.type = PROTO_U32,
		.presence = PROTO_FLAG,
		.offset = offsetof(struct proto_data, vport.owner),
		.size = SIZE(struct proto_data, vport.owner),
		.aux = offsetof(struct proto_data, vport.has_owner),
		.max = UINT32_MAX,
	},
	STRING(CPU, NONZERO, vport.cpu, 0),
	STRING(MODERATION, NONZERO, vport.moderation, 0),
	STRING(ALIAS, NONZERO, vport.alias, 0),
	NEST(STATS, FLAG, vport.stats, stats_table, vport.has_stats),
	NEST(REASONS, COUNTED, vport.stats, reasons_table, vport.stats.n_reasons),
};

static const struct proto_field value_fields[] = {
	U32(ID, BIT, value.id),
	FIELD(COUNT, U64, BIT, value.count, 0, UINT64_MAX),
	STRING(VERSION, BIT, value.version, 0),
	U32(PROTOCOL, BIT, value.protocol),
};

static const struct proto_table switch_table = TABLE(switch_fields, PROTO_NO_SET);
static const struct proto_table vport_table = TABLE(vport_fields, PROTO_NO_SET);
static const struct proto_table filter_table = TABLE(filter_fields, PROTO_NO_SET);
static const struct proto_table value_table =
	TABLE(value_fields, offsetof(struct proto_data, value.set));

/* Events carry this beside the attributes of a list's record. */
static const struct proto_field event_fields[] = {
	FIELD(EVENT, U8, REQUIRED, event, 0, XEVENT_STATE),
};
static const struct proto_table event_table = TABLE(event_fields, PROTO_NO_SET);

const struct proto_table *proto_policy_data(uint16_t type)
{
	switch (type) {
	case PROTO_SWITCH_SHOW:
	case PROTO_EVENT_SWITCH:
		return &switch_table;
	case PROTO_VPORT_SHOW:
	case PROTO_EVENT_VPORT:
		return &vport_table;
	case PROTO_FILTER_SHOW:
	case PROTO_EVENT_FILTER:
		return &filter_table;
	case PROTO_HELLO:
	case PROTO_SWITCH_ADD:
	case PROTO_SWITCH_DEL:
	case PROTO_VPORT_ADD:
	case PROTO_VPORT_SET:
	case PROTO_VPORT_DEL:
	case PROTO_FILTER_ADD:
	case PROTO_FILTER_DEL:
	case PROTO_FILTER_MOVE:
		return &value_table;
	}
	return NULL;
}

static bool is_event(uint16_t type)
{
	return type >= PROTO_EVENT_SWITCH && type <= PROTO_EVENT_FILTER;
}

int proto_encode_data(const struct proto_data *data, uint32_t seq, void *buf, size_t size,
		      size_t *len)
{
	const struct proto_table *table = proto_policy_data(data->type);
	struct nlmsghdr *nlh;
	int ret = 0;

	if (!table)
		return -EINVAL;
	if (*len > size || size - *len < NLMSG_HDRLEN)
		return -EMSGSIZE;
	size -= *len;
	nlh = mnl_nlmsg_put_header((char *)buf + *len);
	nlh->nlmsg_type = data->type;
	nlh->nlmsg_flags = is_event(data->type) ? 0 : NLM_F_MULTI;
	nlh->nlmsg_seq = seq;
	if (is_event(data->type))
		ret = proto_fields_encode(&event_table, data, nlh, size);
	if (!ret)
		ret = proto_fields_encode(table, data, nlh, size);
	if (!ret)
		*len += nlh->nlmsg_len;
	return ret;
}

int proto_decode_data(const void *buf, struct proto_data *data)
{
	const struct nlmsghdr *nlh = buf;
	const struct proto_table *table = proto_policy_data(nlh->nlmsg_type);
	size_t len = nlh->nlmsg_len;
	uint32_t offs;

	if (!table || len < NLMSG_HDRLEN)
		return -EPROTO;
	if (proto_policy_check(table, buf, NLMSG_HDRLEN, len, NULL, &offs))
		return -EPROTO;
	if (is_event(nlh->nlmsg_type) &&
	    proto_policy_check(&event_table, buf, NLMSG_HDRLEN, len, NULL, &offs))
		return -EPROTO;
	memset(data, 0, sizeof(*data));
	data->type = (enum proto_cmd)nlh->nlmsg_type;
	if (is_event(nlh->nlmsg_type))
		proto_fields_decode(&event_table, buf, NLMSG_HDRLEN, len, data);
	proto_fields_decode(table, buf, NLMSG_HDRLEN, len, data);
	return 0;
}
