/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/nl.h"

#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

/* The kernel fills dumps up to 32 KiB a datagram when the reader's buffer has room for it. */
#define NL_BUF_SIZE 32768
/* Events: about 1,000 links that change at once. */
#define NL_EVENT_RCVBUF (4 << 20)
/* The kernel answers before send() returns; this ends the wait for an answer that was lost. */
#define NL_TIMEOUT_S 5

struct nl_sock {
	int fd;
	uint32_t port; /* ours, given by the kernel */
	uint32_t seq;
	size_t pos, len; /* nl_next(): the unread rest of buf */
	_Alignas(struct nlmsghdr) char buf[NL_BUF_SIZE];
};

/* State of one nl_talk(). */
struct nl_answer {
	mnl_cb_t cb; /* NULL: not wanted, or no more */
	void *data;
	char *text;
	size_t text_size;
	int err; /* first error of the callback or of the dump, -errno */
	bool done;
};

static int nl_setup(struct nl_sock *nl)
{
	const struct timeval timeout = { .tv_sec = NL_TIMEOUT_S };
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(addr);
	const int one = 1;

	if (bind(nl->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(nl->fd, (struct sockaddr *)&addr, &len) ||
	    setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) ||
	    setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	nl->port = addr.nl_pid;
	return 0;
}

int nl_open(int protocol, struct nl_sock **out)
{
	struct nl_sock *nl = malloc(sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	nl->seq = 0;
	nl->pos = 0;
	nl->len = 0;
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	err = nl->fd < 0 ? -errno : nl_setup(nl);
	if (err) {
		nl_close(nl);
		return err;
	}
	*out = nl;
	return 0;
}

void nl_close(struct nl_sock *nl)
{
	if (!nl)
		return;
	if (nl->fd >= 0)
		close(nl->fd);
	free(nl);
}

int nl_fd(const struct nl_sock *nl)
{
	return nl->fd;
}

/* One datagram of the kernel into nl->buf. Returns its length, or -errno. */
static ssize_t nl_receive(struct nl_sock *nl, int flags)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(nl->fd, nl->buf, sizeof(nl->buf), flags | MSG_TRUNC,
				     (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* A process with CAP_NET_ADMIN may send to us too: not the kernel, not heard. */
		if (from_len != sizeof(from) || from.nl_pid != 0)
			continue;
		return (size_t)n > sizeof(nl->buf) ? -EMSGSIZE : n;
	}
}

/* The extended message behind the fixed part of an ack or of the end of a dump. */
static void nl_read_text(const struct nl_answer *a, const struct nlmsghdr *nlh, size_t fixed)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t size = mnl_nlmsg_get_payload_len(nlh);

	if (!a->text || !a->text_size || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || size <= fixed)
		return;
	nl_attr_table((const char *)mnl_nlmsg_get_payload(nlh) + fixed, size - fixed, tb,
		      NLMSGERR_ATTR_MAX);
	nl_attr_str(tb[NLMSGERR_ATTR_MSG], a->text, a->text_size);
}

static void nl_end(struct nl_answer *a, const struct nlmsghdr *nlh)
{
	int code = 0;
	size_t fixed = sizeof(code);

	a->done = true;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

		if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e)) {
			a->err = -EBADMSG;
			return;
		}
		/* Errors repeat the request, unless capped: the message is behind it. */
		fixed = sizeof(*e);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			fixed += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	}
	nl_read_text(a, nlh, MNL_ALIGN(fixed));
	if (code < 0)
		a->err = code;
}

static void nl_take(struct nl_answer *a, const struct nlmsghdr *nlh)
{
	int ret;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && !a->err)
		a->err = -EINTR;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		nl_end(a, nlh);
		return;
	}
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE || !a->cb)
		return;
	ret = a->cb(nlh, a->data);
	if (ret <= MNL_CB_STOP)
		a->cb = NULL;
	if (ret < MNL_CB_STOP && !a->err)
		a->err = errno ? -errno : -EBADMSG;
}

static void nl_take_datagram(struct nl_sock *nl, struct nl_answer *a, int len)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->buf;

	for (; !a->done && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_seq == nl->seq && nlh->nlmsg_pid == nl->port)
			nl_take(a, nlh);
}

