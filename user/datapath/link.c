/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

/* Room for a request: a veth pair takes the most, about 250 bytes; an alias 300. */
#define LINK_REQUEST_SIZE 512
#define LINK_ALIAS_SIZE 256
#define LINK_DUMP_TRIES 8

_Static_assert(sizeof(((struct link_info *)0)->name) == IFNAMSIZ, "interface name");

static bool link_name_ok(const char *name)
{
	return name && name[0] && strlen(name) < IFNAMSIZ;
}

/* ---- reading ---- */

static void link_parse_xdp(const struct nlattr *attr, struct link_info *info)
{
	/* With programs in several modes IFLA_XDP_PROG_ID is absent. */
	static const uint16_t ids[] = { IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_HW_PROG_ID,
					IFLA_XDP_SKB_PROG_ID };
	const struct nlattr *tb[IFLA_XDP_MAX + 1];
	unsigned int i;

	nl_attr_nested(attr, tb, IFLA_XDP_MAX);
	nl_attr_u8(tb[IFLA_XDP_ATTACHED], &info->xdp_mode);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]) && !info->xdp_prog_id; i++)
		nl_attr_u32(tb[ids[i]], &info->xdp_prog_id);
}

static void link_parse_attrs(const struct nlattr **tb, struct link_info *info)
{
	const struct nlattr *kind[IFLA_INFO_MAX + 1];
	const struct nlattr *mac = tb[IFLA_ADDRESS];

	nl_attr_str(tb[IFLA_IFNAME], info->name, sizeof(info->name));
	if (mac && mnl_attr_get_payload_len(mac) == sizeof(info->mac))
		memcpy(&info->mac, mnl_attr_get_payload(mac), sizeof(info->mac));
	nl_attr_u32(tb[IFLA_MTU], &info->mtu);
	nl_attr_u32(tb[IFLA_GROUP], &info->group);
	nl_attr_u32(tb[IFLA_LINK], &info->peer_ifindex);
	if (tb[IFLA_LINK_NETNSID] && mnl_attr_get_payload_len(tb[IFLA_LINK_NETNSID]) >= 4)
		info->link_netnsid = (int32_t)mnl_attr_get_u32(tb[IFLA_LINK_NETNSID]);
	nl_attr_nested(tb[IFLA_LINKINFO], kind, IFLA_INFO_MAX);
	nl_attr_str(kind[IFLA_INFO_KIND], info->kind, sizeof(info->kind));
	link_parse_xdp(tb[IFLA_XDP], info);
	nl_attr_u32(tb[IFLA_PROMISCUITY], &info->promiscuity);
	nl_attr_u32(tb[IFLA_ALLMULTI], &info->allmulti);
	nl_attr_u32(tb[IFLA_MASTER], &info->master);
}

/* False: not about an interface itself (a bridge tells of its ports with the same types). */
static bool link_parse(const struct nlmsghdr *nlh, struct link_info *info)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	size_t size = mnl_nlmsg_get_payload_len(nlh);

	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return false;
	if (size < sizeof(*ifi) || ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0)
		return false;
	memset(info, 0, sizeof(*info));
	info->ifindex = ifi->ifi_index;
	info->flags = ifi->ifi_flags;
	info->up = ifi->ifi_flags & IFF_UP;
	info->carrier = ifi->ifi_flags & IFF_LOWER_UP;
	info->flag_allmulti = ifi->ifi_flags & IFF_ALLMULTI;
	info->link_netnsid = -1;
	nl_attr_table((const char *)ifi + MNL_ALIGN(sizeof(*ifi)), size - MNL_ALIGN(sizeof(*ifi)),
		      tb, IFLA_MAX);
	link_parse_attrs(tb, info);
	return true;
}

struct link_query {
	struct link_info info;
	bool found;
};

static int link_get_cb(const struct nlmsghdr *nlh, void *data)
{
	struct link_query *q = data;

	if (link_parse(nlh, &q->info))
		q->found = true;
	return MNL_CB_OK;
}

static struct nlmsghdr *link_request(void *buf, uint16_t type, uint16_t flags, uint32_t ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = (int)ifindex;
	return nlh;
}

