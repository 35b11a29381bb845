// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "proto/answer.h"
#include "proto/policy.h"

static struct nlmsghdr *put_header(void *buf, size_t size, size_t len, uint16_t type, uint32_t seq)
{
	struct nlmsghdr *nlh;

	if (len > size || size - len < NLMSG_HDRLEN + sizeof(struct nlmsgerr))
		return NULL;
	nlh = mnl_nlmsg_put_header((char *)buf + len);
	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = seq;
	return nlh;
}

int proto_encode_error(const struct nlmsghdr *request, const struct proto_end *end, void *buf,
		       size_t size, size_t *len)
{
	struct nlmsghdr *nlh = put_header(buf, size, *len, NLMSG_ERROR, request->nlmsg_seq);
	struct nlmsgerr *e;

	if (!nlh)
		return -EMSGSIZE;
	size -= *len;
	nlh->nlmsg_flags = NLM_F_CAPPED;
	e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
	e->error = end->code;
	e->msg = *request;
	if (end->text[0]) {
		if (!mnl_attr_put_strz_check(nlh, size, NLMSGERR_ATTR_MSG, end->text))
			return -EMSGSIZE;
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	}
	if (end->offs) {
		if (!mnl_attr_put_u32_check(nlh, size, NLMSGERR_ATTR_OFFS, end->offs))
			return -EMSGSIZE;
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	}
	*len += nlh->nlmsg_len;
	return 0;
}

int proto_encode_done(uint32_t seq, const struct proto_end *end, void *buf, size_t size,
		      size_t *len)
{
	struct nlmsghdr *nlh = put_header(buf, size, *len, NLMSG_DONE, seq);

	if (!nlh)
		return -EMSGSIZE;
	size -= *len;
	nlh->nlmsg_flags = NLM_F_MULTI;
	mnl_nlmsg_put_extra_header(nlh, sizeof(int)); /* as the kernel does: a code, 0 */
	if (end->more && !mnl_attr_put_u64_check(nlh, size, XATTR_CURSOR, end->cursor))
		return -EMSGSIZE;
	if (!mnl_attr_put_u32_check(nlh, size, XATTR_GENERATION, end->generation))
		return -EMSGSIZE;
	*len += nlh->nlmsg_len;
	return 0;
}

static const struct proto_field done_fields[] = {
	{
		.attr = XATTR_CURSOR,
		.type = PROTO_U64,
		.presence = PROTO_FLAG,
		.offset = offsetof(struct proto_end, cursor),
		.size = sizeof(uint64_t),
		.aux = offsetof(struct proto_end, more),
		.max = UINT64_MAX,
	},
	{
		.attr = XATTR_GENERATION,
		.type = PROTO_U32,
		.presence = PROTO_REQUIRED,
		.offset = offsetof(struct proto_end, generation),
		.size = sizeof(uint32_t),
		.max = UINT32_MAX,
	},
};
static const struct proto_table done_table = { .fields = done_fields, .n = 2, .set = PROTO_NO_SET };

static const struct proto_field error_fields[] = {
	{
		.attr = NLMSGERR_ATTR_MSG,
		.type = PROTO_STRING,
		.presence = PROTO_NONZERO,
		.offset = offsetof(struct proto_end, text),
		.size = ERR_TEXT_SIZE,
		.max = ERR_TEXT_SIZE - 1,
	},
	{
		.attr = NLMSGERR_ATTR_OFFS,
		.type = PROTO_U32,
		.presence = PROTO_NONZERO,
		.offset = offsetof(struct proto_end, offs),
		.size = sizeof(uint32_t),
		.max = UINT32_MAX,
	},
};
static const struct proto_table error_table = { .fields = error_fields,
						.n = 2,
						.set = PROTO_NO_SET };

static int decode_attrs(const struct proto_table *table, const struct nlmsghdr *nlh, size_t pos,
			struct proto_end *end)
{
	uint32_t offs;

	if (proto_policy_check(table, nlh, pos, nlh->nlmsg_len, NULL, &offs))
		return -EPROTO;
	proto_fields_decode(table, nlh, pos, nlh->nlmsg_len, end);
	return 0;
}

static int decode_error(const struct nlmsghdr *nlh, struct proto_end *end)
{
	size_t head = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	/* The request is quoted by its header alone, or the attributes could not be found. */
	if (nlh->nlmsg_len < head || !(nlh->nlmsg_flags & NLM_F_CAPPED))
		return -EPROTO;
	if (e->error > 0 || e->error < -4095)
		return -EPROTO;
	end->code = e->error;
	return decode_attrs(&error_table, nlh, head, end);
}

int proto_decode_end(const struct nlmsghdr *nlh, struct proto_end *end)
{
	size_t head = NLMSG_HDRLEN + sizeof(int);
	struct proto_end e = { 0 };
	int ret = -EPROTO;

	if (nlh->nlmsg_type == NLMSG_ERROR)
		ret = decode_error(nlh, &e);
	if (nlh->nlmsg_type == NLMSG_DONE && nlh->nlmsg_len >= head) {
		e.list = true;
		ret = decode_attrs(&done_table, nlh, head, &e);
	}
	if (!ret)
		*end = e;
	return ret;
}

int proto_find_end(const void *buf, size_t len, uint32_t seq, struct proto_end *end,
		   size_t *data_len)
{
	size_t pos = 0;

	while (len - pos >= NLMSG_HDRLEN) {
		const struct nlmsghdr *nlh = (const void *)((const char *)buf + pos);
		size_t rest = len - pos;

		/* All end aligned here; NLMSG_ALIGN() of an untrusted length wraps to 0. */
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > rest || nlh->nlmsg_len % 4)
			return -EPROTO;
		if (nlh->nlmsg_seq != seq)
			return -EPROTO;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
			if (nlh->nlmsg_len != rest || proto_decode_end(nlh, end))
				return -EPROTO;
			*data_len = pos;
			return 0;
		}
		pos += nlh->nlmsg_len;
	}
	return -EPROTO;
}
