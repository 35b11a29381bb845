// SPDX-License-Identifier: GPL-2.0-only
/* Receive filters: rules, limits, moves, walks, and that many of them are quick. */
#include <time.h>

#include "switch/model_int.h"
#include "world.h"

#define MANY 60000

static int setup(void **state)
{
	struct world *w = world_new();

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	add_xsk(w, "b", "sw0", NULL);
	world_forget_events(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	world_check_agree(w);
	world_free(w);
	return 0;
}

static int try_add(struct world *w, const char *vport, struct xmac mac, int vlan)
{
	struct conf_filter c = { .mac = mac };

	snprintf(c.vport, sizeof(c.vport), "%s", vport);
	if (vlan >= 0) {
		c.set = XBIT(XATTR_VLAN);
		c.vlan = (uint16_t)vlan;
	}
	return model_filter_add(w->m, &c, NULL, &w->err);
}

static int move_all(struct world *w, const char *from, const char *to, uint32_t *count)
{
	return model_filter_move_all(w->m, from, to, count, &w->err);
}

/* The ids that a walk shows, as "1 2 3 ". */
static const char *ids(struct world *w, const char *vport)
{
	static char text[4096];
	struct info_filter f;
	uint64_t cursor = 0;
	size_t len = 0;

	text[0] = '\0';
	while (model_filter_next(w->m, vport, &cursor, &f, &w->err) > 0)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ", f.id);
	return text;
}

static void test_add_refused(void **state)
{
	struct world *w = *state;

	expect_error(w, try_add(w, "x", mac_no(1), -1), -ENOENT, XATTR_VPORT, "\"x\"");
	expect_error(w, try_add(w, "a", mac_of("33:33:00:00:00:01"), -1), -EINVAL, XATTR_MAC,
		     "mac 33:33:00:00:00:01 is a multicast address");
	expect_error(w, try_add(w, "a", mac_of("ff:ff:ff:ff:ff:ff"), -1), -EINVAL, XATTR_MAC,
		     "multicast");
	expect_error(w, try_add(w, "a", (struct xmac){ 0 }, -1), -EINVAL, XATTR_MAC, "all zeros");
	expect_error(w, try_add(w, "a", w->dp.uplink_mac, -1), -EINVAL, XATTR_MAC, "uplink eth0");
	expect_error(w, try_add(w, "default", w->dp.uplink_mac, 7), -EINVAL, XATTR_MAC, "uplink");
	expect_error(w, try_add(w, "a", mac_no(1), 4095), -EINVAL, XATTR_VLAN,
		     "vlan 4095 is out of range (0 to 4094)");
	expect_error(w, try_add(w, "a", mac_no(1), 65535), -EINVAL, XATTR_VLAN, "out of range");
	expect_error(w, try_add(w, "a", mac_no(1), 4094), -EINVAL, XATTR_VLAN,
		     "vlan 4094 is not possible on VPort a, which is untagged");
	world_expect_events(w, "");
	assert_string_equal(ids(w, NULL), "");
	/* None of these used up an id. */
	assert_int_equal(add_filter(w, "a", mac_no(1)), 1);
}

static void test_exists(void **state)
{
	struct world *w = *state;

	add_filter(w, "a", mac_no(1));
	expect_error(w, try_add(w, "b", mac_no(1), -1), -EEXIST, XATTR_MAC,
		     "mac 02:01:00:00:00:01 vlan 0 is filter 1 of VPort a");
	expect_error(w, try_add(w, "a", mac_no(1), 0), -EEXIST, XATTR_MAC, "of VPort a");
	/* On another VLAN (of the host), or another switch, it is another filter. */
	assert_int_equal(try_add(w, "default", mac_no(1), 1), 0);
	assert_int_equal(try_add(w, "default", mac_no(1), 4094), 0);
	add_switch(w, "sw1", "eth1");
	assert_int_equal(try_add(w, "sw1/default", mac_no(1), -1), 0);
}

static void test_ids_never_return(void **state)
{
	struct world *w = *state;

	assert_int_equal(add_filter(w, "a", mac_no(1)), 1);
	assert_int_equal(add_filter(w, "b", mac_no(2)), 2);
	assert_int_equal(model_filter_del(w->m, 2, &w->err), 0);
	assert_int_equal(add_filter(w, "b", mac_no(2)), 3);
	w->dp.fail_at = w->dp.calls + 1;
	expect_error(w, try_add(w, "b", mac_no(4), -1), FAKE_DP_ERROR, XATTR_NONE, "refuses");
	assert_int_equal(add_filter(w, "b", mac_no(4)), 5);
	expect_error(w, model_filter_del(w->m, 4, &w->err), -ENOENT, XATTR_ID, "4");
	expect_error(w, model_filter_del(w->m, 0, &w->err), -ENOENT, XATTR_ID, "0");
	assert_string_equal(ids(w, NULL), "1 3 5 ");
}

/* Four thousand million filters later: refused rather than begun anew. */
static void test_ids_used_up(void **state)
{
	struct world *w = *state;
	struct info_filter f;
	uint64_t cursor = UINT32_MAX - 5;

	w->m->last_filter_id = UINT32_MAX - 1;
	assert_int_equal(add_filter(w, "a", mac_no(1)), UINT32_MAX);
	expect_error(w, try_add(w, "a", mac_no(2), -1), -ENOSPC, XATTR_NONE, "used up");
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 1);
	assert_int_equal(f.id, UINT32_MAX);
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 0);
}