int nl_talk(struct nl_sock *nl, struct nlmsghdr *req, mnl_cb_t cb, void *data, char *text,
	    size_t text_size)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nl_answer a = { .cb = cb, .data = data, .text = text, .text_size = text_size };

	if (text && text_size)
		text[0] = '\0';
	if (++nl->seq == 0) /* 0 marks events */
		nl->seq = 1;
	req->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	req->nlmsg_seq = nl->seq;
	req->nlmsg_pid = nl->port;
	if (sendto(nl->fd, req, req->nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	while (!a.done) {
		ssize_t n = nl_receive(nl, 0);

		if (n == -EAGAIN)
			return -ETIMEDOUT;
		if (n < 0)
			return n;
		nl_take_datagram(nl, &a, n);
	}
	return a.err;
}

int nl_join(struct nl_sock *nl, uint32_t group)
{
	const int size = NL_EVENT_RCVBUF;

	/* Without CAP_NET_ADMIN the socket keeps the usual size: losses are told, not silent. */
	(void)setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return -errno;
	return 0;
}

int nl_next(struct nl_sock *nl, const struct nlmsghdr **out)
{
	for (;;) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(nl->buf + nl->pos);
		ssize_t n;

		if (mnl_nlmsg_ok(nlh, nl->len - nl->pos)) {
			nl->pos += MNL_ALIGN(nlh->nlmsg_len);
			if (nl->pos > nl->len)
				nl->pos = nl->len;
			if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
				continue;
			*out = nlh;
			return 1;
		}
		nl->pos = 0;
		nl->len = 0;
		n = nl_receive(nl, MSG_DONTWAIT);
		if (n == -EAGAIN)
			return 0;
		if (n < 0) /* an event that does not fit is as lost as any other */
			return n == -EMSGSIZE ? -ENOBUFS : n;
		nl->len = n;
	}
}

struct nlmsghdr *nl_genl_request(void *buf, uint16_t family, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

/* What is looked for in the controller's description of a family. */
struct nl_family {
	uint16_t id;
	const char *group; /* NULL: not asked for */
	uint32_t group_id;
	bool found;
};

static void nl_find_group(const struct nlattr *groups, struct nl_family *f)
{
	const struct nlattr *entry;

	mnl_attr_for_each_nested (entry, groups) {
		const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
		char name[GENL_NAMSIZ];

		nl_attr_nested(entry, tb, CTRL_ATTR_MCAST_GRP_MAX);
		if (nl_attr_str(tb[CTRL_ATTR_MCAST_GRP_NAME], name, sizeof(name)) &&
		    !strcmp(name, f->group) &&
		    nl_attr_u32(tb[CTRL_ATTR_MCAST_GRP_ID], &f->group_id))
			f->found = true;
	}
}

static int nl_family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1], *id;
	struct nl_family *f = data;

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return MNL_CB_OK;
	nl_attr_table(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
		      mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN, tb, CTRL_ATTR_MAX);
	id = tb[CTRL_ATTR_FAMILY_ID];
	if (!id || mnl_attr_get_payload_len(id) < sizeof(f->id))
		return MNL_CB_OK;
	f->id = mnl_attr_get_u16(id);
	if (!f->group)
		f->found = true;
	else if (tb[CTRL_ATTR_MCAST_GROUPS])
		nl_find_group(tb[CTRL_ATTR_MCAST_GROUPS], f);
	return MNL_CB_OK;
}

static int nl_genl_lookup(struct nl_sock *nl, const char *name, struct nl_family *f)
{
	NL_REQUEST(buf, 128);
	struct nlmsghdr *nlh;
	int err;

	if (strlen(name) >= GENL_NAMSIZ)
		return -ENOENT;
	nlh = nl_genl_request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	err = nl_talk(nl, nlh, nl_family_cb, f, NULL, 0);
	if (err)
		return err;
	return f->found ? 0 : -ENOENT;
}

int nl_genl_family(struct nl_sock *nl, const char *name, uint16_t *id)
{
	struct nl_family f = { 0 };
	int err = nl_genl_lookup(nl, name, &f);

	if (!err)
		*id = f.id;
	return err;
}

int nl_genl_group(struct nl_sock *nl, const char *family, const char *group, uint32_t *grp_id)
{
	struct nl_family f = { .group = group };
	int err = nl_genl_lookup(nl, family, &f);

	if (!err)
		*grp_id = f.group_id;
	return err;
}

bool nl_attr_u8(const struct nlattr *attr, uint8_t *out)
{
	if (!attr || mnl_attr_get_payload_len(attr) < sizeof(*out))
		return false;
	*out = mnl_attr_get_u8(attr);
	return true;
}

bool nl_attr_u32(const struct nlattr *attr, uint32_t *out)
{
	if (!attr || mnl_attr_get_payload_len(attr) < sizeof(*out))
		return false;
	*out = mnl_attr_get_u32(attr);
	return true;
}

bool nl_attr_u64(const struct nlattr *attr, uint64_t *out)
{
	if (!attr || mnl_attr_get_payload_len(attr) < sizeof(*out))
		return false;
	*out = mnl_attr_get_u64(attr);
	return true;
}

bool nl_attr_str(const struct nlattr *attr, char *out, size_t size)
{
	size_t len;

	if (!attr)
		return false;
	len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (len >= size)
		len = size - 1;
	memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
	return true;
}

void nl_attr_table(const void *payload, size_t size, const struct nlattr **table, uint16_t max)
{
	const struct nlattr *attr;

	memset(table, 0, (max + 1) * sizeof(*table));
	mnl_attr_for_each_payload(payload, size)
	{
		if (mnl_attr_get_type(attr) <= max)
			table[mnl_attr_get_type(attr)] = attr;
	}
}

void nl_attr_nested(const struct nlattr *attr, const struct nlattr **table, uint16_t max)
{
	if (attr)
		nl_attr_table(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), table,
			      max);
	else
		memset(table, 0, (max + 1) * sizeof(*table));
}
