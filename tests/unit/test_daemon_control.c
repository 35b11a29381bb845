// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket's handlers over real netlink sockets: one request, one step of the loop, one
 * answer. Needs root, because only root's requests reach a handler.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "daemon_ask.h"
#include "proto_fake.h"
#include "world.h"

#define FILTERS 5000

static void expect_refused(struct control_world *cw, struct proto_req *req, int code, uint16_t attr,
			   const char *text)
{
	int r = control_world_ask(cw, req);

	if (r != code || strcmp(cw->end.text, text))
		fail_msg("answer %d \"%s\", expected %d \"%s\"", r, cw->end.text, code, text);
	assert_int_equal(cw->data_len, 0);
	assert_int_equal(control_world_attr(cw, req), attr);
}

/* ---- short ways to make requests ---- */

static struct proto_req vport_add_req(const char *name, enum xkind kind)
{
	struct proto_req req = { .cmd = PROTO_VPORT_ADD, .vport = vport_conf(name, "s0", kind) };

	if (req.vport.dev[0])
		req.vport.set |= XBIT(XATTR_DEV);
	return req;
}

static struct proto_req filter_add_req(const char *vport, uint32_t mac_number)
{
	struct proto_req req = { .cmd = PROTO_FILTER_ADD, .filter.mac = mac_no(mac_number) };

	snprintf(req.filter.vport, sizeof(req.filter.vport), "%s", vport);
	return req;
}

static struct proto_req name_req(enum proto_cmd cmd, const char *name)
{
	struct proto_req req = { .cmd = cmd, .args.set = XBIT(XATTR_NAME) };

	snprintf(req.args.name, sizeof(req.args.name), "%s", name);
	return req;
}

static struct proto_req move_req(const char *from, const char *to)
{
	struct proto_req req = { .cmd = PROTO_FILTER_MOVE,
				 .args.set = XBIT(XATTR_VPORT) | XBIT(XATTR_FROM) };

	snprintf(req.args.from, sizeof(req.args.from), "%s", from);
	snprintf(req.args.vport, sizeof(req.args.vport), "%s", to);
	return req;
}

static void must(struct control_world *cw, struct proto_req req)
{
	if (control_world_ask(cw, &req))
		fail_msg("command %#x: %s", req.cmd, cw->end.text);
}

/* ---- tests ---- */

static void test_hello(void **state)
{
	struct proto_req req = { .cmd = PROTO_HELLO };
	struct control_world *cw = *state;
	struct proto_data *d;
	char text[80];

	NEED_ROOT();
	assert_int_equal(control_world_ask(cw, &req), 0);
	d = control_world_data(cw);
	assert_int_equal(d->type, PROTO_HELLO);
	assert_int_equal(d->value.set, XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL));
	assert_string_equal(d->value.version, XVSW_VERSION);
	assert_int_equal(d->value.protocol, PROTO_VERSION);
	req.args.set = XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL);
	strcpy(req.args.version, "99.0");
	req.args.protocol = PROTO_VERSION;
	assert_int_equal(control_world_ask(cw, &req), 0);
	req.args.protocol = PROTO_VERSION + 1;
	snprintf(text, sizeof(text), "protocol version %u is not spoken by this xvswd (%u)",
		 PROTO_VERSION + 1, PROTO_VERSION);
	expect_refused(cw, &req, -EPROTONOSUPPORT, XATTR_PROTOCOL, text);
	req.args.protocol = 0;
	assert_int_equal(control_world_ask(cw, &req), -EPROTONOSUPPORT);
}

