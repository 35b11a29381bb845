// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of the requests. Ranges here are those of the format (enums, bools, VLAN ids, string
 * lengths); limits of the switch (VPorts, MTU, queues) are the model's, which knows them.
 */
#include <assert.h>

#include "proto/policy.h"

#define VID_MIN 1
#define VID_MAX 4094

#define SIZE(member) sizeof(((struct proto_req *)0)->member)
#define FIELD(a, t, p, member, lo, hi)                                                             \
	{                                                                                          \
		.attr = XATTR_##a, .type = PROTO_##t, .presence = PROTO_##p,                       \
		.offset = offsetof(struct proto_req, member), .size = SIZE(member), .min = (lo),   \
		.max = (hi)                                                                        \
	}
#define U32(a, p, member) FIELD(a, U32, p, member, 0, UINT32_MAX)
#define BOOL(a, member) FIELD(a, U8, BIT, member, 0, 1)
#define ENUM(a, p, member, count) FIELD(a, U8, p, member, 0, (count)-1)
#define STRING(a, p, member, lo) FIELD(a, STRING, p, member, lo, SIZE(member) - 1)
#define MACS(n)                                                                                    \
	{                                                                                          \
		.attr = XATTR_MAC, .type = PROTO_MAC, .presence = PROTO_REPEAT,                    \
		.offset = offsetof(struct proto_req, vport.macs), .size = SIZE(vport.macs[0]),     \
		.aux = offsetof(struct proto_req, vport.n_macs), .max = (n)                        \
	}

#define CURSOR FIELD(CURSOR, U64, BIT, args.cursor, 0, UINT64_MAX)

static_assert(offsetof(struct proto_req, sw.set) == offsetof(struct proto_req, args.set) &&
		      offsetof(struct proto_req, vport.set) ==
			      offsetof(struct proto_req, args.set) &&
		      offsetof(struct proto_req, filter.set) ==
			      offsetof(struct proto_req, args.set),
	      "the tables name one place of the bits for all requests");
static_assert(XATTR_MAX <= 64, "attributes are bits of a uint64_t");

static const struct proto_field hello[] = {
	STRING(VERSION, BIT, args.version, 1),
	U32(PROTOCOL, BIT, args.protocol),
};

static const struct proto_field switch_add[] = {
	STRING(NAME, REQUIRED, sw.name, 1),    STRING(UPLINK, REQUIRED, sw.uplink, 1),
	ENUM(MODE, BIT, sw.mode, XMODE_COUNT), U32(MAX_VPORTS, BIT, sw.max_vports),
	U32(MAX_VFS, BIT, sw.max_vfs),	       ENUM(POOL, BIT, sw.pool, XPOOL_COUNT),
};

static const struct proto_field by_name[] = {
	STRING(NAME, REQUIRED, args.name, 1),
};

static const struct proto_field switch_show[] = {
	STRING(NAME, BIT, args.name, 1),
	CURSOR,
};

#define VPORT_OPTIONS                                                                              \
	STRING(DEV, BIT, vport.dev, 1), STRING(NETNS, BIT, vport.netns, 1),                        \
		U32(QUEUES, BIT, vport.queues), U32(OWNER, BIT, vport.owner),                      \
		BOOL(TRUSTED, vport.trusted), U32(ID, BIT, vport.id),                              \
		ENUM(VLAN_MODE, BIT, vport.vlan.mode, XVLAN_COUNT),                                \
		FIELD(VLAN_VID, U16, BIT, vport.vlan.vid, VID_MIN, VID_MAX),                       \
		STRING(VLAN_LIST, BIT, vport.vlan.list, 1),                                        \
		FIELD(VLAN_NATIVE, U16, BIT, vport.vlan.native, VID_MIN, VID_MAX),                 \
		BOOL(SPOOFCHECK, vport.spoofcheck), BOOL(ISOLATED, vport.isolated),                \
		U32(MTU, BIT, vport.mtu), ENUM(HOOK, BIT, vport.hook, XHOOK_COUNT),                \
		STRING(CPU, BIT, vport.cpu, 0), STRING(MODERATION, BIT, vport.moderation, 0),      \
		STRING(ALIAS, BIT, vport.alias, 0)

static const struct proto_field vport_add[] = {
	STRING(NAME, REQUIRED, vport.name, 1),
	STRING(SWITCH, REQUIRED, vport.sw, 1),
	ENUM(KIND, REQUIRED, vport.kind, XKIND_COUNT),
	MACS(CONF_MACS_MAX),
	VPORT_OPTIONS,
};

static const struct proto_field vport_set[] = {
	STRING(NAME, REQUIRED, vport.name, 1),
	MACS(1),
	VPORT_OPTIONS,
};

static const struct proto_field vport_show[] = {
	STRING(NAME, BIT, args.name, 1),
	FIELD(WANT, U32, BIT, args.want, 0, XWANT_STATS | XWANT_REASONS),
	CURSOR,
};

static const struct proto_field filter_add[] = {
	STRING(VPORT, REQUIRED, filter.vport, 1),
	FIELD(MAC, MAC, REQUIRED, filter.mac, 0, 0),
	FIELD(VLAN, U16, BIT, filter.vlan, 0, VID_MAX),
};

static const struct proto_field filter_del[] = {
	U32(ID, REQUIRED, args.id),
};

static const struct proto_field filter_move[] = {
	STRING(VPORT, REQUIRED, args.vport, 1),
	U32(ID, BIT, args.id),
	STRING(FROM, BIT, args.from, 1),
};

static const struct proto_field filter_show[] = {
	STRING(VPORT, BIT, args.vport, 1),
	CURSOR,
};

#define TABLE(f, all)                                                                              \
	{                                                                                          \
		.fields = (f), .n = sizeof(f) / sizeof((f)[0]), .strict = true, .mark_all = (all), \
		.set = offsetof(struct proto_req, args.set)                                        \
	}

/* In conf_* structs `set` names optional members only; in args it names all that was given. */
static const struct proto_table requests[] = {
	[PROTO_HELLO - PROTO_HELLO] = TABLE(hello, true),
	[PROTO_SWITCH_ADD - PROTO_HELLO] = TABLE(switch_add, false),
	[PROTO_SWITCH_DEL - PROTO_HELLO] = TABLE(by_name, true),
	[PROTO_SWITCH_SHOW - PROTO_HELLO] = TABLE(switch_show, true),
	[PROTO_VPORT_ADD - PROTO_HELLO] = TABLE(vport_add, false),
	[PROTO_VPORT_SET - PROTO_HELLO] = TABLE(vport_set, false),
	[PROTO_VPORT_DEL - PROTO_HELLO] = TABLE(by_name, true),
	[PROTO_VPORT_SHOW - PROTO_HELLO] = TABLE(vport_show, true),
	[PROTO_FILTER_ADD - PROTO_HELLO] = TABLE(filter_add, false),
	[PROTO_FILTER_DEL - PROTO_HELLO] = TABLE(filter_del, true),
	[PROTO_FILTER_MOVE - PROTO_HELLO] = TABLE(filter_move, true),
	[PROTO_FILTER_SHOW - PROTO_HELLO] = TABLE(filter_show, true),
};

static_assert(sizeof(requests) / sizeof(requests[0]) == PROTO_CMD_END - PROTO_HELLO,
	      "each command has its table");

const struct proto_table *proto_policy_request(uint16_t cmd)
{
	if (cmd < PROTO_HELLO || cmd >= PROTO_CMD_END)
		return NULL;
	return &requests[cmd - PROTO_HELLO];
}
