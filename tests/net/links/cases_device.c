/* SPDX-License-Identifier: GPL-2.0-only */
/* Features, namespaces and tc hooks. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/stat.h>

#include "datapath/ethtool.h"
#include "datapath/netdev.h"
#include "datapath/netns.h"
#include "datapath/tc.h"

/* ---- ethtool ---- */

void test_feature(void **state)
{
	struct world *w = *state;
	bool on = false, fixed = true;

	assert_int_equal(ethtool_feature_get(w->far_genl, w->far.ifindex, "tx", &on, &fixed), 0);
	assert_true(on);
	assert_false(fixed);
	assert_int_equal(ethtool_feature_set(w->far_genl, w->far.ifindex, "tx", false), 0);
	assert_int_equal(ethtool_feature_get(w->far_genl, w->far.ifindex, "tx-checksum-ip-generic",
					     &on, NULL),
			 0);
	assert_false(on);
	/* What hangs on checksums went with them, and the other end is as it was. */
	assert_int_equal(ethtool_feature_get(w->far_genl, w->far.ifindex, "tx-tcp-segmentation",
					     &on, NULL),
			 0);
	assert_false(on);
	assert_int_equal(ethtool_feature_get(w->genl, w->near.ifindex, "tx", &on, NULL), 0);
	assert_true(on);
	assert_int_equal(ethtool_feature_set(w->far_genl, w->far.ifindex, "tx", false), 0);
	assert_int_equal(ethtool_feature_set(w->far_genl, w->far.ifindex, "tx", true), 0);
	assert_int_equal(ethtool_feature_get(w->far_genl, w->far.ifindex, "tx", &on, NULL), 0);
	assert_true(on);
}

void test_feature_errors(void **state)
{
	struct world *w = *state;
	bool on = true, fixed = false;
	struct link_info lo;

	assert_int_equal(link_get(w->rt, "lo", &lo), 0);
	/* The loopback's checksums are fixed. */
	assert_int_equal(ethtool_feature_get(w->genl, lo.ifindex, "tx-checksum-ip-generic", &on,
					     &fixed),
			 0);
	assert_true(on);
	assert_true(fixed);
	assert_int_equal(ethtool_feature_set(w->genl, lo.ifindex, "tx", false), -EOPNOTSUPP);
	assert_int_equal(ethtool_feature_set(w->genl, lo.ifindex, "tx-checksum-ip-generic", true),
			 0);
	assert_int_equal(ethtool_feature_get(w->genl, lo.ifindex, "nonsense", &on, NULL),
			 -EOPNOTSUPP);
	assert_int_equal(ethtool_feature_set(w->genl, lo.ifindex, "nonsense", false), -EOPNOTSUPP);
	assert_int_equal(ethtool_feature_set(w->genl, 999999, "gro", true), -ENODEV);
	assert_int_equal(ethtool_feature_get(w->genl, 999999, "gro", &on, NULL), -ENODEV);
}

void test_features(void **state)
{
	const struct ethtool_want want[] = {
		{ "tx", false },
		{ "txvlan", false },
		{ "tx-vlan-stag-hw-insert", false },
		{ "gro", true },
	};
	/* One that cannot be had does not hold up the others. */
	const struct ethtool_want mixed[] = { { "nonsense", true }, { "gro", false } };
	struct world *w = *state;
	unsigned int i;
	bool on;

	assert_int_equal(ethtool_features_set(w->genl, w->near.ifindex, want, 4), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(ethtool_feature_get(w->genl, w->near.ifindex, want[i].name, &on,
						     NULL),
				 0);
		assert_int_equal(on, want[i].on);
	}
	assert_int_equal(ethtool_features_set(w->genl, w->near.ifindex, mixed, 2), -EOPNOTSUPP);
	assert_int_equal(ethtool_feature_get(w->genl, w->near.ifindex, "gro", &on, NULL), 0);
	assert_false(on);
	assert_int_equal(ethtool_features_set(w->genl, w->near.ifindex, NULL, 0), 0);
}

/* ---- netdev ---- */