/* Each command that changes something, and what the data path has afterwards. */
static void test_commands(void **state)
{
	struct control_world *cw = *state;
	struct proto_req req;
	struct fake_dp *dp;
	uint32_t id;

	NEED_ROOT();
	dp = &cw->w->dp;
	req = (struct proto_req){ .cmd = PROTO_SWITCH_ADD, .sw = switch_conf("s1", "eth1") };
	assert_int_equal(control_world_ask(cw, &req), 0);
	assert_int_equal(cw->data_len, 0);
	assert_non_null(fake_dp_switch(dp, "s1"));
	req = vport_add_req("web", XKIND_XSK);
	assert_int_equal(control_world_ask(cw, &req), 0);
	assert_int_equal(control_world_data(cw)->value.id, fake_dp_vport(dp, "web")->conf.id);
	close(dguest_attached(cw->w, "web"));
	dworld_settle(cw->w);
	must(cw, vport_add_req("box", XKIND_DEV));
	assert_int_equal(access(dworld_path(cw->w, "box"), F_OK), -1);
	must(cw, filter_add_req("web", 1));
	id = control_world_data(cw)->value.id;
	must(cw, filter_add_req("web", 2));
	assert_int_equal(control_world_data(cw)->value.id, id + 1);
	must(cw, filter_add_req("web", 3));

	req = (struct proto_req){ .cmd = PROTO_FILTER_MOVE, .args.vport = "box", .args.id = id };
	req.args.set = XBIT(XATTR_VPORT) | XBIT(XATTR_ID);
	assert_int_equal(control_world_ask(cw, &req), 0);
	assert_int_equal(control_world_data(cw)->value.count, 1);
	assert_int_equal(fake_dp_vport(dp, "box")->n_filters, 1);
	must(cw, move_req("web", "box"));
	assert_int_equal(control_world_data(cw)->value.count, 2);
	assert_int_equal(fake_dp_vport(dp, "box")->n_filters, 3);
	req = (struct proto_req){ .cmd = PROTO_FILTER_DEL, .args = { XBIT(XATTR_ID), .id = id } };
	assert_int_equal(control_world_ask(cw, &req), 0);
	assert_int_equal(fake_dp_vport(dp, "box")->n_filters, 2);

	req = (struct proto_req){ .cmd = PROTO_VPORT_SET, .vport = { .name = "web", .mtu = 1400 } };
	req.vport.set = XBIT(XATTR_MTU);
	assert_int_equal(control_world_ask(cw, &req), 0);
	assert_int_equal(fake_dp_vport(dp, "web")->conf.mtu, 1400);
	must(cw, name_req(PROTO_VPORT_DEL, "web"));
	assert_null(fake_dp_vport(dp, "web"));
	assert_int_equal(access(dworld_path(cw->w, "web"), F_OK), -1);
	must(cw, name_req(PROTO_SWITCH_DEL, "s1"));
	assert_null(fake_dp_switch(dp, "s1"));
}

/* What the model says to a request of this kind when asked directly. */
static int ask_model(struct dworld *w, const struct proto_req *req, struct err *err)
{
	struct model *m = w->m;

	switch ((int)req->cmd) {
	case PROTO_SWITCH_ADD:
		return model_switch_add(m, &req->sw, err);
	case PROTO_SWITCH_DEL:
		return model_switch_del(m, req->args.name, err);
	case PROTO_VPORT_ADD:
		return model_vport_add(m, &req->vport, NULL, err);
	case PROTO_VPORT_SET:
		return model_vport_set(m, &req->vport, err);
	case PROTO_VPORT_DEL:
		return model_vport_del(m, req->args.name, err);
	case PROTO_FILTER_ADD:
		return model_filter_add(m, &req->filter, NULL, err);
	case PROTO_FILTER_DEL:
		return model_filter_del(m, req->args.id, err);
	case PROTO_FILTER_MOVE:
		return model_filter_move_all(m, req->args.from, req->args.vport, NULL, err);
	default:
		fail_msg("command %#x", req->cmd);
	}
	return 0;
}

static void same_as_model(struct control_world *cw, struct proto_req req, int code)
{
	struct err err = { 0 };

	assert_int_equal(ask_model(cw->w, &req, &err), code);
	assert_true(strlen(err.text) > 10);
	expect_refused(cw, &req, code, err.attr, err.text);
}

