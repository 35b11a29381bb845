/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a user may ask for, as plain data. The tool fills these from its arguments, the protocol
 * carries them, the model checks their sense. A bit in `set` says which optional members were
 * given; a bit is 1ULL << the member's enum xattr, so one numbering serves request, error and
 * message.
 */
#ifndef XVSW_BASE_CONF_H
#define XVSW_BASE_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Sizes with the closing zero; maps/limits.h has the same numbers (asserted in user/switch). */
#define CONF_NAME_SIZE 32
#define CONF_ALIAS_SIZE 128
#define CONF_IFNAME_SIZE 16
#define CONF_NETNS_SIZE 108
#define CONF_MACS_MAX 64
#define CONF_VLAN_LIST_SIZE 256

/* Attributes: ids on the wire, bits in `set`, and err.attr. Append only. */
enum xattr {
	XATTR_NONE = 0,
	XATTR_NAME,	   /* string: the object's own name */
	XATTR_SWITCH,	   /* string */
	XATTR_UPLINK,	   /* string, interface name */
	XATTR_MODE,	   /* u8, enum xmode */
	XATTR_MAX_VPORTS,  /* u32 */
	XATTR_MAX_VFS,	   /* u32 */
	XATTR_POOL,	   /* u8, enum xpool */
	XATTR_ID,	   /* u32: VPort id or filter id */
	XATTR_KIND,	   /* u8, enum xkind */
	XATTR_DEV,	   /* string, interface name (dev IFNAME, veth GUESTIF) */
	XATTR_NETNS,	   /* string */
	XATTR_QUEUES,	   /* u32 */
	XATTR_OWNER,	   /* u32, uid */
	XATTR_TRUSTED,	   /* u8, 0 or 1 */
	XATTR_MAC,	   /* 6 bytes; repeatable in vport add only */
	XATTR_VLAN_MODE,   /* u8, enum xvlan_mode */
	XATTR_VLAN_VID,	   /* u16: access VID */
	XATTR_VLAN_LIST,   /* string: "10,20-29" */
	XATTR_VLAN_NATIVE, /* u16 */
	XATTR_SPOOFCHECK,  /* u8, 0 or 1 */
	XATTR_ISOLATED,	   /* u8, 0 or 1 */
	XATTR_MTU,	   /* u32 */
	XATTR_HOOK,	   /* u8, enum xhook */
	XATTR_CPU,	   /* string, CPU list */
	XATTR_MODERATION,  /* string */
	XATTR_ALIAS,	   /* string */
	XATTR_VLAN,	   /* u16: VLAN of a filter */
	XATTR_VPORT,	   /* string: VPort a filter points to */
	XATTR_FROM,	   /* string: VPort filters move away from */
	/* Answers only. */
	XATTR_IFINDEX,	    /* u32 */
	XATTR_DISPATCHER,   /* u8 */
	XATTR_STATE,	    /* u8, enum xstate */
	XATTR_REASON,	    /* string */
	XATTR_VPORTS,	    /* u32 */
	XATTR_PATH,	    /* u8, enum xpath */
	XATTR_STATS,	    /* nested, enum xattr_stats */
	XATTR_REASONS,	    /* nested: XATTR_REASON_ENTRY... */
	XATTR_REASON_ENTRY, /* nested: XATTR_NAME, XATTR_COUNT */
	XATTR_COUNT,	    /* u64 */
	XATTR_FILTER,	    /* nested: a filter of a VPort */
	XATTR_CURSOR,	    /* u64: where a page of a dump starts */
	XATTR_GENERATION,   /* u32: of the model; differs between pages when it changed */
	XATTR_WANT,	    /* u32, XWANT_*: what a show asks for beside the base */
	XATTR_EVENT,	    /* u8, enum xevent */
	XATTR_VERSION,	    /* string: program version (hello) */
	XATTR_PROTOCOL,	    /* u32: protocol version (hello) */
	XATTR_MAX
};

#define XBIT(attr) (1ULL << (attr))
#define XHAS(conf, attr) (!!((conf)->set & XBIT(attr)))

