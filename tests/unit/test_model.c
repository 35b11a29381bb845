// SPDX-License-Identifier: GPL-2.0-only
/* Switches: rules, limits; walks, statistics, changes of state. */
#include "world.h"

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	world_check_agree(w);
	world_free(w);
	return 0;
}

static int sw_add(struct world *w, const struct conf_switch *c)
{
	return model_switch_add(w->m, c, &w->err);
}

static int vp_add(struct world *w, const struct conf_vport *c)
{
	return model_vport_add(w->m, c, NULL, &w->err);
}

static struct info_vport vport_info(struct world *w, const char *name)
{
	struct info_vport info = { 0 };
	uint64_t cursor = 0;

	if (model_vport_next(w->m, name, 0, &cursor, &info, &w->err) != 1)
		fail_msg("%s: %s", name, w->err.text);
	return info;
}

static struct info_switch switch_info(struct world *w, const char *name)
{
	struct info_switch info = { 0 };
	uint64_t cursor = 0;

	if (model_switch_next(w->m, name, &cursor, &info, &w->err) != 1)
		fail_msg("%s: %s", name, w->err.text);
	return info;
}

static void test_switch_defaults(void **state)
{
	struct world *w = *state;
	struct info_switch sw;
	struct info_vport vp;

	add_switch(w, "sw0", "eth0");
	world_expect_events(w, "switch add sw0\nvport add sw0/default\n");
	sw = switch_info(w, "sw0");
	assert_string_equal(sw.uplink, "eth0");
	assert_int_equal(sw.max_vports, 1024);
	assert_int_equal(sw.max_vfs, 0);
	assert_int_equal(sw.pool, XPOOL_SHARED);
	assert_int_equal(sw.vports, 1);
	assert_int_equal(sw.state, XSTATE_UP);
	assert_int_equal(sw.ifindex, 7);
	assert_int_equal(sw.mode, XMODE_NATIVE);
	vp = vport_info(w, "default");
	assert_string_equal(vp.name, "sw0/default");
	assert_int_equal(vp.id, 0);
	assert_int_equal(vp.kind, XKIND_HOST);
	assert_int_equal(vp.path, XPATH_HOST);
	assert_false(vp.spoofcheck);
	assert_false(vp.has_owner);
	assert_int_equal(model_switch_del(w->m, "sw0", &w->err), 0);
	world_expect_events(w, "vport del sw0/default\nswitch del sw0\n");
	expect_error(w, model_switch_del(w->m, "sw0", &w->err), -ENOENT, XATTR_NAME, "sw0");
}

static void test_switch_refused(void **state)
{
	struct world *w = *state;
	struct conf_switch c;

	add_switch(w, "sw0", "eth0");
	c = switch_conf("sw0", "eth1");
	expect_error(w, sw_add(w, &c), -EEXIST, XATTR_NAME, "switch sw0 exists");
	c = switch_conf("sw1", "eth0");
	expect_error(w, sw_add(w, &c), -EBUSY, XATTR_UPLINK, "belongs to switch sw0");
	c = switch_conf("default", "eth1");
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_NAME, "switch name");
	c = switch_conf("a/b", "eth1");
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_NAME, "switch name");
	c = switch_conf("sw1", "");
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_UPLINK, "interface name");
	c = switch_conf("sw1", "eth1");
	c.set = XBIT(XATTR_MODE);
	c.mode = XMODE_COUNT;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_MODE, "mode");
	c.set = XBIT(XATTR_POOL);
	c.pool = XPOOL_COUNT;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_POOL, "pool");
	world_forget_events(w);
	assert_int_equal(w->dp.calls, 2);
}

