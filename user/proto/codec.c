// SPDX-License-Identifier: GPL-2.0-only
/* Encoding and decoding by the policy's tables; and requests. */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "proto/policy.h"

uint32_t proto_port_id(const char *instance)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *p = instance; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	/* Above every pid, below the negative ids that the kernel's autobind falls back to. */
	return 0x40000000u | (hash & 0x3fffffffu);
}

/* Members are bool, uint16_t, enum, uint32_t or uint64_t: unsigned numbers of their size. */
static uint64_t member_load(const void *p, size_t size)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		memcpy(&u16, p, sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, p, sizeof(u32));
		return u32;
	}
	memcpy(&u64, p, sizeof(u64));
	return u64;
}

static void member_store(void *p, size_t size, uint64_t value)
{
	uint32_t u32 = value;
	uint16_t u16 = value;

	switch (size) {
	case 1:
		*(uint8_t *)p = value;
		return;
	case 2:
		memcpy(p, &u16, sizeof(u16));
		return;
	case 4:
		memcpy(p, &u32, sizeof(u32));
		return;
	}
	memcpy(p, &value, sizeof(value));
}

static bool set_has(const struct proto_table *table, const struct proto_field *f, const void *base)
{
	uint64_t set;

	if (table->set == PROTO_NO_SET)
		return false;
	set = member_load((const char *)base + table->set, sizeof(set));
	return set & XBIT(f->attr);
}

/* How often @f is to be written. */
static unsigned int field_count(const struct proto_table *table, const struct proto_field *f,
				const void *base)
{
	const char *p = (const char *)base + f->offset, *aux = (const char *)base + f->aux;

	switch ((enum proto_presence)f->presence) {
	case PROTO_REQUIRED:
		return 1;
	case PROTO_BIT:
		return set_has(table, f, base);
	case PROTO_NONZERO:
		return f->type == PROTO_STRING ? *p != 0 : member_load(p, f->size) != 0;
	case PROTO_FLAG:
		return *(const bool *)aux;
	case PROTO_COUNTED:
		return member_load(aux, sizeof(unsigned int)) != 0;
	case PROTO_REPEAT:
		return member_load(aux, sizeof(unsigned int));
	}
	return 0;
}

static int put_string(const struct proto_field *f, const char *s, struct nlmsghdr *nlh, size_t size)
{
	size_t len = strnlen(s, f->size);

	if (len == f->size)
		return -EINVAL;
	return mnl_attr_put_check(nlh, size, f->attr, len + 1, s) ? 0 : -EMSGSIZE;
}

static int put_number(const struct proto_field *f, const void *p, struct nlmsghdr *nlh, size_t size)
{
	uint64_t value = member_load(p, f->size);
	bool fits = false;

	switch ((enum proto_type)f->type) {
	case PROTO_U8:
		/* An enum that does not fit is not cut down to another one. */
		if (value > UINT8_MAX)
			return -EINVAL;
		fits = mnl_attr_put_u8_check(nlh, size, f->attr, value);
		break;
	case PROTO_U16:
		fits = mnl_attr_put_u16_check(nlh, size, f->attr, value);
		break;
	case PROTO_U32:
		fits = mnl_attr_put_u32_check(nlh, size, f->attr, value);
		break;
	case PROTO_U64:
		fits = mnl_attr_put_u64_check(nlh, size, f->attr, value);
		break;
	case PROTO_STRING:
	case PROTO_MAC:
	case PROTO_NEST:
		return -EINVAL;
	}
	return fits ? 0 : -EMSGSIZE;
}

static int put_nest(const struct proto_field *f, const void *p, struct nlmsghdr *nlh, size_t size)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, f->attr);
	int ret;

	if (!nest)
		return -EMSGSIZE;
	ret = proto_fields_encode(f->nest, p, nlh, size);
	if (ret)
		return ret;
	mnl_attr_nest_end(nlh, nest);
	return 0;
}

static int put_value(const struct proto_field *f, const void *p, struct nlmsghdr *nlh, size_t size)
{
	switch ((enum proto_type)f->type) {
	case PROTO_U8:
	case PROTO_U16:
	case PROTO_U32:
	case PROTO_U64:
		return put_number(f, p, nlh, size);
	case PROTO_STRING:
		return put_string(f, p, nlh, size);
	case PROTO_MAC:
		return mnl_attr_put_check(nlh, size, f->attr, sizeof(struct xmac), p) ? 0
										      : -EMSGSIZE;
	case PROTO_NEST:
		return put_nest(f, p, nlh, size);
	}
	return -EINVAL;
}

int proto_fields_encode(const struct proto_table *table, const void *base, struct nlmsghdr *nlh,
			size_t size)
{
	for (unsigned int i = 0; i < table->n; i++) {
		const struct proto_field *f = &table->fields[i];
		unsigned int count = field_count(table, f, base);

		if (f->presence == PROTO_REPEAT && count > f->max)
			return -EINVAL;
		for (unsigned int j = 0; j < count; j++) {
			const char *p = (const char *)base + f->offset + (size_t)j * f->size;
			int ret = put_value(f, p, nlh, size);

			if (ret)
				return ret;
		}
	}
	return 0;
}

