/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The message that ends an answer: NLMSG_ERROR (code 0: done) with extended-ack attributes in the
 * kernel's layout, or NLMSG_DONE after a page of a list. Pure functions; private to user/proto.
 */
#ifndef XVSW_PROTO_ANSWER_H
#define XVSW_PROTO_ANSWER_H

#include <linux/netlink.h>

#include "proto/proto.h"

/* Room for the longest NLMSG_DONE at the end of a page. */
#define PROTO_DONE_ROOM 64

struct proto_end {
	bool list;     /* NLMSG_DONE */
	bool more;     /* @cursor is where the next page starts */
	int code;      /* NLMSG_ERROR: 0 or -errno */
	uint32_t offs; /* of the offending attribute in the request; 0: none */
	uint64_t cursor;
	uint32_t generation;
	char text[ERR_TEXT_SIZE]; /* "" when there is none */
};

/*
 * Append at buf + *len. @request: the header of the request, which is quoted. @text may be "".
 * -EMSGSIZE no room, nothing appended.
 */
int proto_encode_error(const struct nlmsghdr *request, const struct proto_end *end, void *buf,
		       size_t size, size_t *len);
int proto_encode_done(uint32_t seq, const struct proto_end *end, void *buf, size_t size,
		      size_t *len);
/* -EPROTO: not an end, or malformed. @nlh is whole (mnl_nlmsg_ok) and aligned to 4. */
int proto_decode_end(const struct nlmsghdr *nlh, struct proto_end *end);
/*
 * Find the end of an answer datagram, walking its messages, all with sequence number @seq.
 * *data_len: bytes of data messages before it. -EPROTO.
 */
int proto_find_end(const void *buf, size_t len, uint32_t seq, struct proto_end *end,
		   size_t *data_len);

#endif