static int link_query(struct nl_sock *rt, struct nlmsghdr *nlh, struct link_info *info)
{
	struct link_query q = { .found = false };
	int err;

	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	err = nl_talk(rt, nlh, link_get_cb, &q, NULL, 0);
	if (err)
		return err;
	if (!q.found)
		return -ENODEV;
	*info = q.info;
	return 0;
}

int link_get(struct nl_sock *rt, const char *name, struct link_info *info)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh = link_request(buf, RTM_GETLINK, 0, 0);

	if (!link_name_ok(name))
		return -ENODEV;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return link_query(rt, nlh, info);
}

int link_get_by_index(struct nl_sock *rt, uint32_t ifindex, struct link_info *info)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);

	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	return link_query(rt, link_request(buf, RTM_GETLINK, 0, ifindex), info);
}

struct link_dump_ctx {
	void (*cb)(void *ctx, const struct link_info *info);
	void *ctx;
};

static int link_dump_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct link_dump_ctx *d = data;
	struct link_info info;

	if (link_parse(nlh, &info))
		d->cb(d->ctx, &info);
	return MNL_CB_OK;
}

int link_dump(struct nl_sock *rt, void (*cb)(void *ctx, const struct link_info *info), void *ctx)
{
	struct link_dump_ctx d = { .cb = cb, .ctx = ctx };
	int err, tries = 0;

	do {
		NL_REQUEST(buf, LINK_REQUEST_SIZE);
		struct nlmsghdr *nlh = link_request(buf, RTM_GETLINK, NLM_F_DUMP, 0);

		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		err = nl_talk(rt, nlh, link_dump_cb, &d, NULL, 0);
	} while (err == -EINTR && ++tries < LINK_DUMP_TRIES);
	return err;
}

/* ---- making and changing ---- */

static void link_put_end(struct nlmsghdr *nlh, const char *name, uint32_t group,
			 const struct link_veth *conf)
{
	uint32_t queues = conf->queues ? conf->queues : 1;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	if (conf->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, conf->mtu);
	if (group)
		mnl_attr_put_u32(nlh, IFLA_GROUP, group);
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, queues);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, queues);
}

static void link_put_peer(struct nlmsghdr *nlh, const struct link_veth *conf)
{
	struct nlattr *peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	link_put_end(nlh, conf->peer, conf->peer_netns_fd < 0 ? conf->group : 0, conf);
	if (conf->peer_mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(*conf->peer_mac), conf->peer_mac);
	if (conf->peer_netns_fd >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, conf->peer_netns_fd);
	mnl_attr_nest_end(nlh, peer);
}

int link_veth_create(struct nl_sock *rt, const struct link_veth *conf, char *text, size_t text_size)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlattr *linkinfo, *data;
	struct nlmsghdr *nlh;

	if (text && text_size)
		text[0] = '\0';
	if (!link_name_ok(conf->name) || !link_name_ok(conf->peer))
		return -EINVAL;
	nlh = link_request(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	link_put_end(nlh, conf->name, conf->group, conf);
	linkinfo = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	link_put_peer(nlh, conf);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, linkinfo);
	return nl_talk(rt, nlh, NULL, NULL, text, text_size);
}

int link_del(struct nl_sock *rt, uint32_t ifindex)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);

	/* Index 0 with a group attribute would mean many: never ask. */
	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	return nl_talk(rt, link_request(buf, RTM_DELLINK, 0, ifindex), NULL, NULL, NULL, 0);
}

int link_del_group(struct nl_sock *rt, uint32_t group)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh;
	int r;

	if (!group) /* where all interfaces are that nobody put elsewhere */
		return -EINVAL;
	nlh = link_request(buf, RTM_DELLINK, 0, 0);
	mnl_attr_put_u32(nlh, IFLA_GROUP, group);
	r = nl_talk(rt, nlh, NULL, NULL, NULL, 0);
	return r == -ENODEV ? 0 : r;
}

int link_set_flag(struct nl_sock *rt, uint32_t ifindex, uint32_t flag, bool on)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, 0, ifindex);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	ifi->ifi_change = flag;
	ifi->ifi_flags = on ? flag : 0;
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