static void get_value(const struct proto_field *f, const struct nlattr *a, void *p)
{
	const void *payload = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);

	switch ((enum proto_type)f->type) {
	case PROTO_U8:
		member_store(p, f->size, mnl_attr_get_u8(a));
		return;
	case PROTO_U16:
		member_store(p, f->size, mnl_attr_get_u16(a));
		return;
	case PROTO_U32:
		member_store(p, f->size, mnl_attr_get_u32(a));
		return;
	case PROTO_U64:
		member_store(p, f->size, mnl_attr_get_u64(a));
		return;
	case PROTO_STRING:
	case PROTO_MAC:
		memcpy(p, payload, len);
		return;
	case PROTO_NEST:
		proto_fields_decode(f->nest, payload, 0, len, p);
		return;
	}
}

static void mark_present(const struct proto_table *table, const struct proto_field *f, void *base)
{
	char *aux = (char *)base + f->aux;
	uint64_t set;

	if (f->presence == PROTO_FLAG)
		*(bool *)aux = true;
	if (f->presence == PROTO_REPEAT)
		member_store(aux, sizeof(unsigned int), member_load(aux, sizeof(unsigned int)) + 1);
	if (table->set == PROTO_NO_SET || (f->presence == PROTO_REQUIRED && !table->mark_all))
		return;
	set = member_load((char *)base + table->set, sizeof(set));
	member_store((char *)base + table->set, sizeof(set), set | XBIT(f->attr));
}

void proto_fields_decode(const struct proto_table *table, const void *buf, size_t pos, size_t len,
			 void *base)
{
	const struct nlattr *a;

	while (proto_attr_next(buf, len, &pos, &a) > 0) {
		const struct proto_field *f = proto_field_find(table, a->nla_type & NLA_TYPE_MASK);
		size_t element = 0;

		if (!f)
			continue;
		if (f->presence == PROTO_REPEAT)
			element = member_load((char *)base + f->aux, sizeof(unsigned int));
		get_value(f, a, (char *)base + f->offset + element * f->size);
		mark_present(table, f, base);
	}
}

/* The mode says which parts of a VLAN are given, whether the caller set their bits or not. */
static void mark_vlan(struct conf_vport *v)
{
	if (!XHAS(v, XATTR_VLAN_MODE))
		return;
	if (v->vlan.mode == XVLAN_ACCESS)
		v->set |= XBIT(XATTR_VLAN_VID);
	if (v->vlan.mode == XVLAN_TRUNK)
		v->set |= XBIT(XATTR_VLAN_LIST);
	if (v->vlan.mode == XVLAN_TRUNK && v->vlan.native)
		v->set |= XBIT(XATTR_VLAN_NATIVE);
}

int proto_encode_request(const struct proto_req *req, void *buf, size_t size)
{
	const struct proto_table *table = proto_policy_request(req->cmd);
	struct proto_req copy;
	struct nlmsghdr *nlh;
	int ret;

	if (!table)
		return -EINVAL;
	if (size < NLMSG_HDRLEN)
		return -EMSGSIZE;
	if (req->cmd == PROTO_VPORT_ADD || req->cmd == PROTO_VPORT_SET) {
		copy = *req;
		mark_vlan(&copy.vport);
		req = &copy;
	}
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = req->cmd;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = req->seq;
	ret = proto_fields_encode(table, req, nlh, size);
	return ret ? ret : (int)nlh->nlmsg_len;
}

static int check_header(const struct nlmsghdr *nlh, size_t len, struct err *err)
{
	if (nlh->nlmsg_len != len)
		return err_set(err, -EINVAL, 0, "the message says it has %u bytes, but %zu came",
			       nlh->nlmsg_len, len);
	if (len > PROTO_REQUEST_MAX)
		return err_set(err, -EMSGSIZE, 0, "the request is longer than %d bytes",
			       PROTO_REQUEST_MAX);
	if (!(nlh->nlmsg_flags & NLM_F_REQUEST))
		return err_set(err, -EINVAL, 0, "the message is not a request");
	if (!proto_policy_request(nlh->nlmsg_type))
		return err_set(err, -EOPNOTSUPP, 0, "command %u is unknown", nlh->nlmsg_type);
	return 0;
}

int proto_decode_request(const void *buf, size_t len, struct proto_req *req, struct err *err,
			 uint32_t *offs)
{
	const struct nlmsghdr *nlh = buf;
	const struct proto_table *table;
	int ret;

	*offs = 0;
	if (len < NLMSG_HDRLEN)
		return err_set(err, -EINVAL, 0, "the message is shorter than its header");
	req->seq = nlh->nlmsg_seq;
	ret = check_header(nlh, len, err);
	if (ret)
		return ret;
	table = proto_policy_request(nlh->nlmsg_type);
	ret = proto_policy_check(table, buf, NLMSG_HDRLEN, len, err, offs);
	if (ret)
		return ret;
	memset(req, 0, sizeof(*req));
	req->seq = nlh->nlmsg_seq;
	req->cmd = (enum proto_cmd)nlh->nlmsg_type;
	proto_fields_decode(table, buf, NLMSG_HDRLEN, len, req);
	return 0;
}
