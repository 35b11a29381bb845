/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests, interfaces and their events. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "datapath/netns.h"

#define FDB_COUNT 1000
#define FDB_AIM_US 10.0

static void drain(struct nl_sock *monitor)
{
	struct link_event ev;

	while (link_monitor_next(monitor, &ev) == 1)
		;
}

/* ---- nl ---- */

void test_genl_lookup(void **state)
{
	struct world *w = *state;
	uint32_t group = 0;
	uint16_t id = 0;

	assert_int_equal(nl_genl_family(w->genl, "nlctrl", &id), 0);
	assert_int_equal(id, 0x10);
	assert_int_equal(nl_genl_family(w->genl, "xt-nl-none", &id), -ENOENT);
	assert_int_equal(nl_genl_family(w->genl, "a-name-too-long-for-it", &id), -ENOENT);
	assert_int_equal(id, 0x10);
	assert_int_equal(nl_genl_group(w->genl, "nlctrl", "notify", &group), 0);
	assert_true(group != 0);
	assert_int_equal(nl_genl_group(w->genl, "nlctrl", "nothing", &group), -ENOENT);
	assert_true(nl_fd(w->genl) >= 0);
	nl_close(NULL);
}

void test_kernel_text(void **state)
{
	struct world *w = *state;
	char text[128] = "old", tiny[4];
	char *texts[] = { text, tiny, NULL };
	const size_t sizes[] = { sizeof(text), sizeof(tiny), 0 };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		NL_REQUEST(buf, 64);
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
		struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

		nlh->nlmsg_type = RTM_NEWLINK;
		ifi->ifi_index = (int)w->near.ifindex;
		mnl_attr_put_u32(nlh, IFLA_MTU, 100000);
		assert_int_equal(nl_talk(w->rt, nlh, NULL, NULL, texts[i], sizes[i]), -EINVAL);
	}
	assert_string_equal(text, "mtu greater than device maximum");
	assert_string_equal(tiny, "mtu");
}

static int cb_fails(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	++*(int *)data;
	errno = EXDEV;
	return MNL_CB_ERROR;
}

/* After a callback has failed in the middle of a dump the socket is as good as before. */
void test_callback_error(void **state)
{
	struct world *w = *state;
	NL_REQUEST(buf, 64);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct link_info info;
	int calls = 0;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	assert_int_equal(nl_talk(w->rt, nlh, cb_fails, &calls, NULL, 0), -EXDEV);
	assert_int_equal(calls, 1);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
}

/* ---- link ---- */

void test_veth(void **state)
{
	struct world *w = *state;
	struct ethtool_channels c;
	struct link_info info;
	int saved;

	assert_string_equal(w->near.name, "near");
	assert_string_equal(w->near.kind, "veth");
	assert_int_equal(w->near.mtu, 2000);
	assert_int_equal(w->far.mtu, 2000);
	assert_memory_equal(&w->far.mac, &far_mac, sizeof(far_mac));
	assert_false(w->near.up);
	assert_int_equal(w->near.peer_ifindex, w->far.ifindex);
	assert_int_equal(w->far.peer_ifindex, w->near.ifindex);
	assert_true(w->near.link_netnsid >= 0);
	assert_int_equal(w->near.master, 0);
	assert_int_equal(w->near.xdp_prog_id, 0);
	assert_int_equal(link_get(w->rt, "far", &info), -ENODEV);
	c = channels("near");
	assert_int_equal(c.rx_count, 3);
	assert_int_equal(c.tx_count, 3);
	assert_int_equal(netns_enter(w->far_fd, &saved), 0);
	c = channels("far");
	netns_leave(saved);
	assert_int_equal(c.rx_count, 3);
	assert_int_equal(c.tx_count, 3);
}