static void test_switch_numbers(void **state)
{
	struct world *w = *state;
	struct conf_switch c = switch_conf("sw0", "eth0");

	c.set = XBIT(XATTR_MAX_VPORTS);
	c.max_vports = 0;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_MAX_VPORTS,
		     "max-vports 0 is out of range (1 to 4095)");
	c.max_vports = 4096;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_MAX_VPORTS, "max-vports 4096 is out of");
	c.set |= XBIT(XATTR_MAX_VFS);
	c.max_vports = 4095;
	c.max_vfs = 257;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_MAX_VFS,
		     "max-vfs 257 is out of range (0 to 256)");
	c.max_vports = c.max_vfs = 256;
	expect_error(w, sw_add(w, &c), -EINVAL, XATTR_MAX_VFS, "below max-vports 256");
	c.max_vports = 257;
	assert_int_equal(sw_add(w, &c), 0);
	c = switch_conf("sw1", "eth1");
	c.set = XBIT(XATTR_MAX_VPORTS);
	c.max_vports = 1;
	assert_int_equal(sw_add(w, &c), 0);
}

static void test_switches_max(void **state)
{
	struct world *w = *state;
	struct conf_switch c;
	char name[16], dev[16];
	unsigned int i;

	for (i = 0; i < XVSW_SWITCHES_MAX; i++) {
		snprintf(name, sizeof(name), "sw%u", i);
		snprintf(dev, sizeof(dev), "eth%u", i);
		add_switch(w, name, dev);
	}
	c = switch_conf("more", "more");
	expect_error(w, sw_add(w, &c), -ENOSPC, XATTR_NAME, "at most 64 switches");
	assert_int_equal(model_switch_del(w->m, "sw5", &w->err), 0);
	assert_int_equal(sw_add(w, &c), 0);
	model_flush(w->m);
	assert_null(w->dp.switches);
}

static void test_pool_shared(void **state)
{
	struct world *w = *state;
	struct conf_switch s = switch_conf("sw0", "eth0");
	struct conf_vport c = vport_conf("d", "sw0", XKIND_XSK);

	s.set = XBIT(XATTR_MAX_VPORTS) | XBIT(XATTR_MAX_VFS);
	s.max_vports = 4;
	s.max_vfs = 2;
	assert_int_equal(sw_add(w, &s), 0);
	add_xsk(w, "a", "sw0", NULL);
	add_xsk(w, "b", "sw0", NULL);
	add_xsk(w, "c", "sw0", NULL);
	expect_error(w, vp_add(w, &c), -ENOSPC, XATTR_SWITCH, "max-vports 4 - 1 default = 3");
	assert_int_equal(model_vport_del(w->m, "b", &w->err), 0);
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(switch_info(w, "sw0").vports, 4);
}

static void test_pool_reserved(void **state)
{
	struct world *w = *state;
	struct conf_switch s = switch_conf("sw0", "eth0");
	struct conf_vport c = vport_conf("b", "sw0", XKIND_XSK);

	s.set = XBIT(XATTR_MAX_VPORTS) | XBIT(XATTR_MAX_VFS) | XBIT(XATTR_POOL);
	s.max_vports = 4;
	s.max_vfs = 2;
	s.pool = XPOOL_RESERVED;
	assert_int_equal(sw_add(w, &s), 0);
	add_xsk(w, "a", "sw0", NULL);
	expect_error(w, vp_add(w, &c), -ENOSPC, XATTR_SWITCH,
		     "max-vports 4 - max-vfs 2 - 1 default = 1");
}

static void test_default_vport(void **state)
{
	struct world *w = *state;
	uint64_t cursor = 0;
	struct info_vport info;

	expect_error(w, model_vport_del(w->m, "default", &w->err), -ENOENT, XATTR_NAME, "default");
	add_switch(w, "sw0", "eth0");
	expect_error(w, model_vport_del(w->m, "default", &w->err), -EBUSY, XATTR_NAME,
		     "sw0/default");
	add_switch(w, "sw1", "eth1");
	expect_error(w, model_vport_del(w->m, "default", &w->err), -EINVAL, XATTR_NAME,
		     "default is ambiguous: name one as SWITCH/default");
	expect_error(w, model_vport_next(w->m, "default", 0, &cursor, &info, &w->err), -EINVAL,
		     XATTR_NAME, "ambiguous");
	assert_string_equal(vport_info(w, "sw1/default").sw, "sw1");
	assert_int_equal(model_switch_del(w->m, "sw0", &w->err), 0);
	assert_string_equal(vport_info(w, "default").name, "sw1/default");
}