static void test_errors_are_the_models(void **state)
{
	struct control_world *cw = *state;
	struct proto_req req;
	char *before, *after;

	NEED_ROOT();
	must(cw, vport_add_req("web", XKIND_XSK));
	must(cw, filter_add_req("web", 1));
	before = world_snapshot(&(struct world){ .m = cw->w->m });
	req = (struct proto_req){ .cmd = PROTO_SWITCH_ADD, .sw = switch_conf("s0", "eth1") };
	same_as_model(cw, req, -EEXIST);
	same_as_model(cw, name_req(PROTO_SWITCH_DEL, "nope"), -ENOENT);
	same_as_model(cw, vport_add_req("web", XKIND_XSK), -EEXIST);
	req = vport_add_req("w2", XKIND_XSK);
	req.vport.set = XBIT(XATTR_MTU);
	req.vport.mtu = 5;
	same_as_model(cw, req, -EINVAL);
	req.cmd = PROTO_VPORT_SET;
	same_as_model(cw, req, -ENOENT);
	same_as_model(cw, name_req(PROTO_VPORT_DEL, "nope"), -ENOENT);
	same_as_model(cw, name_req(PROTO_VPORT_DEL, "s0/default"), -EBUSY);
	same_as_model(cw, filter_add_req("nope", 1), -ENOENT);
	same_as_model(cw, filter_add_req("web", 1), -EEXIST);
	req = filter_add_req("web", 2);
	req.filter.mac.b[0] |= 1;
	same_as_model(cw, req, -EINVAL);
	req = (struct proto_req){ .cmd = PROTO_FILTER_DEL, .args = { XBIT(XATTR_ID), .id = 77 } };
	same_as_model(cw, req, -ENOENT);
	same_as_model(cw, move_req("nope", "web"), -ENOENT);
	same_as_model(cw, move_req("web", "nope"), -ENOENT);
	after = world_snapshot(&(struct world){ .m = cw->w->m });
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void test_move_of_what(void **state)
{
	static const char text[] = "a move is of one filter by id or of all from one vport";
	struct control_world *cw = *state;
	struct proto_req req;

	NEED_ROOT();
	must(cw, vport_add_req("web", XKIND_XSK));
	must(cw, filter_add_req("web", 1));
	req = move_req("web", "s0/default");
	req.args.set |= XBIT(XATTR_ID);
	req.args.id = 1;
	expect_refused(cw, &req, -EINVAL, XATTR_FROM, text);
	req.args.set = XBIT(XATTR_VPORT);
	expect_refused(cw, &req, -EINVAL, 0, text);
	assert_int_equal(fake_dp_vport(&cw->w->dp, "web")->n_filters, 1);
}

/* ---- lists ---- */

struct listed {
	unsigned int pages, n;
	uint32_t last_id;
	uint32_t generation;
};

/* Takes one page; the cursor goes to *req. Returns true when there is another. */
static bool take_page(struct control_world *cw, struct proto_req *req, struct listed *l)
{
	const struct nlmsghdr *nlh = (const void *)cw->buf;
	struct proto_data data;
	int left;

	assert_int_equal(control_world_ask(cw, req), 0);
	assert_true(cw->end.list);
	assert_int_equal(cw->end.generation, model_generation(cw->w->m));
	left = (int)cw->data_len;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		assert_int_equal(proto_decode_data(nlh, &data), 0);
		assert_int_equal(data.type, req->cmd);
		l->n++;
		if (req->cmd != PROTO_FILTER_SHOW)
			continue;
		assert_true(data.filter.id > l->last_id);
		l->last_id = data.filter.id;
	}
	l->pages++;
	if (!cw->end.more)
		return false;
	/* A page that another follows was full, so the list ends. */
	assert_true(cw->data_len > PROTO_PAGE_BYTES / 2);
	req->args.set |= XBIT(XATTR_CURSOR);
	req->args.cursor = cw->end.cursor;
	return true;
}

static struct listed list(struct control_world *cw, struct proto_req req)
{
	struct listed l = { 0 };

	while (take_page(cw, &req, &l))
		assert_true(l.pages < FILTERS);
	return l;
}

static struct proto_req filter_show_req(const char *vport)
{
	struct proto_req req = { .cmd = PROTO_FILTER_SHOW, .args.set = XBIT(XATTR_VPORT) };

	snprintf(req.args.vport, sizeof(req.args.vport), "%s", vport);
	return req;
}