static void test_move(void **state)
{
	struct world *w = *state;
	unsigned int calls;

	add_filter(w, "a", mac_no(1));
	add_filter(w, "b", mac_no(2));
	add_filter(w, "b", mac_no(3));
	world_forget_events(w);
	calls = w->dp.calls;
	assert_int_equal(model_filter_move(w->m, 2, "a", &w->err), 0);
	assert_int_equal(w->dp.calls, calls + 1); /* one store */
	world_expect_events(w, "filter move 2 a\n");
	assert_int_equal(model_filter_move(w->m, 2, "a", &w->err), 0);
	assert_int_equal(w->dp.calls, calls + 1);
	world_expect_events(w, "");
	assert_int_equal(model_filter_move(w->m, 1, "b", &w->err), 0);
	assert_int_equal(model_filter_move(w->m, 3, "default", &w->err), 0);
	world_expect_events(w, "filter move 1 b\nfilter move 3 sw0/default\n");
	expect_error(w, model_filter_move(w->m, 9, "a", &w->err), -ENOENT, XATTR_ID, "9");
	expect_error(w, model_filter_move(w->m, 1, "x", &w->err), -ENOENT, XATTR_VPORT, "x");
	assert_string_equal(ids(w, "a"), "2 ");
	assert_string_equal(ids(w, "b"), "1 ");
	assert_string_equal(ids(w, "default"), "3 ");
}

static void test_move_refused(void **state)
{
	struct world *w = *state;

	add_filter(w, "a", mac_no(1));
	assert_int_equal(try_add(w, "default", mac_no(2), 5), 0);
	add_switch(w, "sw1", "eth1");
	add_xsk(w, "c", "sw1", NULL);
	world_forget_events(w);
	expect_error(w, model_filter_move(w->m, 1, "c", &w->err), -EINVAL, XATTR_VPORT,
		     "VPort c is on switch sw1, the filter on switch sw0");
	expect_error(w, move_all(w, "a", "c", NULL), -EINVAL, XATTR_VPORT, "switch sw1");
	expect_error(w, move_all(w, "x", "c", NULL), -ENOENT, XATTR_FROM, "x");
	expect_error(w, move_all(w, "a", "x", NULL), -ENOENT, XATTR_VPORT, "x");
	expect_error(w, model_filter_move(w->m, 2, "a", &w->err), -EINVAL, XATTR_VLAN,
		     "vlan 5 is not possible on VPort a");
	/* All are looked at before the first is moved. */
	add_filter(w, "sw0/default", mac_no(3));
	world_forget_events(w);
	expect_error(w, move_all(w, "sw0/default", "a", NULL), -EINVAL, XATTR_VLAN, "vlan 5");
	world_expect_events(w, "");
}

