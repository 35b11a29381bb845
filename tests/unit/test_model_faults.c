// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command, with the data path refusing each of its calls in turn: the command fails with the
 * data path's code and a sentence, nothing was told, and the model and the fake agree with each
 * other and with what was before. Then the same with everything refused from that call on, where
 * the way back fails too: the model still tells the truth about the data path.
 */
#include "world.h"

struct command {
	const char *name;
	int (*run)(struct world *w);
	/* Calls that can be refused. */
	unsigned int calls;
	/* Refusals do not stop it. */
	bool unstoppable;
};

static int run_switch_add(struct world *w)
{
	struct conf_switch c = switch_conf("sw2", "eth2");

	return model_switch_add(w->m, &c, &w->err);
}

static int run_switch_del(struct world *w)
{
	return model_switch_del(w->m, "sw0", &w->err);
}

static int run_add_xsk(struct world *w)
{
	struct conf_vport c = vport_conf("n", "sw0", XKIND_XSK);

	vport_conf_mac(&c, "02:00:00:00:00:11");
	vport_conf_mac(&c, "02:00:00:00:00:12");
	vport_conf_mac(&c, "02:00:00:00:00:13");
	return model_vport_add(w->m, &c, NULL, &w->err);
}

static int run_add_veth(struct world *w)
{
	struct conf_vport c = vport_conf("n", "sw0", XKIND_VETH);

	return model_vport_add(w->m, &c, NULL, &w->err);
}

static int run_add_dev(struct world *w)
{
	struct conf_vport c = vport_conf("n", "sw0", XKIND_DEV);

	return model_vport_add(w->m, &c, NULL, &w->err);
}

static int run_vport_set(struct world *w)
{
	struct conf_vport c = { 0 };

	strcpy(c.name, "a");
	c.set = XBIT(XATTR_MTU) | XBIT(XATTR_ISOLATED) | XBIT(XATTR_ALIAS) | XBIT(XATTR_OWNER);
	c.mtu = 1300;
	c.isolated = true;
	c.owner = 77;
	strcpy(c.alias, "new");
	return model_vport_set(w->m, &c, &w->err);
}

static int run_vport_del(struct world *w)
{
	return model_vport_del(w->m, "a", &w->err);
}

static int run_filter_add(struct world *w)
{
	struct conf_filter c = { .vport = "b", .mac = mac_no(50) };

	return model_filter_add(w->m, &c, NULL, &w->err);
}

static int run_filter_del(struct world *w)
{
	return model_filter_del(w->m, 2, &w->err);
}

static int run_filter_move(struct world *w)
{
	return model_filter_move(w->m, 2, "b", &w->err);
}

static int run_move_all(struct world *w)
{
	return model_filter_move_all(w->m, "a", "b", NULL, &w->err);
}

static int run_guest_attach(struct world *w)
{
	struct dp_guest_req req = { 0 };
	struct dp_guest guest;

	return model_guest_attach(w->m, "a", &req, &guest, &w->err);
}

static int run_flush(struct world *w)
{
	model_flush(w->m);
	return 0;
}