static void test_thousands_of_filters(void **state)
{
	struct proto_req all = { .cmd = PROTO_FILTER_SHOW }, req, bad;
	struct control_world *cw = *state;
	struct listed l = { 0 };
	uint32_t generation;

	NEED_ROOT();
	must(cw, vport_add_req("a", XKIND_XSK));
	must(cw, vport_add_req("b", XKIND_XSK));
	assert_int_equal(list(cw, all).n, 0);
	for (uint32_t i = 1; i <= FILTERS; i++)
		assert_int_equal(dworld_filter(cw->w, i % 5 ? "a" : "b", i), i);
	l = list(cw, all);
	assert_int_equal(l.n, FILTERS);
	assert_int_equal(l.last_id, FILTERS);
	assert_in_range(l.pages, 10, 200);
	assert_int_equal(list(cw, filter_show_req("a")).n, FILTERS / 5 * 4);
	assert_int_equal(list(cw, filter_show_req("b")).n, FILTERS / 5);
	assert_int_equal(list(cw, filter_show_req("s0/default")).n, 0);
	bad = filter_show_req("nope");
	expect_refused(cw, &bad, -ENOENT, XATTR_VPORT, "no VPort named \"nope\"");

	/* Deleted between two pages, right where the next begins: the rest comes, and the change
	 * is seen. */
	req = all;
	l = (struct listed){ 0 };
	assert_true(take_page(cw, &req, &l));
	generation = cw->end.generation;
	assert_int_equal(model_filter_del(cw->w->m, l.last_id, &cw->w->err), 0);
	assert_int_equal(model_filter_del(cw->w->m, l.last_id + 1, &cw->w->err), 0);
	while (take_page(cw, &req, &l))
		;
	assert_int_equal(l.n, FILTERS - 1);
	assert_int_not_equal(cw->end.generation, generation);
}

static void test_lists_of_vports(void **state)
{
	struct proto_req req = { .cmd = PROTO_VPORT_SHOW };
	struct control_world *cw = *state;
	struct proto_data *d;
	char name[16];
	struct listed l;

	NEED_ROOT();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		must(cw, vport_add_req(name, XKIND_XSK));
	}
	l = list(cw, req);
	assert_int_equal(l.n, 301);
	assert_true(l.pages > 3);
	req.args.set = XBIT(XATTR_WANT);
	req.args.want = XWANT_STATS | XWANT_REASONS;
	assert_int_equal(list(cw, req).n, 301);
	req = name_req(PROTO_VPORT_SHOW, "g7");
	assert_int_equal(control_world_ask(cw, &req), 0);
	d = control_world_data(cw);
	assert_string_equal(d->vport.name, "g7");
	assert_false(d->vport.has_stats);
	req.args.set |= XBIT(XATTR_WANT);
	req.args.want = XWANT_STATS;
	assert_int_equal(control_world_ask(cw, &req), 0);
	d = control_world_data(cw);
	assert_true(d->vport.has_stats);
	assert_int_equal(d->vport.stats.rx_packets, 1000 + d->vport.id);
	cw->w->dp.fail_at = cw->w->dp.calls + 1;
	expect_refused(cw, &req, FAKE_DP_ERROR, 0, "the fake refuses fake_stats");
	req = name_req(PROTO_VPORT_SHOW, "nope");
	expect_refused(cw, &req, -ENOENT, XATTR_NAME, "no VPort named \"nope\"");
	req = (struct proto_req){ .cmd = PROTO_SWITCH_SHOW };
	assert_int_equal(list(cw, req).n, 1);
}

/* ---- all or nothing ---- */

static void check_nothing_is_left(struct control_world *cw, const char *before)
{
	char *after = world_snapshot(&(struct world){ .m = cw->w->m });
	struct fake_dp *dp = &cw->w->dp;

	assert_string_equal(after, before);
	free(after);
	assert_null(fake_dp_vport(dp, "web"));
	assert_null(dp->filters);
}

static void test_no_broker_socket(void **state)
{
	struct proto_req req = vport_add_req("web", XKIND_XSK);
	struct control_world *cw = *state;
	char *before;

	NEED_ROOT();
	vport_conf_mac(&req.vport, "02:00:00:00:00:11");
	vport_conf_mac(&req.vport, "02:00:00:00:00:12");
	before = world_snapshot(&(struct world){ .m = cw->w->m });
	assert_int_equal(mkdir(dworld_path(cw->w, "web"), 0700), 0);
	assert_int_equal(control_world_ask(cw, &req), -EADDRINUSE);
	assert_non_null(strstr(cw->end.text, dworld_path(cw->w, "web")));
	assert_int_equal(cw->data_len, 0);
	check_nothing_is_left(cw, before);
	assert_int_equal(rmdir(dworld_path(cw->w, "web")), 0);
	assert_int_equal(control_world_ask(cw, &req), 0);
	close(dguest_attached(cw->w, "web"));
	dworld_settle(cw->w);
	free(before);
}