void test_xdp_features(void **state)
{
	struct world *w = *state;
	uint64_t features = 0;
	struct nl_sock *mon;
	uint32_t ifindex;
	bool gained = false, went = false;

	if (netdev_xdp_features(w->genl, w->near.ifindex, &features) == -EOPNOTSUPP)
		skip();
	assert_true(features & XDPF_BASIC);
	assert_true(features & XDPF_REDIRECT);
	assert_false(features & XDPF_NDO_XMIT);
	assert_int_equal(netdev_xdp_features(w->genl, 999999, &features), -ENODEV);
	/* A veth that is down gains nothing by GRO. */
	assert_int_equal(link_set_up(w->far_rt, w->far.ifindex, true), 0);
	assert_int_equal(netdev_monitor_open(&mon), 0);
	assert_int_equal(netdev_monitor_next(mon, &ifindex, &features), 0);
	assert_int_equal(ethtool_feature_set(w->far_genl, w->far.ifindex, "gro", true), 0);
	while (netdev_monitor_next(mon, &ifindex, &features) == 1)
		gained |= ifindex == w->near.ifindex && features & XDPF_NDO_XMIT;
	assert_true(gained);
	assert_int_equal(netdev_xdp_features(w->genl, w->near.ifindex, &features), 0);
	assert_true(features & XDPF_NDO_XMIT);
	assert_true(features & XDPF_NDO_XMIT_SG);
	assert_int_equal(link_del(w->rt, w->near.ifindex), 0);
	while (netdev_monitor_next(mon, &ifindex, &features) == 1)
		went |= ifindex == w->near.ifindex && !features;
	assert_true(went);
	nl_close(mon);
}

/* ---- netns ---- */

void test_netns_pinned(void **state)
{
	struct world *w = *state;
	char path[64], pid[16];
	uint32_t a = 0, b = 0;
	int home, fd, again, saved;
	struct stat st;

	home = netns_open("/proc/self/ns/net");
	assert_true(home >= 0);
	strcpy(path, "/run/xt-nl-pin");
	fd = netns_create_pinned(path);
	assert_true(fd >= 0);
	assert_int_equal(netns_create_pinned(path), -EEXIST);
	again = netns_open(path);
	assert_true(netns_same(fd, again));
	assert_false(netns_same(fd, home));
	assert_false(netns_same(fd, -1));
	close(again);
	assert_int_equal(netns_inode(fd, &a), 0);
	assert_int_equal(netns_inode(home, &b), 0);
	assert_true(a && b && a != b);
	assert_int_equal(netns_inode(-1, &a), -EBADF);

	assert_int_equal(netns_enter(fd, &saved), 0);
	again = netns_open("/proc/self/ns/net");
	assert_true(netns_same(fd, again));
	close(again);
	assert_int_equal(netns_leave(saved), 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	again = netns_open(pid);
	assert_true(netns_same(home, again));
	close(again);

	close(fd); /* the pin alone keeps it */
	fd = netns_open(path);
	assert_int_equal(netns_inode(fd, &b), 0);
	assert_int_equal(a, b);
	assert_int_equal(netns_remove_pinned(path), 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(netns_remove_pinned(path), 0);
	close(fd);
	fd = netns_open("xt-nl-far");
	assert_true(netns_same(fd, w->far_fd));
	close(fd);
	close(home);
}

void test_netns_errors(void **state)
{
	int fd, saved = -7, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(netns_open("none"), -ENOENT);
	assert_int_equal(netns_open("/none"), -ENOENT);
	assert_int_equal(netns_open("4194305"), -ENOENT); /* above the largest pid_max */
	assert_int_equal(netns_open(""), -EINVAL);
	assert_int_equal(netns_open("."), -EINVAL);
	assert_int_equal(netns_open(".."), -EINVAL);
	assert_int_equal(netns_open("/dev/null"), -EINVAL);
	assert_int_equal(netns_open("/proc/self/ns/mnt"), -EINVAL);
	assert_int_equal(netns_create_pinned("/run/none/pin"), -ENOENT);
	assert_int_equal(netns_enter(null, &saved), -EINVAL);
	assert_int_equal(netns_enter(-1, &saved), -EBADF);
	assert_int_equal(saved, -7);
	close(null);
	/* A leftover that nothing is mounted on. */
	fd = open("/run/xt-nl-stale", O_CREAT | O_RDONLY | O_CLOEXEC, 0400);
	close(fd);
	assert_int_equal(netns_create_pinned("/run/xt-nl-stale"), -EEXIST);
	assert_int_equal(netns_remove_pinned("/run/xt-nl-stale"), 0);
	assert_int_equal(access("/run/xt-nl-stale", F_OK), -1);
}

/* ---- tc ---- */

/* By libbpf, as somebody else would: id of the program at a priority and handle; 0: none. */
static uint32_t tc_prog_at(uint32_t ifindex, bool egress, uint32_t priority)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
			    .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = priority);

	return bpf_tc_query(&hook, &opts) ? 0 : opts.prog_id;
}

static void tc_foreign(uint32_t ifindex, bool egress, int prog, bool add)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
			    .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 5);

	if (add) {
		opts.prog_fd = prog;
		assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
	} else {
		assert_int_equal(bpf_tc_detach(&hook, &opts), 0);
	}
}