void test_veth_errors(void **state)
{
	struct link_veth veth = { .name = "near", .peer = "other", .peer_netns_fd = -1 };
	struct world *w = *state;
	struct link_info info;

	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), -EEXIST);
	veth.name = "a-name-of-16-byt";
	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), -EINVAL);
	veth.name = "";
	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), -EINVAL);
	veth.name = "new";
	veth.peer = "far";
	veth.peer_netns_fd = w->far_fd; /* taken there: no half of a pair stays here */
	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), -EEXIST);
	assert_int_equal(link_get(w->rt, "new", &info), -ENODEV);
	veth.name = "a-name-of-15-by";
	veth.peer = "near"; /* only there is it free */
	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), 0);
	assert_int_equal(link_get(w->rt, "a-name-of-15-by", &info), 0);
	assert_int_equal(info.mtu, 1500);
	assert_int_equal(channels("a-name-of-15-by").rx_count, 1);
	assert_int_equal(link_del(w->rt, info.ifindex), 0);
	assert_int_equal(link_get(w->far_rt, "near", &info), -ENODEV);
}

void test_veth_same_namespace(void **state)
{
	struct link_veth veth = { .name = "x0", .peer = "x1", .peer_netns_fd = -1 };
	struct world *w = *state;
	struct link_info a, b;

	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), 0);
	assert_int_equal(link_get(w->rt, "x0", &a), 0);
	assert_int_equal(link_get(w->rt, "x1", &b), 0);
	assert_int_equal(a.peer_ifindex, b.ifindex);
	assert_int_equal(a.link_netnsid, -1);
	assert_int_equal(link_del(w->rt, b.ifindex), 0);
	assert_int_equal(link_get(w->rt, "x0", &a), -ENODEV);
}

void test_link_get_errors(void **state)
{
	struct world *w = *state;
	struct link_info info = { .ifindex = 77 };

	assert_int_equal(link_get(w->rt, "none", &info), -ENODEV);
	assert_int_equal(link_get(w->rt, "", &info), -ENODEV);
	assert_int_equal(link_get(w->rt, "a-name-of-16-byt", &info), -ENODEV);
	assert_int_equal(link_get_by_index(w->rt, 0, &info), -ENODEV);
	assert_int_equal(link_get_by_index(w->rt, 999999, &info), -ENODEV);
	assert_int_equal(link_get_by_index(w->rt, UINT32_MAX, &info), -ENODEV);
	assert_int_equal(link_del(w->rt, 0), -ENODEV);
	assert_int_equal(link_set_up(w->rt, 0, true), -ENODEV);
	assert_int_equal(link_set_up(w->rt, 999999, true), -ENODEV);
	assert_int_equal(link_set_mtu(w->rt, 0, 1500), -ENODEV);
	assert_int_equal(link_set_alias(w->rt, 0, "a"), -ENODEV);
	assert_int_equal(info.ifindex, 77);
}

