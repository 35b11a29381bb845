/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the cases; needs root. */
#include "world.h"

#include <bpf/libbpf.h>

/* libbpf's own complaints about what tc_prog_at() does not find. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_genl_lookup),
		WORLD_TEST(test_kernel_text),
		WORLD_TEST(test_callback_error),
		WORLD_TEST(test_veth),
		WORLD_TEST(test_veth_errors),
		WORLD_TEST(test_veth_same_namespace),
		WORLD_TEST(test_link_get_errors),
		WORLD_TEST(test_link_set),
		WORLD_TEST(test_no_ipv6),
		WORLD_TEST(test_xdp_shown),
		WORLD_TEST(test_fdb),
		WORLD_TEST(test_dump),
		WORLD_TEST(test_monitor),
		WORLD_TEST(test_monitor_bridge_port),
		WORLD_TEST(test_monitor_overrun),
		WORLD_TEST(test_feature),
		WORLD_TEST(test_feature_errors),
		WORLD_TEST(test_features),
		WORLD_TEST(test_xdp_features),
		WORLD_TEST(test_netns_pinned),
		WORLD_TEST(test_netns_errors),
		WORLD_TEST(test_tc),
		WORLD_TEST(test_tc_foreign_filter),
		WORLD_TEST(test_tc_errors),
		WORLD_TEST(test_tc_ingress_qdisc),
	};

	libbpf_set_print(quiet);
	return cmocka_run_group_tests_name("links", tests, world_group_setup, NULL);
}