static void test_vport_add_refused_anywhere(void **state)
{
	struct proto_req req = vport_add_req("web", XKIND_XSK);
	struct control_world *cw = *state;
	unsigned int refused = 0;
	struct fake_dp *dp;
	char *before;
	int r;

	NEED_ROOT();
	dp = &cw->w->dp;
	vport_conf_mac(&req.vport, "02:00:00:00:00:11");
	vport_conf_mac(&req.vport, "02:00:00:00:00:12");
	before = world_snapshot(&(struct world){ .m = cw->w->m });
	for (unsigned int call = 1;; call++) {
		dp->fail_at = dp->calls + call;
		r = control_world_ask(cw, &req);
		if (!r)
			break;
		assert_int_equal(r, FAKE_DP_ERROR);
		assert_non_null(strstr(cw->end.text, "the fake refuses"));
		check_nothing_is_left(cw, before);
		assert_int_equal(access(dworld_path(cw->w, "web"), F_OK), -1);
		refused++;
	}
	assert_int_equal(refused, 3);
	dp->fail_at = 0;
	assert_int_equal(access(dworld_path(cw->w, "web"), F_OK), 0);
	free(before);
}

/* ---- events ---- */

static void expect_event(struct proto_monitor *mon, enum proto_cmd type, enum xevent event,
			 const char *name)
{
	struct proto_data d;

	assert_int_equal(proto_monitor_next(mon, &d), 1);
	assert_int_equal(d.type, type);
	assert_int_equal(d.event, event);
	assert_string_equal(type == PROTO_EVENT_FILTER	? d.filter.vport
			    : type == PROTO_EVENT_VPORT ? d.vport.name
							: d.sw.name,
			    name);
}

static void test_events(void **state)
{
	uint32_t groups =
		1U << PROTO_GROUP_SWITCH | 1U << PROTO_GROUP_VPORT | 1U << PROTO_GROUP_FILTER;
	struct proto_req bad = filter_add_req("nope", 1), req;
	struct control_world *cw = *state;
	struct proto_monitor *mon = NULL;
	struct proto_data d;
	struct err err;

	NEED_ROOT();
	assert_int_equal(proto_monitor_new(proto_fake_name(), groups, &mon, &err), 0);
	req = (struct proto_req){ .cmd = PROTO_SWITCH_ADD, .sw = switch_conf("s1", "eth1") };
	must(cw, req);
	expect_event(mon, PROTO_EVENT_SWITCH, XEVENT_ADD, "s1");
	while (proto_monitor_next(mon, &d) == 1)
		assert_int_equal(d.type, PROTO_EVENT_VPORT);
	must(cw, vport_add_req("web", XKIND_XSK));
	expect_event(mon, PROTO_EVENT_VPORT, XEVENT_ADD, "web");
	while (proto_monitor_next(mon, &d) == 1)
		assert_int_equal(d.type, PROTO_EVENT_SWITCH);
	must(cw, filter_add_req("web", 1));
	expect_event(mon, PROTO_EVENT_FILTER, XEVENT_ADD, "web");
	must(cw, move_req("web", "s0/default"));
	expect_event(mon, PROTO_EVENT_FILTER, XEVENT_MOVE, "s0/default");
	control_world_ask(cw, &bad);
	assert_int_equal(proto_monitor_next(mon, &d), 0);
	req = (struct proto_req){ .cmd = PROTO_FILTER_DEL, .args = { XBIT(XATTR_ID), .id = 1 } };
	must(cw, req);
	expect_event(mon, PROTO_EVENT_FILTER, XEVENT_DEL, "s0/default");
	assert_int_equal(proto_monitor_next(mon, &d), 0);
	proto_monitor_free(mon);
}

int main(void)
{
#define WITH_WORLD(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, control_world_setup, control_world_teardown)
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_hello),
		WITH_WORLD(test_commands),
		WITH_WORLD(test_errors_are_the_models),
		WITH_WORLD(test_move_of_what),
		WITH_WORLD(test_thousands_of_filters),
		WITH_WORLD(test_lists_of_vports),
		WITH_WORLD(test_no_broker_socket),
		WITH_WORLD(test_vport_add_refused_anywhere),
		WITH_WORLD(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