static void test_walk_vports(void **state)
{
	struct world *w = *state;
	struct info_vport info;
	struct info_switch sw;
	uint64_t cursor = 0;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "b", "sw0", NULL);
	add_xsk(w, "a", "sw0", NULL);
	add_switch(w, "sw1", "eth1");
	assert_int_equal(model_vport_next(w->m, "", 0, &cursor, &info, &w->err), 1);
	assert_string_equal(info.name, "sw0/default");
	assert_int_equal(model_vport_next(w->m, NULL, 0, &cursor, &info, &w->err), 1);
	assert_string_equal(info.name, "b");
	/* The one told last goes, one comes: no repetition, no hole. */
	assert_int_equal(model_vport_del(w->m, "b", &w->err), 0);
	add_xsk(w, "z", "sw0", NULL);
	assert_int_equal(model_vport_next(w->m, NULL, 0, &cursor, &info, &w->err), 1);
	assert_string_equal(info.name, "a");
	assert_int_equal(model_vport_next(w->m, NULL, 0, &cursor, &info, &w->err), 1);
	assert_string_equal(info.name, "sw1/default");
	assert_int_equal(model_vport_next(w->m, NULL, 0, &cursor, &info, &w->err), 1);
	assert_string_equal(info.name, "z");
	assert_int_equal(model_vport_next(w->m, NULL, 0, &cursor, &info, &w->err), 0);

	cursor = 0;
	assert_int_equal(model_vport_next(w->m, "a", 0, &cursor, &info, &w->err), 1);
	assert_int_equal(model_vport_next(w->m, "a", 0, &cursor, &info, &w->err), 0);
	cursor = 0;
	expect_error(w, model_vport_next(w->m, "b", 0, &cursor, &info, &w->err), -ENOENT,
		     XATTR_NAME, "b");
	expect_error(w, model_switch_next(w->m, "x", &cursor, &sw, &w->err), -ENOENT, XATTR_NAME,
		     "x");
	assert_int_equal(model_switch_next(w->m, "sw1", &cursor, &sw, &w->err), 1);
	assert_int_equal(model_switch_next(w->m, "sw1", &cursor, &sw, &w->err), 0);
	cursor = 0;
	assert_int_equal(model_switch_next(w->m, NULL, &cursor, &sw, &w->err), 1);
	assert_string_equal(sw.name, "sw0");
	assert_int_equal(model_switch_del(w->m, "sw0", &w->err), 0);
	assert_int_equal(model_switch_next(w->m, NULL, &cursor, &sw, &w->err), 1);
	assert_string_equal(sw.name, "sw1");
	assert_int_equal(model_switch_next(w->m, NULL, &cursor, &sw, &w->err), 0);
}

static void test_stats(void **state)
{
	struct world *w = *state;
	struct info_vport info;
	uint64_t cursor = 0;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	assert_int_equal(model_vport_next(w->m, "a", XWANT_STATS, &cursor, &info, &w->err), 1);
	assert_true(info.has_stats);
	assert_int_equal(info.stats.rx_packets, 1001);
	assert_int_equal(info.stats.n_reasons, 1);
	cursor = 0;
	w->dp.fail_at = w->dp.calls + 1;
	expect_error(w, model_vport_next(w->m, "a", XWANT_REASONS, &cursor, &info, &w->err),
		     FAKE_DP_ERROR, XATTR_NONE, "refuses");
	assert_int_equal(cursor, 0);
}

