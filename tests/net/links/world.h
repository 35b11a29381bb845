/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel-configuration utilities of user/datapath against the real kernel, as root, in a
 * network and a mount namespace of the test's own: nothing of the host is touched.
 *
 *   home namespace                     far namespace
 *   veth "near" ───────────────────────── "far"
 */
#ifndef XVSW_TESTS_NET_LINKS_WORLD_H
#define XVSW_TESTS_NET_LINKS_WORLD_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <linux/ethtool.h>

#include "datapath/link.h"
#include "datapath/nl.h"

/* Of "far". */
extern const struct xmac far_mac;

/* One test's world: made before it, gone after it. */
struct world {
	struct nl_sock *rt, *genl;
	int far_fd; /* namespace */
	struct nl_sock *far_rt, *far_genl;
	struct link_info near, far;
};

int world_group_setup(void **state);
int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

/* Helpers that do not use what is tested. */

/* A program that does nothing but return @verdict. */
int load_prog(enum bpf_prog_type type, int verdict);
uint32_t prog_id(int fd);
/* Queues of an interface in the current namespace, by the old ioctl. */
struct ethtool_channels channels(const char *name);
double now_us(void);

/* The cases. */
void test_genl_lookup(void **state);
void test_kernel_text(void **state);
void test_callback_error(void **state);
void test_veth(void **state);
void test_veth_errors(void **state);
void test_veth_same_namespace(void **state);
void test_link_get_errors(void **state);
void test_link_set(void **state);
void test_no_ipv6(void **state);
void test_xdp_shown(void **state);
void test_fdb(void **state);
void test_dump(void **state);
void test_monitor(void **state);
void test_monitor_bridge_port(void **state);
void test_monitor_overrun(void **state);
void test_feature(void **state);
void test_feature_errors(void **state);
void test_features(void **state);
void test_xdp_features(void **state);
void test_netns_pinned(void **state);
void test_netns_errors(void **state);
void test_tc(void **state);
void test_tc_foreign_filter(void **state);
void test_tc_errors(void **state);
void test_tc_ingress_qdisc(void **state);

#endif