static void test_move_all(void **state)
{
	struct world *w = *state;
	uint32_t i, count = 99;

	for (i = 1; i <= 6; i++)
		add_filter(w, i % 2 ? "a" : "b", mac_no(i));
	world_forget_events(w);
	assert_int_equal(move_all(w, "a", "b", &count), 0);
	assert_int_equal(count, 3);
	world_expect_events(w, "filter move 1 b\nfilter move 3 b\nfilter move 5 b\n");
	/* In order of creation, also after moves. */
	assert_string_equal(ids(w, "b"), "1 2 3 4 5 6 ");
	assert_string_equal(ids(w, "a"), "");
	assert_int_equal(move_all(w, "a", "b", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(move_all(w, "b", "b", &count), 0);
	assert_int_equal(count, 0);
	world_expect_events(w, "");
	assert_int_equal(move_all(w, "b", "default", NULL), 0);
	assert_string_equal(ids(w, "sw0/default"), "1 2 3 4 5 6 ");
}

static void test_walk_while_changing(void **state)
{
	struct world *w = *state;
	struct info_filter f;
	uint64_t cursor = 0, b_cursor = 0;
	uint32_t i;

	for (i = 1; i <= 6; i++)
		add_filter(w, "a", mac_no(i));
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 1);
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 2);
	/* The one told last and its neighbours go. */
	for (i = 1; i <= 3; i++)
		assert_int_equal(model_filter_del(w->m, i, &w->err), 0);
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 4);

	/* In a walk of one VPort, the one told last moves away. */
	assert_int_equal(model_filter_next(w->m, "a", &b_cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 4);
	assert_int_equal(model_filter_move(w->m, 4, "b", &w->err), 0);
	assert_int_equal(model_filter_next(w->m, "a", &b_cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 5);
	/* The same with one before it that stays. */
	assert_int_equal(model_filter_move(w->m, 4, "a", &w->err), 0);
	assert_int_equal(model_filter_move(w->m, 5, "b", &w->err), 0);
	assert_int_equal(model_filter_next(w->m, "a", &b_cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 6);
	assert_int_equal(model_filter_move(w->m, 5, "a", &w->err), 0);
	b_cursor = 4;
	/* The VPort itself goes: the end. */
	assert_int_equal(model_vport_del(w->m, "a", &w->err), 0);
	assert_int_equal(model_filter_next(w->m, "a", &b_cursor, &f, &w->err), 0);
	b_cursor = 0;
	expect_error(w, model_filter_next(w->m, "a", &b_cursor, &f, &w->err), -ENOENT, XATTR_VPORT,
		     "a");
	add_filter(w, "b", mac_no(7));
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 7);
	assert_string_equal(f.sw, "sw0");
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 0);
	cursor = UINT64_MAX;
	assert_int_equal(model_filter_next(w->m, NULL, &cursor, &f, &w->err), 0);
}

static void test_limit(void **state)
{
	struct world *w = *state;
	struct conf_vport c = vport_conf("c", "sw0", XKIND_XSK);
	uint32_t i;

	w->quiet = true;
	for (i = 1; i <= XVSW_FILTERS_MAX - 1; i++)
		add_filter(w, i % 2 ? "a" : "b", mac_no(i));
	vport_conf_mac(&c, "02:00:00:00:00:01");
	vport_conf_mac(&c, "02:00:00:00:00:02");
	expect_error(w, model_vport_add(w->m, &c, NULL, &w->err), -ENOSPC, XATTR_MAC,
		     "at most 65536 filters");
	add_filter(w, "a", mac_no(i));
	expect_error(w, try_add(w, "a", mac_no(i + 1), -1), -ENOSPC, XATTR_MAC,
		     "switch sw0 is full: a switch has at most 65536 filters");
	/* The limit is the switch's. */
	add_switch(w, "sw1", "eth1");
	assert_int_equal(try_add(w, "sw1/default", mac_no(1), -1), 0);
	assert_int_equal(model_filter_del(w->m, 1, &w->err), 0);
	add_filter(w, "a", mac_no(i + 1));
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_many_are_quick(void **state)
{
	struct world *w = *state;
	struct info_filter f;
	double start = now_s();
	uint64_t cursor = 0, all = 0;
	uint32_t i, n = 0;

	w->quiet = true;
	for (i = 1; i <= MANY; i++)
		add_filter(w, "a", mac_no(i));
	while (model_filter_next(w->m, "a", &cursor, &f, &w->err) > 0)
		assert_int_equal(f.id, ++n);
	assert_int_equal(n, MANY);
	/* Each deleted as soon as it is told. */
	for (n = 0; model_filter_next(w->m, NULL, &all, &f, &w->err) > 0; n++) {
		if (n % 2)
			assert_int_equal(model_filter_del(w->m, f.id, &w->err), 0);
		else
			assert_int_equal(model_filter_move(w->m, f.id, "b", &w->err), 0);
	}
	assert_int_equal(n, MANY);
	/* Back in the worst order, with a look at the list in between now and then. */
	for (i = MANY; i > 0; i--)
		if (i % 2)
			assert_int_equal(model_filter_move(w->m, i, "a", &w->err), 0);
	cursor = 0;
	assert_int_equal(model_filter_next(w->m, "a", &cursor, &f, &w->err), 1);
	assert_int_equal(f.id, 1);
	assert_true(now_s() - start < 2.0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_add_refused),
		TEST(test_exists),
		TEST(test_ids_never_return),
		TEST(test_ids_used_up),
		TEST(test_move),
		TEST(test_move_refused),
		TEST(test_move_all),
		TEST(test_walk_while_changing),
		TEST(test_limit),
		TEST(test_many_are_quick),
	};

	return cmocka_run_group_tests_name("model filters", tests, NULL, NULL);
}