void test_tc(void **state)
{
	struct world *w = *state;
	int one = load_prog(BPF_PROG_TYPE_SCHED_CLS, -1);
	int two = load_prog(BPF_PROG_TYPE_SCHED_CLS, -1);
	uint32_t dev = w->near.ifindex;

	assert_int_equal(tc_clsact_present(dev), 0);
	assert_int_equal(tc_detach(dev, false), 0);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_attach(dev, false, one, "xvsw-ingress"), 0);
	assert_int_equal(tc_clsact_present(dev), 1);
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), prog_id(one));
	assert_int_equal(tc_attach(dev, true, two, "xvsw-egress"), 0);
	assert_int_equal(tc_prog_at(dev, true, TC_OUR_PRIORITY), prog_id(two));
	assert_int_equal(tc_attach(dev, false, two, NULL), 0); /* replace */
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), prog_id(two));
	assert_int_equal(tc_put_clsact(dev, true), 0); /* in use: kept */
	assert_int_equal(tc_clsact_present(dev), 1);
	assert_int_equal(tc_detach(dev, false), 0);
	assert_int_equal(tc_detach(dev, false), 0);
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), 0);
	assert_int_equal(tc_prog_at(dev, true, TC_OUR_PRIORITY), prog_id(two));
	assert_int_equal(tc_detach(dev, true), 0);
	assert_int_equal(tc_put_clsact(dev, false), 0);
	assert_int_equal(tc_clsact_present(dev), 1);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_clsact_present(dev), 0);
	close(one);
	close(two);
}

void test_tc_foreign_filter(void **state)
{
	struct world *w = *state;
	int ours = load_prog(BPF_PROG_TYPE_SCHED_CLS, -1);
	int theirs = load_prog(BPF_PROG_TYPE_SCHED_CLS, -1);
	uint32_t dev = w->near.ifindex;

	assert_int_equal(tc_attach(dev, true, ours, "ours"), 0);
	tc_foreign(dev, false, theirs, true);
	tc_foreign(dev, true, theirs, true);
	assert_int_equal(tc_prog_at(dev, true, TC_OUR_PRIORITY), prog_id(ours));
	assert_int_equal(tc_detach(dev, true), 0);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_prog_at(dev, false, 5), prog_id(theirs));
	assert_int_equal(tc_prog_at(dev, true, 5), prog_id(theirs));
	tc_foreign(dev, true, theirs, false);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_prog_at(dev, false, 5), prog_id(theirs));
	tc_foreign(dev, false, theirs, false);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_clsact_present(dev), 0);
	close(ours);
	close(theirs);
}

void test_tc_errors(void **state)
{
	struct world *w = *state;
	int xdp = load_prog(BPF_PROG_TYPE_XDP, 2);
	char name[65];

	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	assert_int_equal(tc_attach(w->near.ifindex, false, xdp, "wrong"), -EINVAL);
	assert_int_equal(tc_clsact_present(w->near.ifindex), 0); /* nothing half-done */
	assert_int_equal(tc_attach(w->near.ifindex, false, xdp, name), -EINVAL);
	assert_int_equal(tc_attach(999999, false, xdp, "gone"), -ENODEV);
	assert_int_equal(tc_clsact_present(999999), -ENODEV);
	assert_int_equal(tc_detach(999999, false), 0);
	assert_int_equal(tc_put_clsact(999999, true), 0);
	close(xdp);
}

/* Somebody's "ingress" qdisc would take an egress filter and run it on ingress. */
void test_tc_ingress_qdisc(void **state)
{
	struct world *w = *state;
	int prog = load_prog(BPF_PROG_TYPE_SCHED_CLS, -1);
	uint32_t dev = w->near.ifindex;
	NL_REQUEST(buf, 128);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	nlh->nlmsg_type = RTM_NEWQDISC;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	tc->tcm_ifindex = (int)dev;
	tc->tcm_handle = 0xffff0000;
	tc->tcm_parent = TC_H_INGRESS;
	mnl_attr_put_strz(nlh, TCA_KIND, "ingress");
	if (nl_talk(w->rt, nlh, NULL, NULL, NULL, 0) == -ENOENT)
		skip();
	assert_int_equal(tc_clsact_present(dev), -EBUSY);
	assert_int_equal(tc_attach(dev, true, prog, "e"), -EBUSY);
	assert_int_equal(tc_attach(dev, false, prog, "i"), 0);
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), prog_id(prog));
	assert_int_equal(tc_detach(dev, true), 0);
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), prog_id(prog));
	assert_int_equal(tc_detach(dev, false), 0);
	assert_int_equal(tc_prog_at(dev, false, TC_OUR_PRIORITY), 0);
	assert_int_equal(tc_put_clsact(dev, true), 0);
	assert_int_equal(tc_clsact_present(dev), -EBUSY);
	close(prog);
}