static int link_stats_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[IFLA_STATS_MAX + 1] = {};
	struct rtnl_link_stats64 stats;
	uint64_t *count = data;
	size_t size;

	if (nlh->nlmsg_type != RTM_NEWSTATS)
		return MNL_CB_OK;
	size = mnl_nlmsg_get_payload_len(nlh);
	if (size < sizeof(struct if_stats_msg))
		return MNL_CB_OK;
	nl_attr_table((const char *)mnl_nlmsg_get_payload(nlh) + sizeof(struct if_stats_msg),
		      size - sizeof(struct if_stats_msg), tb, IFLA_STATS_MAX);
	if (!tb[IFLA_STATS_LINK_64])
		return MNL_CB_OK;
	/* Later kernels append members. */
	size = mnl_attr_get_payload_len(tb[IFLA_STATS_LINK_64]);
	memset(&stats, 0, sizeof(stats));
	memcpy(&stats, mnl_attr_get_payload(tb[IFLA_STATS_LINK_64]),
	       size < sizeof(stats) ? size : sizeof(stats));
	*count = stats.tx_dropped;
	return MNL_CB_OK;
}

int link_tx_dropped(struct nl_sock *rt, uint32_t ifindex, uint64_t *count)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct if_stats_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	nlh->nlmsg_type = RTM_GETSTATS;
	msg->ifindex = ifindex;
	msg->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	return nl_talk(rt, nlh, link_stats_cb, count, NULL, 0);
}

int link_set_up(struct nl_sock *rt, uint32_t ifindex, bool up)
{
	return link_set_flag(rt, ifindex, IFF_UP, up);
}

int link_set_noarp(struct nl_sock *rt, uint32_t ifindex)
{
	return link_set_flag(rt, ifindex, IFF_NOARP, true);
}

int link_set_mtu(struct nl_sock *rt, uint32_t ifindex, uint32_t mtu)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, 0, ifindex);

	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

int link_set_alias(struct nl_sock *rt, uint32_t ifindex, const char *alias)
{
	NL_REQUEST(buf, LINK_REQUEST_SIZE);
	struct nlmsghdr *nlh = link_request(buf, RTM_NEWLINK, 0, ifindex);

	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	if (strlen(alias) >= LINK_ALIAS_SIZE)
		return -EINVAL;
	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

int link_set_no_ipv6(const char *ifname)
{
	char path[64 + IFNAMSIZ];
	int fd, err;

	if (!link_name_ok(ifname) || strchr(ifname, '/') || ifname[0] == '.')
		return -ENODEV;
	if (access("/proc/sys/net/ipv6", F_OK))
		return 0;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", ifname);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = write(fd, "1\n", 2) == 2 ? 0 : -errno;
	close(fd);
	return err;
}

/* ---- addresses ---- */

static int link_fdb(struct nl_sock *rt, uint16_t type, uint16_t flags, uint32_t ifindex,
		    const struct xmac *mac)
{
	NL_REQUEST(buf, 64);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nd->ndm_family = PF_BRIDGE;
	nd->ndm_ifindex = (int)ifindex;
	nd->ndm_state = NUD_PERMANENT;
	nd->ndm_flags = NTF_SELF;
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(*mac), mac);
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

int link_fdb_add(struct nl_sock *rt, uint32_t ifindex, const struct xmac *mac)
{
	static const struct xmac zero;

	if (mac->b[0] & 1 || !memcmp(mac, &zero, sizeof(zero)))
		return -EINVAL;
	return link_fdb(rt, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, ifindex, mac);
}

int link_fdb_del(struct nl_sock *rt, uint32_t ifindex, const struct xmac *mac)
{
	return link_fdb(rt, RTM_DELNEIGH, 0, ifindex, mac);
}

/* ---- events ---- */

int link_monitor_open(struct nl_sock **monitor)
{
	struct nl_sock *nl;
	int err = nl_open(NETLINK_ROUTE, &nl);

	if (err)
		return err;
	err = nl_join(nl, RTNLGRP_LINK);
	if (err) {
		nl_close(nl);
		return err;
	}
	*monitor = nl;
	return 0;
}

int link_monitor_next(struct nl_sock *monitor, struct link_event *ev)
{
	const struct nlmsghdr *nlh;
	struct link_info info;
	int ret;

	do {
		ret = nl_next(monitor, &nlh);
		if (ret <= 0)
			return ret;
	} while (!link_parse(nlh, &info));
	ev->gone = nlh->nlmsg_type == RTM_DELLINK;
	ev->info = info;
	return 1;
}