void test_link_set(void **state)
{
	struct world *w = *state;
	struct link_info info;
	char alias[300];

	assert_int_equal(link_set_noarp(w->rt, w->near.ifindex), 0);
	assert_int_equal(link_set_up(w->rt, w->near.ifindex, true), 0);
	assert_int_equal(link_get_by_index(w->rt, w->near.ifindex, &info), 0);
	assert_true(info.up);
	assert_false(info.carrier);
	assert_true(info.flags & IFF_NOARP);
	assert_int_equal(link_set_up(w->far_rt, w->far.ifindex, true), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_true(info.carrier);
	assert_int_equal(link_set_flag(w->rt, w->near.ifindex, IFF_ALLMULTI, true), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_true(info.flag_allmulti);
	assert_true(info.up);
	assert_int_equal(info.allmulti, 1);
	assert_int_equal(link_set_flag(w->rt, w->near.ifindex, IFF_ALLMULTI, false), 0);
	assert_int_equal(link_set_mtu(w->rt, w->near.ifindex, 1400), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_false(info.flag_allmulti);
	assert_int_equal(info.allmulti, 0);
	assert_int_equal(info.mtu, 1400);
	assert_int_equal(link_set_up(w->rt, w->near.ifindex, false), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_false(info.up);

	memset(alias, 'a', sizeof(alias));
	alias[255] = '\0';
	assert_int_equal(link_set_alias(w->rt, w->near.ifindex, alias), 0);
	alias[255] = 'a';
	alias[256] = '\0';
	assert_int_equal(link_set_alias(w->rt, w->near.ifindex, alias), -EINVAL);
	assert_int_equal(link_set_alias(w->rt, w->near.ifindex, ""), 0);
}

void test_no_ipv6(void **state)
{
	char value = '?';
	int fd;

	(void)state;
	assert_int_equal(link_set_no_ipv6("near"), 0);
	assert_int_equal(link_set_no_ipv6("../near"), -ENODEV);
	assert_int_equal(link_set_no_ipv6(""), -ENODEV);
	fd = open("/proc/sys/net/ipv6/conf/near/disable_ipv6", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		skip();
	assert_int_equal(read(fd, &value, 1), 1);
	close(fd);
	assert_int_equal(value, '1');
}

void test_xdp_shown(void **state)
{
	struct world *w = *state;
	int prog = load_prog(BPF_PROG_TYPE_XDP, 2);
	struct link_info info;

	assert_int_equal(bpf_xdp_attach(w->near.ifindex, prog, XDP_FLAGS_DRV_MODE, NULL), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_int_equal(info.xdp_prog_id, prog_id(prog));
	assert_int_equal(info.xdp_mode, XDP_ATTACHED_DRV);
	assert_int_equal(bpf_xdp_detach(w->near.ifindex, XDP_FLAGS_DRV_MODE, NULL), 0);
	assert_int_equal(bpf_xdp_attach(w->near.ifindex, prog, XDP_FLAGS_SKB_MODE, NULL), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_int_equal(info.xdp_prog_id, prog_id(prog));
	assert_int_equal(info.xdp_mode, XDP_ATTACHED_SKB);
	close(prog);
}

static struct xmac fdb_mac(unsigned int i)
{
	return (struct xmac){ { 0x02, 0x11, 0, i >> 16, i >> 8, i } };
}

void test_fdb(void **state)
{
	const struct xmac multicast = { { 0x01, 0, 0x5e, 0, 0, 1 } }, zero = { { 0 } };
	struct world *w = *state;
	struct link_info info;
	double start, add_us, del_us;
	struct xmac mac;
	unsigned int i;

	assert_int_equal(link_set_up(w->rt, w->near.ifindex, true), 0);
	start = now_us();
	for (i = 0; i < FDB_COUNT; i++) {
		mac = fdb_mac(i);
		assert_int_equal(link_fdb_add(w->rt, w->near.ifindex, &mac), 0);
	}
	add_us = (now_us() - start) / FDB_COUNT;
	assert_int_equal(link_fdb_add(w->rt, w->near.ifindex, &mac), -EEXIST);
	assert_int_equal(link_fdb_add(w->rt, w->near.ifindex, &multicast), -EINVAL);
	assert_int_equal(link_fdb_add(w->rt, w->near.ifindex, &zero), -EINVAL);
	assert_int_equal(link_fdb_add(w->rt, 999999, &mac), -ENODEV);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_int_equal(info.promiscuity, 1); /* a veth has no address filter: the list shows so */
	start = now_us();
	for (i = 0; i < FDB_COUNT; i++) {
		mac = fdb_mac(i);
		assert_int_equal(link_fdb_del(w->rt, w->near.ifindex, &mac), 0);
	}
	del_us = (now_us() - start) / FDB_COUNT;
	assert_int_equal(link_fdb_del(w->rt, w->near.ifindex, &mac), -ENOENT);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_int_equal(info.promiscuity, 0);
	print_message("%d addresses: add %.1f us each, del %.1f us each (aim: %.0f us)\n",
		      FDB_COUNT, add_us, del_us, FDB_AIM_US);
}

struct seen {
	const char *name;
	unsigned int hits, all;
};

static void see(void *ctx, const struct link_info *info)
{
	struct seen *s = ctx;

	s->all++;
	s->hits += !strcmp(info->name, s->name);
}

void test_dump(void **state)
{
	struct world *w = *state;
	struct seen here = { .name = "near" }, there = { .name = "far" };

	assert_int_equal(link_dump(w->rt, see, &here), 0);
	assert_int_equal(here.hits, 1);
	assert_true(here.all >= 2); /* lo */
	assert_int_equal(link_dump(w->far_rt, see, &there), 0);
	assert_int_equal(there.hits, 1);
}

void test_monitor(void **state)
{
	struct link_veth veth = { .name = "m0", .peer = "m1", .peer_netns_fd = -1 };
	struct world *w = *state;
	struct link_info m0;
	struct link_event ev;
	struct nl_sock *mon;
	bool came = false, went = false, up = false;

	assert_int_equal(link_monitor_open(&mon), 0);
	assert_int_equal(link_monitor_next(mon, &ev), 0);
	veth.peer_netns_fd = w->far_fd;
	assert_int_equal(link_veth_create(w->rt, &veth, NULL, 0), 0);
	assert_int_equal(link_get(w->rt, "m0", &m0), 0);
	while (link_monitor_next(mon, &ev) == 1) {
		assert_string_not_equal(ev.info.name, "m1");
		came |= !ev.gone && ev.info.ifindex == m0.ifindex;
	}
	assert_true(came);
	assert_int_equal(link_set_up(w->rt, m0.ifindex, true), 0);
	while (link_monitor_next(mon, &ev) == 1)
		up |= !ev.gone && ev.info.ifindex == m0.ifindex && ev.info.up;
	assert_true(up);
	assert_int_equal(link_del(w->rt, m0.ifindex), 0);
	while (link_monitor_next(mon, &ev) == 1)
		went |= ev.gone && !strcmp(ev.info.name, "m0");
	assert_true(went);
	nl_close(mon);
}

static int rt_send(struct nl_sock *rt, uint32_t ifindex, const char *bridge, uint32_t master)
{
	NL_REQUEST(buf, 256);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;

	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = (int)ifindex;
	if (bridge) {
		nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
		mnl_attr_put_strz(nlh, IFLA_IFNAME, bridge);
		nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
		mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
		mnl_attr_nest_end(nlh, nest);
	} else {
		mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	}
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

/* A bridge tells "port deleted" with the message that means "interface deleted". */
void test_monitor_bridge_port(void **state)
{
	struct world *w = *state;
	struct link_info br, info;
	struct link_event ev;
	struct nl_sock *mon;
	bool seen_master = false;

	if (rt_send(w->rt, 0, "br0", 0))
		skip();
	assert_int_equal(link_get(w->rt, "br0", &br), 0);
	assert_int_equal(link_monitor_open(&mon), 0);
	assert_int_equal(rt_send(w->rt, w->near.ifindex, NULL, br.ifindex), 0);
	assert_int_equal(link_get(w->rt, "near", &info), 0);
	assert_int_equal(info.master, br.ifindex);
	assert_int_equal(rt_send(w->rt, w->near.ifindex, NULL, 0), 0);
	while (link_monitor_next(mon, &ev) == 1) {
		assert_false(ev.gone);
		seen_master |= ev.info.ifindex == w->near.ifindex && ev.info.master == br.ifindex;
	}
	assert_true(seen_master);
	assert_int_equal(link_del(w->rt, br.ifindex), 0);
	nl_close(mon);
}

void test_monitor_overrun(void **state)
{
	struct world *w = *state;
	const int small = 1;
	struct link_event ev;
	struct nl_sock *mon;
	bool lost = false;
	int i, ret;

	assert_int_equal(link_monitor_open(&mon), 0);
	assert_int_equal(setsockopt(nl_fd(mon), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (i = 0; i < 50; i++)
		assert_int_equal(link_set_mtu(w->rt, w->near.ifindex, 1000 + i), 0);
	while ((ret = link_monitor_next(mon, &ev)))
		lost |= ret == -ENOBUFS;
	assert_true(lost);
	drain(mon);
	assert_int_equal(link_set_mtu(w->rt, w->near.ifindex, 1500), 0);
	assert_int_equal(link_monitor_next(mon, &ev), 1);
	assert_int_equal(ev.info.ifindex, w->near.ifindex);
	nl_close(mon);
}