static const struct command commands[] = {
	{ "switch add", run_switch_add, 2, false },
	{ "switch del", run_switch_del, 6, true },
	{ "vport add xsk", run_add_xsk, 4, false },
	{ "vport add veth", run_add_veth, 2, false },
	{ "vport add dev", run_add_dev, 1, false },
	{ "vport set", run_vport_set, 1, false },
	{ "vport del", run_vport_del, 4, false },
	{ "filter add", run_filter_add, 1, false },
	{ "filter del", run_filter_del, 1, false },
	{ "filter move", run_filter_move, 1, false },
	{ "filter move from", run_move_all, 4, false },
	{ "guest attach", run_guest_attach, 1, false },
	{ "flush", run_flush, 6, true },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* VPort a has filters 1, 2, 3 and 5 (moved there), b has 4, the default VPort has 6. */
static struct world *make_world(void)
{
	struct world *w = world_new();
	uint32_t i;

	add_switch(w, "sw0", "eth0");
	add_switch(w, "sw1", "eth1");
	add_xsk(w, "a", "sw0", NULL);
	add_xsk(w, "b", "sw0", NULL);
	for (i = 1; i <= 3; i++)
		add_filter(w, "a", mac_no(i));
	add_filter(w, "b", mac_no(4));
	add_filter(w, "b", mac_no(5));
	add_filter(w, "sw0/default", mac_no(6));
	assert_int_equal(model_filter_move(w->m, 5, "a", &w->err), 0);
	world_forget_events(w);
	memset(&w->err, 0, sizeof(w->err));
	return w;
}

static void check_refused(const struct command *c, unsigned int n)
{
	struct world *w = make_world();
	uint32_t generation = model_generation(w->m);
	char *before = world_snapshot(w), *after;
	int ret;

	w->dp.fail_at = w->dp.calls + n;
	ret = c->run(w);
	if (c->unstoppable) {
		assert_int_equal(ret, 0);
		world_check_agree(w);
		goto out;
	}
	if (ret != FAKE_DP_ERROR)
		fail_msg("%s, call %u refused: returned %d", c->name, n, ret);
	assert_int_equal(w->err.code, FAKE_DP_ERROR);
	assert_non_null(strstr(w->err.text, "the fake refuses"));
	assert_null(strstr(w->err.text, "lost"));
	assert_int_equal(w->dp.refused, 1);
	world_expect_events(w, "");
	assert_int_equal(model_generation(w->m), generation);
	world_check_agree(w);
	after = world_snapshot(w);
	assert_string_equal(before, after);
	free(after);
	/* Nothing stands in the way of trying again. */
	w->dp.fail_at = 0;
	assert_int_equal(c->run(w), 0);
	world_check_agree(w);
	if (c->run != run_guest_attach) {
		assert_string_not_equal(w->events, "");
		assert_int_not_equal(model_generation(w->m), generation);
	}
out:
	free(before);
	world_free(w);
}

static void test_each_call_refused(void **state)
{
	unsigned int i, n;

	(void)state;
	for (i = 0; i < N_COMMANDS; i++)
		for (n = 1; n <= commands[i].calls; n++)
			check_refused(&commands[i], n);
}

/* The table above is complete: each command makes exactly that many calls. */
static void test_call_counts(void **state)
{
	unsigned int i, before;

	(void)state;
	for (i = 0; i < N_COMMANDS; i++) {
		struct world *w = make_world();

		before = w->dp.calls;
		assert_int_equal(commands[i].run(w), 0);
		if (w->dp.calls - before != commands[i].calls)
			fail_msg("%s makes %u calls", commands[i].name, w->dp.calls - before);
		world_check_agree(w);
		world_free(w);
	}
}

static void test_all_refused_from_each_call(void **state)
{
	unsigned int i, n;

	(void)state;
	for (i = 0; i < N_COMMANDS; i++) {
		for (n = 1; n <= commands[i].calls; n++) {
			struct world *w = make_world();
			int ret;

			w->dp.fail_at = w->dp.calls + n;
			w->dp.fail_from = true;
			ret = commands[i].run(w);
			assert_int_equal(ret, commands[i].unstoppable ? 0 : FAKE_DP_ERROR);
			world_check_agree(w);
			world_free(w);
		}
	}
}

static void test_way_back_refused(void **state)
{
	struct world *w = make_world();
	uint32_t generation = model_generation(w->m);

	(void)state;
	w->dp.fail_at = w->dp.calls + 3;
	w->dp.fail_from = true;
	expect_error(w, run_vport_del(w), FAKE_DP_ERROR, XATTR_NONE,
		     "; 2 filters were lost because they could not be put back");
	world_expect_events(w, "filter del 1 a\nfilter del 2 a\n");
	assert_int_not_equal(model_generation(w->m), generation);
	world_check_agree(w);
	world_free(w);

	w = make_world();
	w->dp.fail_at = w->dp.calls + 3;
	w->dp.fail_from = true;
	expect_error(w, run_move_all(w), FAKE_DP_ERROR, XATTR_NONE, "; 2 filters stay moved");
	world_expect_events(w, "filter move 1 b\nfilter move 2 b\n");
	world_check_agree(w);
	world_free(w);
}

static void test_no_listener(void **state)
{
	const struct model_events none = { 0 };
	struct fake_dp dp;
	struct model *m;
	struct conf_switch c = switch_conf("sw0", "eth0");

	(void)state;
	fake_dp_init(&dp);
	m = model_new(&fake_dp_ops, &dp, &none, NULL);
	assert_int_equal(model_switch_add(m, &c, NULL), 0);
	assert_int_equal(model_switch_add(m, &c, NULL), -EEXIST);
	assert_int_equal(model_switch_del(m, "sw0", NULL), 0);
	model_free(m);
	model_free(NULL);
	m = model_new(&fake_dp_ops, &dp, NULL, NULL);
	assert_int_equal(model_switch_add(m, &c, NULL), 0);
	model_flush(m);
	assert_null(dp.switches);
	model_free(m);
	fake_dp_free(&dp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_counts),
		cmocka_unit_test(test_each_call_refused),
		cmocka_unit_test(test_all_refused_from_each_call),
		cmocka_unit_test(test_way_back_refused),
		cmocka_unit_test(test_no_listener),
	};

	return cmocka_run_group_tests_name("model faults", tests, NULL, NULL);
}
