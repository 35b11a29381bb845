/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A netlink socket for requests to the kernel (rtnetlink, generic netlink) or for its events, never
 * for both: a request skips whatever is not its own answer.
 *
 * A socket belongs to the network namespace in which it was opened, wherever its user goes later.
 * Not thread safe. A request allocates nothing.
 */
#ifndef XVSW_DATAPATH_NL_H
#define XVSW_DATAPATH_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

struct nl_sock;

/* A request that is built on the stack: NL_REQUEST(buf, 512); mnl_nlmsg_put_header(buf); ... */
#define NL_REQUEST(name, size) _Alignas(struct nlmsghdr) char name[size]

/*
 * nl_open() - open a socket in the calling thread's network namespace, with extended errors on.
 * @protocol: NETLINK_ROUTE or NETLINK_GENERIC.
 * Errors: those of socket() and bind(); ENOMEM.
 */
int nl_open(int protocol, struct nl_sock **nl);
/* NULL accepted. */
void nl_close(struct nl_sock *nl);
/* For poll(); the socket keeps it. */
int nl_fd(const struct nl_sock *nl);

/*
 * nl_talk() - send one request and wait until the kernel has answered it to the end.
 * @req: header with type and flags (NLM_F_DUMP for a dump), then the payload; the request and ack
 *       flags, sequence number and port are filled in here.
 * @cb: called for each message of the answer but the acknowledgement, with @data; may be NULL.
 *      MNL_CB_STOP: no further calls; MNL_CB_ERROR with errno set: likewise, and the error is
 *      returned. The answer is read to its end in any case.
 * @text: gets the kernel's extended error message, or "" when it gave none; may be NULL.
 * Returns 0 or the kernel's -errno; -EINTR: a dump that changed while it was read (ask again);
 * -ENOBUFS, -ETIMEDOUT: the answer was lost, the request may have been carried out.
 */
int nl_talk(struct nl_sock *nl, struct nlmsghdr *req, mnl_cb_t cb, void *data, char *text,
	    size_t text_size);

/* nl_join() - receive multicast group @group from now on, with a large receive buffer. */
int nl_join(struct nl_sock *nl, uint32_t group);

/*
 * nl_next() - next message of the groups joined, without waiting.
 * @nlh: points into the socket until the next call.
 * Returns 1; 0: nothing there now; -ENOBUFS: events were lost, the caller reads everything anew and
 * goes on with nl_next(); other -errno: the socket is broken.
 */
int nl_next(struct nl_sock *nl, const struct nlmsghdr **nlh);

/*
 * nl_genl_family() - id of a generic netlink family.
 * Errors: ENOENT this kernel has no such family.
 */
int nl_genl_family(struct nl_sock *nl, const char *name, uint16_t *id);
/* nl_genl_group() - id of a multicast group of a family. Errors: ENOENT no such family or group. */
int nl_genl_group(struct nl_sock *nl, const char *family, const char *group, uint32_t *grp_id);

/* Starts a generic netlink request in @buf. */
struct nlmsghdr *nl_genl_request(void *buf, uint16_t family, uint8_t cmd, uint8_t version);

/*
 * Attributes of the kernel, read with their lengths checked: false, and *out untouched, when @attr
 * is NULL or too short. A string is cut to @size.
 */
bool nl_attr_u8(const struct nlattr *attr, uint8_t *out);
bool nl_attr_u32(const struct nlattr *attr, uint32_t *out);
bool nl_attr_u64(const struct nlattr *attr, uint64_t *out);
bool nl_attr_str(const struct nlattr *attr, char *out, size_t size);

/*
 * nl_attr_table() - sort the attributes in @payload by type: table[type], NULL for those absent;
 * types above @max are left out. @table has @max + 1 members.
 */
void nl_attr_table(const void *payload, size_t size, const struct nlattr **table, uint16_t max);
/* The same for the attributes nested in @attr (NULL: none). */
void nl_attr_nested(const struct nlattr *attr, const struct nlattr **table, uint16_t max);

#endif
