/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/netdev.h"

#include <errno.h>
#include <sys/socket.h>
#include <linux/genetlink.h>

#define NETDEV_FAMILY "netdev"
#define NETDEV_GROUP "mgmt"
#define NETDEV_VERSION 1

/* The kernel's own numbers; its header came with 6.3. */
enum {
	NETDEV_CMD_DEV_GET = 1,
	NETDEV_CMD_DEV_ADD_NTF,
	NETDEV_CMD_DEV_DEL_NTF,
	NETDEV_CMD_DEV_CHANGE_NTF,
};

enum {
	NETDEV_A_DEV_IFINDEX = 1,
	NETDEV_A_DEV_PAD,
	NETDEV_A_DEV_XDP_FEATURES,
	NETDEV_A_DEV_LAST = NETDEV_A_DEV_XDP_FEATURES,
};

struct netdev_answer {
	uint8_t cmd;
	uint32_t ifindex;
	uint64_t features;
	bool valid;
};

static int netdev_parse(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[NETDEV_A_DEV_LAST + 1];
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct netdev_answer *a = data;

	a->valid = false;
	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return MNL_CB_OK;
	nl_attr_table(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
		      mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN, tb, NETDEV_A_DEV_LAST);
	a->cmd = genl->cmd;
	a->valid = nl_attr_u32(tb[NETDEV_A_DEV_IFINDEX], &a->ifindex) &&
		   nl_attr_u64(tb[NETDEV_A_DEV_XDP_FEATURES], &a->features);
	return MNL_CB_OK;
}

int netdev_xdp_features(struct nl_sock *genl, uint32_t ifindex, uint64_t *features)
{
	struct netdev_answer a = { .valid = false };
	NL_REQUEST(buf, 64);
	struct nlmsghdr *nlh;
	uint16_t family;
	int err;

	err = nl_genl_family(genl, NETDEV_FAMILY, &family);
	if (err)
		return err == -ENOENT ? -EOPNOTSUPP : err;
	nlh = nl_genl_request(buf, family, NETDEV_CMD_DEV_GET, NETDEV_VERSION);
	mnl_attr_put_u32(nlh, NETDEV_A_DEV_IFINDEX, ifindex);
	err = nl_talk(genl, nlh, netdev_parse, &a, NULL, 0);
	if (err)
		return err;
	if (!a.valid)
		return -EOPNOTSUPP;
	*features = a.features;
	return 0;
}

int netdev_monitor_open(struct nl_sock **monitor)
{
	struct nl_sock *nl;
	uint32_t group;
	int err;

	err = nl_open(NETLINK_GENERIC, &nl);
	if (err)
		return err;
	err = nl_genl_group(nl, NETDEV_FAMILY, NETDEV_GROUP, &group);
	if (err == -ENOENT)
		err = -EOPNOTSUPP;
	if (!err)
		err = nl_join(nl, group);
	if (err) {
		nl_close(nl);
		return err;
	}
	*monitor = nl;
	return 0;
}

int netdev_monitor_next(struct nl_sock *monitor, uint32_t *ifindex, uint64_t *features)
{
	const struct nlmsghdr *nlh;
	struct netdev_answer a;
	int ret;

	for (;;) {
		ret = nl_next(monitor, &nlh);
		if (ret <= 0)
			return ret;
		netdev_parse(nlh, &a);
		if (!a.valid)
			continue;
		if (a.cmd != NETDEV_CMD_DEV_ADD_NTF && a.cmd != NETDEV_CMD_DEV_DEL_NTF &&
		    a.cmd != NETDEV_CMD_DEV_CHANGE_NTF)
			continue;
		*ifindex = a.ifindex;
		*features = a.cmd == NETDEV_CMD_DEV_DEL_NTF ? 0 : a.features;
		return 1;
	}
}
