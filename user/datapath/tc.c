/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/tc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "datapath/nl.h"

#define TC_REQUEST_SIZE 256
#define TC_NAME_SIZE 64 /* with the closing zero; the kernel takes 256 */

#define TC_PARENT_INGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define TC_PARENT_EGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

static uint32_t tc_parent(bool egress)
{
	return egress ? TC_PARENT_EGRESS : TC_PARENT_INGRESS;
}

static struct nlmsghdr *tc_request(void *buf, uint16_t type, uint16_t flags, uint32_t ifindex,
				   uint32_t parent)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	return nlh;
}

/* ---- clsact ---- */

static int tc_qdisc_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TCA_MAX + 1];
	size_t fixed = MNL_ALIGN(sizeof(struct tcmsg));
	char kind[16] = "";

	if (nlh->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(nlh) < fixed)
		return MNL_CB_OK;
	nl_attr_table(mnl_nlmsg_get_payload_offset(nlh, fixed),
		      mnl_nlmsg_get_payload_len(nlh) - fixed, tb, TCA_MAX);
	nl_attr_str(tb[TCA_KIND], kind, sizeof(kind));
	*(int *)data = strcmp(kind, "clsact") ? -EBUSY : 1;
	return MNL_CB_OK;
}

/* 1, 0, -EBUSY: an ingress qdisc; or another -errno. */
static int tc_clsact_query(struct nl_sock *rt, uint32_t ifindex)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);
	struct nlmsghdr *nlh = tc_request(buf, RTM_GETQDISC, NLM_F_ECHO, ifindex, TC_H_UNSPEC);
	struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	int err, present = 0;

	/*
	 * Without ECHO the kernel acknowledges and tells nothing. By handle and not by parent:
	 * after a clsact has gone a placeholder without a handle sits there.
	 */
	tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	err = nl_talk(rt, nlh, tc_qdisc_cb, &present, NULL, 0);
	if (err == -ENOENT)
		return 0;
	return err ? err : present;
}

/* 1: made; 0: somebody was faster, fine; or -errno. */
static int tc_clsact_create(struct nl_sock *rt, uint32_t ifindex)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);
	struct nlmsghdr *nlh;
	struct tcmsg *tc;
	int err;

	nlh = tc_request(buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, TC_H_CLSACT);
	tc = mnl_nlmsg_get_payload(nlh);
	tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(nlh, TCA_KIND, "clsact");
	err = nl_talk(rt, nlh, NULL, NULL, NULL, 0);
	if (err == -EEXIST)
		return 0;
	return err ? err : 1;
}

static int tc_clsact_delete(struct nl_sock *rt, uint32_t ifindex)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);
	struct nlmsghdr *nlh = tc_request(buf, RTM_DELQDISC, 0, ifindex, TC_H_CLSACT);
	struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);

	tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(nlh, TCA_KIND, "clsact");
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

int tc_clsact_present(uint32_t ifindex)
{
	struct nl_sock *rt;
	int ret = nl_open(NETLINK_ROUTE, &rt);

	if (ret)
		return ret;
	ret = tc_clsact_query(rt, ifindex);
	nl_close(rt);
	return ret;
}

/* ---- filters ---- */

static struct nlmsghdr *tc_filter_request(void *buf, uint16_t type, uint16_t flags,
					  uint32_t ifindex, bool egress)
{
	struct nlmsghdr *nlh = tc_request(buf, type, flags, ifindex, tc_parent(egress));
	struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);

	tc->tcm_handle = TC_OUR_HANDLE;
	tc->tcm_info = TC_H_MAKE(TC_OUR_PRIORITY << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	return nlh;
}

static int tc_filter_replace(struct nl_sock *rt, uint32_t ifindex, bool egress, int prog_fd,
			     const char *name)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);
	struct nlattr *options;
	struct nlmsghdr *nlh;

	/* CREATE without EXCL: the kernel swaps the program of a filter that is there already. */
	nlh = tc_filter_request(buf, RTM_NEWTFILTER, NLM_F_CREATE, ifindex, egress);
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_BPF_FD, prog_fd);
	if (name && name[0])
		mnl_attr_put_strz(nlh, TCA_BPF_NAME, name);
	mnl_attr_put_u32(nlh, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(nlh, options);
	return nl_talk(rt, nlh, NULL, NULL, NULL, 0);
}

int tc_attach(uint32_t ifindex, bool egress, int prog_fd, const char *name)
{
	struct nl_sock *rt;
	int err, created = 0, present;

	if (name && strlen(name) >= TC_NAME_SIZE)
		return -EINVAL;
	err = nl_open(NETLINK_ROUTE, &rt);
	if (err)
		return err;
	present = tc_clsact_query(rt, ifindex);
	if (present == 0) {
		created = tc_clsact_create(rt, ifindex);
		/* Made by somebody else in between: is it the right kind? */
		present = created ? created : tc_clsact_query(rt, ifindex);
	}
	/* An ingress qdisc takes ingress filters as well, but "egress" ones as ingress, too! */
	if (present < 0 && (present != -EBUSY || egress)) {
		err = present;
		goto out;
	}
	err = tc_filter_replace(rt, ifindex, egress, prog_fd, name);
	if (err && created > 0)
		tc_clsact_delete(rt, ifindex);
out:
	nl_close(rt);
	return err;
}

int tc_detach(uint32_t ifindex, bool egress)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);
	struct nl_sock *rt;
	int err, present;

	err = nl_open(NETLINK_ROUTE, &rt);
	if (err)
		return err;
	present = tc_clsact_query(rt, ifindex);
	if (present == 1 || (present == -EBUSY && !egress))
		err = nl_talk(rt, tc_filter_request(buf, RTM_DELTFILTER, 0, ifindex, egress), NULL,
			      NULL, NULL, 0);
	else if (present != -EBUSY)
		err = present;
	nl_close(rt);
	return err == -ENOENT || err == -ENODEV ? 0 : err;
}

static int tc_count_cb(const struct nlmsghdr *nlh, void *data)
{
	if (nlh->nlmsg_type == RTM_NEWTFILTER)
		++*(unsigned int *)data;
	return MNL_CB_OK;
}

/* How many filters, of anybody, a hook has. */
static int tc_count_filters(struct nl_sock *rt, uint32_t ifindex, bool egress, unsigned int *n)
{
	NL_REQUEST(buf, TC_REQUEST_SIZE);

	return nl_talk(rt, tc_request(buf, RTM_GETTFILTER, NLM_F_DUMP, ifindex, tc_parent(egress)),
		       tc_count_cb, n, NULL, 0);
}

int tc_put_clsact(uint32_t ifindex, bool created_by_us)
{
	unsigned int n = 0;
	struct nl_sock *rt;
	int err;

	if (!created_by_us)
		return 0;
	err = nl_open(NETLINK_ROUTE, &rt);
	if (err)
		return err;
	err = tc_clsact_query(rt, ifindex);
	if (err != 1) /* gone, with its device perhaps, or no longer ours */
		goto out;
	err = tc_count_filters(rt, ifindex, false, &n);
	if (!err)
		err = tc_count_filters(rt, ifindex, true, &n);
	if (!err && !n)
		err = tc_clsact_delete(rt, ifindex);
out:
	nl_close(rt);
	return err == 0 || err == -EBUSY || err == -ENOENT || err == -ENODEV ? 0 : err;
}
