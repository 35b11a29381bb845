/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policy: what a message may hold. One table a message names each attribute's type on the wire, its
 * range, whether it must be there, and the struct member it is kept in. The same table checks a
 * message, encodes it and decodes it, so the three cannot drift apart.
 *
 * Private to user/proto and its tests.
 */
#ifndef XVSW_PROTO_POLICY_H
#define XVSW_PROTO_POLICY_H

#include <linux/netlink.h>

#include "proto/proto.h"

/* Types on the wire; host byte order, both ends are on one host. */
enum proto_type {
	PROTO_U8,
	PROTO_U16,
	PROTO_U32,
	PROTO_U64,
	PROTO_STRING, /* closed by one zero byte, which is counted in the attribute's length */
	PROTO_MAC,
	PROTO_NEST,
};

enum proto_presence {
	PROTO_REQUIRED,
	PROTO_BIT,     /* optional: a bit in the struct's `set` */
	PROTO_NONZERO, /* optional: absent means 0 or "" */
	PROTO_FLAG,    /* optional: a bool at `aux` */
	PROTO_COUNTED, /* optional: there when the unsigned int at `aux` is not 0, once */
	PROTO_REPEAT,  /* as often as the unsigned int at `aux` says, at most `max` times */
};

struct proto_table;

struct proto_field {
	uint16_t attr; /* enum xattr, or the nest's own enum */
	uint8_t type;
	uint8_t presence;
	uint16_t offset; /* of the member in the table's struct */
	uint16_t size;	 /* of the member, or of one element with PROTO_REPEAT */
	uint16_t aux;
	/* Numbers: the range. Strings: length without the zero. PROTO_REPEAT: max is the count. */
	uint64_t min, max;
	const struct proto_table *nest; /* PROTO_NEST: its struct begins at the member */
};

#define PROTO_NO_SET UINT16_MAX

struct proto_table {
	const struct proto_field *fields;
	unsigned int n; /* at most 64 */
	bool strict;	/* a request: attributes not in the table are refused, else skipped */
	bool mark_all;	/* required attributes set their bit in `set` too */
	uint16_t set;	/* offset of the uint64_t of bits, or PROTO_NO_SET */
};

/* Inside XATTR_STATS; each a u64, all required. Append only. */
enum xattr_stats {
	XSTATS_RX_PACKETS = 1,
	XSTATS_RX_BYTES,
	XSTATS_TX_PACKETS,
	XSTATS_TX_BYTES,
	XSTATS_RX_DROPPED,
	XSTATS_TX_DROPPED,
};

/* Table of a request; NULL: no such command. */
const struct proto_table *proto_policy_request(uint16_t cmd);
/* Table of a data message; NULL: no such type. (codec_info.c) */
const struct proto_table *proto_policy_data(uint16_t type);

/* The command line's word for an attribute ("max-vports"); never NULL. */
const char *proto_attr_name(enum xattr attr);

/*
 * Check the attributes in buf[pos..len) against a table. -EINVAL with the sentence in @err, and in
 * *offs the offset from @buf of the attribute in question, 0 when there is none. @buf is aligned
 * to 4.
 */
int proto_policy_check(const struct proto_table *table, const void *buf, size_t pos, size_t len,
		       struct err *err, uint32_t *offs);

/*
 * Walk attributes: 1 and *attr, with *pos behind it; 0 at the end; -EINVAL when bytes are left that
 * are no attribute, padding included.
 */
int proto_attr_next(const void *buf, size_t len, size_t *pos, const struct nlattr **attr);
/* NULL: not in the table. */
const struct proto_field *proto_field_find(const struct proto_table *table, uint16_t attr);

/* Attributes of @base's struct at the end of @nlh. -EMSGSIZE no room; -EINVAL not encodable. */
int proto_fields_encode(const struct proto_table *table, const void *base, struct nlmsghdr *nlh,
			size_t size);
/* Decode attributes that passed proto_policy_check() into a zeroed struct. */
void proto_fields_decode(const struct proto_table *table, const void *buf, size_t pos, size_t len,
			 void *base);

#endif