static void test_state_events(void **state)
{
	struct world *w = *state;
	struct dp_switch *sw;
	struct dp_vport *vp;
	uint32_t generation;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	world_forget_events(w);
	generation = model_generation(w->m);
	vp = fake_dp_vport(&w->dp, "a");
	sw = fake_dp_switch(&w->dp, "sw0");

	model_dp_vport_changed(w->m, vp->cookie, &vp->info);
	vp->info.guest_mac = mac_no(9); /* not visible */
	model_dp_vport_changed(w->m, vp->cookie, &vp->info);
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	world_expect_events(w, "");
	assert_int_equal(model_generation(w->m), generation);

	vp->info.state = XSTATE_UP;
	vp->info.reason[0] = '\0';
	model_dp_vport_changed(w->m, vp->cookie, &vp->info);
	world_expect_events(w, "vport state a\n");
	assert_int_equal(vport_info(w, "a").state, XSTATE_UP);
	assert_int_not_equal(model_generation(w->m), generation);

	/* Each member by itself. */
	sw->info.state = XSTATE_DEGRADED;
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	sw->info.mode = XMODE_GENERIC;
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	sw->info.dispatcher = true;
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	strcpy(sw->info.reason, "generic mode");
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	world_expect_events(w, "switch state sw0\nswitch state sw0\nswitch state sw0\n"
			       "switch state sw0\n");
	sw->info.ifindex = 0;
	sw->info.state = XSTATE_DOWN;
	strcpy(sw->info.reason, "eth0 is gone");
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	world_expect_events(w, "switch state sw0\n");
	assert_int_equal(switch_info(w, "sw0").ifindex, 0);
}

static void test_uplink_takes_a_filters_mac(void **state)
{
	struct world *w = *state;
	struct dp_switch *sw;
	struct info_switch info;
	uint32_t id;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	id = add_filter(w, "a", mac_no(5));
	add_filter(w, "a", mac_no(6));
	world_forget_events(w);
	sw = fake_dp_switch(&w->dp, "sw0");
	sw->info.mac = mac_no(5);
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	world_expect_events(w, "switch state sw0\n");
	info = switch_info(w, "sw0");
	assert_int_equal(info.state, XSTATE_DEGRADED);
	assert_string_equal(info.reason,
			    "the uplink's own MAC 02:01:00:00:00:05 is also that of filter 1");
	/* The filter stays until somebody deletes it; then the warning goes too. */
	assert_int_equal(model_filter_del(w->m, id, &w->err), 0);
	world_expect_events(w, "filter del 1 a\nswitch state sw0\n");
	info = switch_info(w, "sw0");
	assert_int_equal(info.state, XSTATE_UP);
	assert_string_equal(info.reason, "");

	/* Appended to what the data path says; goes with the VPort as well. */
	sw->info.mac = mac_no(6);
	sw->info.state = XSTATE_DEGRADED;
	strcpy(sw->info.reason, "generic mode");
	model_dp_switch_changed(w->m, sw->cookie, &sw->info);
	info = switch_info(w, "sw0");
	assert_string_equal(info.reason, "generic mode; the uplink's own MAC 02:01:00:00:00:06 is "
					 "also that of filter 2");
	world_forget_events(w);
	assert_int_equal(model_vport_del(w->m, "a", &w->err), 0);
	world_expect_events(w, "filter del 2 a\nswitch state sw0\nvport del a\n");
	assert_string_equal(switch_info(w, "sw0").reason, "generic mode");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_switch_defaults),
		TEST(test_switch_refused),
		TEST(test_switch_numbers),
		TEST(test_switches_max),
		TEST(test_pool_shared),
		TEST(test_pool_reserved),
		TEST(test_default_vport),
		TEST(test_walk_vports),
		TEST(test_stats),
		TEST(test_state_events),
		TEST(test_uplink_takes_a_filters_mac),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