#define XWANT_STATS 0x1
#define XWANT_REASONS 0x2

enum xmode { XMODE_AUTO, XMODE_NATIVE, XMODE_GENERIC, XMODE_COUNT };
enum xpool { XPOOL_SHARED, XPOOL_RESERVED, XPOOL_COUNT };
enum xkind { XKIND_HOST, XKIND_DEV, XKIND_VETH, XKIND_XSK, XKIND_QUEUE, XKIND_VF, XKIND_COUNT };
enum xvlan_mode { XVLAN_UNTAGGED, XVLAN_ACCESS, XVLAN_TRUNK, XVLAN_COUNT };
enum xhook { XHOOK_AUTO, XHOOK_XDP, XHOOK_TC, XHOOK_COUNT };
enum xstate { XSTATE_UP, XSTATE_DOWN, XSTATE_WAITING, XSTATE_DEGRADED, XSTATE_COUNT };
enum xpath { XPATH_HOST, XPATH_DEV, XPATH_XSK, XPATH_QUEUE, XPATH_VF, XPATH_COUNT };
enum xevent {
	XEVENT_ADD,
	XEVENT_SET,
	XEVENT_DEL,
	XEVENT_MOVE,
	XEVENT_STATE,
	XEVENT_OVERRUN, /* made by the receiver: records were lost, ask again */
	XEVENT_COUNT
};

/* Words of the command line for each enum value ("auto", "native", ...); NULL past the end. */
const char *conf_mode_name(enum xmode v);
const char *conf_pool_name(enum xpool v);
const char *conf_kind_name(enum xkind v);
const char *conf_vlan_mode_name(enum xvlan_mode v);
const char *conf_hook_name(enum xhook v);
const char *conf_state_name(enum xstate v);
const char *conf_path_name(enum xpath v);
const char *conf_event_name(enum xevent v);

/* The other way: the whole word, in lower case. Errors: EINVAL, *out is untouched. */
int conf_mode_parse(const char *word, enum xmode *out);
int conf_pool_parse(const char *word, enum xpool *out);
int conf_kind_parse(const char *word, enum xkind *out);
int conf_vlan_mode_parse(const char *word, enum xvlan_mode *out);
int conf_hook_parse(const char *word, enum xhook *out);
int conf_state_parse(const char *word, enum xstate *out);
int conf_path_parse(const char *word, enum xpath *out);
int conf_event_parse(const char *word, enum xevent *out);

struct xmac {
	uint8_t b[6];
};

struct conf_switch {
	uint64_t set; /* XATTR_MODE, MAX_VPORTS, MAX_VFS, POOL */
	char name[CONF_NAME_SIZE];
	char uplink[CONF_IFNAME_SIZE];
	enum xmode mode;
	uint32_t max_vports, max_vfs;
	enum xpool pool;
};

struct conf_vlan {
	enum xvlan_mode mode;
	uint16_t vid;	 /* access */
	uint16_t native; /* trunk; 0: none */
	char list[CONF_VLAN_LIST_SIZE];
};

/* vport add and vport set. */
struct conf_vport {
	uint64_t set; /* every optional member that was given, by its XATTR_ */
	char name[CONF_NAME_SIZE];
	char sw[CONF_NAME_SIZE]; /* add only */
	enum xkind kind;	 /* add only */
	char dev[CONF_IFNAME_SIZE];
	char netns[CONF_NETNS_SIZE];
	uint32_t queues;
	uid_t owner;
	bool trusted;
	uint32_t id;
	unsigned int n_macs;
	struct xmac macs[CONF_MACS_MAX];
	struct conf_vlan vlan; /* given when XATTR_VLAN_MODE is set */
	bool spoofcheck, isolated;
	uint32_t mtu;
	enum xhook hook;
	char cpu[CONF_VLAN_LIST_SIZE];
	char moderation[CONF_NAME_SIZE];
	char alias[CONF_ALIAS_SIZE];
};

struct conf_filter {
	uint64_t set; /* XATTR_VLAN when a VLAN was given */
	char vport[CONF_NAME_SIZE];
	struct xmac mac;
	uint16_t vlan;
};

#endif
