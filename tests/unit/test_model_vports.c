// SPDX-License-Identifier: GPL-2.0-only
/* VPorts: kinds, options, limits, events, guests. */
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

static void test_vports_max(void **state)
{
	struct world *w = *state;
	struct conf_switch s = switch_conf("sw0", "eth0");
	struct conf_vport c;
	char name[16];
	uint32_t i;

	w->quiet = true;
	s.set = XBIT(XATTR_MAX_VPORTS);
	s.max_vports = XVSW_VPORTS_MAX;
	assert_int_equal(sw_add(w, &s), 0);
	for (i = 1; i <= XVSW_VPORT_ID_MAX; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		assert_int_equal(add_xsk(w, name, "sw0", NULL), i);
	}
	c = vport_conf("x", "sw0", XKIND_XSK);
	expect_error(w, vp_add(w, &c), -ENOSPC, XATTR_SWITCH, "max-vports 4095 - 1 default = 4094");
	c.set = XBIT(XATTR_ID);
	c.id = XVSW_VPORT_ID_MAX + 1;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_ID, "id 4095 is out of range (1 to 4094)");
	assert_int_equal(model_vport_del(w->m, "v4094", &w->err), 0);
	c.id = XVSW_VPORT_ID_MAX;
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(model_switch_del(w->m, "sw0", &w->err), 0);
}

static void test_vport_ids(void **state)
{
	struct world *w = *state;
	struct conf_vport c = vport_conf("x", "sw0", XKIND_XSK);

	add_switch(w, "sw0", "eth0");
	add_switch(w, "sw1", "eth1");
	assert_int_equal(add_xsk(w, "a", "sw0", NULL), 1);
	assert_int_equal(add_xsk(w, "b", "sw0", NULL), 2);
	assert_int_equal(add_xsk(w, "c", "sw1", NULL), 1);
	c.set = XBIT(XATTR_ID);
	c.id = 2;
	expect_error(w, vp_add(w, &c), -EEXIST, XATTR_ID, "id 2 is that of VPort b");
	c.id = 0;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_ID, "id 0 is the default VPort's");
	c.id = 3;
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(model_vport_del(w->m, "a", &w->err), 0);
	assert_int_equal(add_xsk(w, "d", "sw0", NULL), 1);
	assert_int_equal(add_xsk(w, "e", "sw0", NULL), 4);
}

static void test_vport_names(void **state)
{
	struct world *w = *state;
	struct conf_vport c = vport_conf("a", "sw1", XKIND_XSK);

	add_switch(w, "sw0", "eth0");
	expect_error(w, vp_add(w, &c), -ENOENT, XATTR_SWITCH, "sw1");
	add_switch(w, "sw1", "eth1");
	add_xsk(w, "a", "sw0", NULL);
	expect_error(w, vp_add(w, &c), -EEXIST, XATTR_NAME, "VPort a exists");
	c = vport_conf("default", "sw0", XKIND_XSK);
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_NAME, "VPort name");
	c = vport_conf("sw0/default", "sw0", XKIND_XSK);
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_NAME, "VPort name");
	/* A switch's name is another space. */
	add_xsk(w, "sw0", "sw0", NULL);
}

static void test_kinds(void **state)
{
	struct world *w = *state;
	struct conf_switch s;
	struct conf_vport c;

	add_switch(w, "sw0", "eth0");
	c = vport_conf("q", "sw0", XKIND_QUEUE);
	expect_error(w, vp_add(w, &c), -EOPNOTSUPP, XATTR_KIND,
		     "queue VPorts are not supported by this version");
	c.kind = XKIND_VF;
	expect_error(w, vp_add(w, &c), -EOPNOTSUPP, XATTR_KIND, "vf VPorts are not supported");
	c.kind = XKIND_HOST;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_KIND, "default VPort");
	c.kind = XKIND_COUNT;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_KIND, "kind is");

	c = vport_conf("d", "sw0", XKIND_DEV);
	assert_int_equal(vp_add(w, &c), 0);
	assert_string_equal(vport_info(w, "d").dev, "d");
	c = vport_conf("d2", "sw0", XKIND_DEV);
	strcpy(c.dev, "d");
	expect_error(w, vp_add(w, &c), -EBUSY, XATTR_DEV, "dev d is the device of VPort d");
	strcpy(c.dev, "eth0");
	expect_error(w, vp_add(w, &c), -EBUSY, XATTR_DEV, "uplink of switch sw0");
	strcpy(c.dev, "");
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_DEV, "interface name");
	s = switch_conf("sw1", "d");
	expect_error(w, sw_add(w, &s), -EBUSY, XATTR_UPLINK, "uplink d is the device of VPort d");
}

static void test_options_by_kind(void **state)
{
	static const struct {
		enum xkind kind;
		enum xattr attr;
		int code;
		const char *part;
	} cases[] = {
		{ XKIND_XSK, XATTR_DEV, -EINVAL, "dev does not apply to kind xsk" },
		{ XKIND_XSK, XATTR_NETNS, -EINVAL, "netns does not apply to kind xsk" },
		{ XKIND_DEV, XATTR_NETNS, -EINVAL, "netns does not apply to kind dev" },
		{ XKIND_VETH, XATTR_OWNER, -EINVAL, "owner does not apply to kind veth" },
		{ XKIND_DEV, XATTR_OWNER, -EINVAL, "owner does not apply to kind dev" },
		{ XKIND_VETH, XATTR_QUEUES, -EINVAL, "queues does not apply to kind veth" },
		{ XKIND_XSK, XATTR_TRUSTED, -EINVAL, "trusted does not apply to kind xsk" },
		{ XKIND_XSK, XATTR_CPU, -EOPNOTSUPP, "cpu is not supported by this version" },
		{ XKIND_DEV, XATTR_MODERATION, -EOPNOTSUPP, "moderation is not supported" },
	};
	struct world *w = *state;
	struct conf_vport c;
	unsigned int i;

	add_switch(w, "sw0", "eth0");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = vport_conf("a", "sw0", cases[i].kind);
		c.set |= XBIT(cases[i].attr);
		expect_error(w, vp_add(w, &c), cases[i].code, cases[i].attr, cases[i].part);
	}
	/* A member that speaks for itself without its bit is refused too. */
	c = vport_conf("a", "sw0", XKIND_XSK);
	strcpy(c.netns, "blue");
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_NETNS, "netns does not apply");
}

static void test_option_ranges(void **state)
{
	static const struct {
		enum xkind kind;
		uint32_t mtu;
		const char *part; /* NULL: accepted */
	} mtus[] = {
		{ XKIND_VETH, 67, "mtu 67 is out of range (68 to 9216)" },
		{ XKIND_VETH, 68, NULL },
		{ XKIND_VETH, 9216, NULL },
		{ XKIND_VETH, 9217, "mtu 9217 is out of range (68 to 9216)" },
		{ XKIND_XSK, 3800, NULL },
		{ XKIND_XSK, 3801, "mtu 3801 is out of range (68 to 3800)" },
	};
	struct world *w = *state;
	struct conf_vport c;
	unsigned int i;

	add_switch(w, "sw0", "eth0");
	for (i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
		c = vport_conf("a", "sw0", mtus[i].kind);
		c.set = XBIT(XATTR_MTU);
		c.mtu = mtus[i].mtu;
		if (mtus[i].part) {
			expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MTU, mtus[i].part);
			continue;
		}
		assert_int_equal(vp_add(w, &c), 0);
		assert_int_equal(vport_info(w, "a").mtu, mtus[i].mtu);
		assert_int_equal(model_vport_del(w->m, "a", &w->err), 0);
	}
	c = vport_conf("a", "sw0", XKIND_XSK);
	c.set = XBIT(XATTR_QUEUES);
	c.queues = 0;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_QUEUES, "queues 0 is out of range (1 to 64)");
	c.queues = 65;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_QUEUES, "out of range (1 to 64)");
	c.queues = 2;
	expect_error(w, vp_add(w, &c), -EOPNOTSUPP, XATTR_QUEUES, "queues 2 is not supported");
	c.set = XBIT(XATTR_HOOK);
	c.hook = XHOOK_TC;
	expect_error(w, vp_add(w, &c), -EOPNOTSUPP, XATTR_HOOK, "hook tc is not supported");
	c.set = XBIT(XATTR_ALIAS);
	strcpy(c.alias, "two\nlines");
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_ALIAS, "control characters");
	c.set = XBIT(XATTR_HOOK);
	c.hook = XHOOK_COUNT;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_HOOK, "hook is auto, xdp or tc");
	c.set = XBIT(XATTR_OWNER);
	c.owner = (uid_t)-1;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_OWNER, "not a user id");
	c = vport_conf("a", "sw0", XKIND_VETH);
	c.set = XBIT(XATTR_NETNS);
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_NETNS, "netns is empty");
}

static void test_vlan_options(void **state)
{
	static const struct {
		enum xvlan_mode mode;
		uint16_t vid, native;
		const char *list;
		int code;
		enum xattr attr;
		const char *part;
	} cases[] = {
		{ XVLAN_ACCESS, 4095, 0, "", -EINVAL, XATTR_VLAN_VID,
		  "vlan 4095 is out of range (1 to 4094)" },
		{ XVLAN_ACCESS, 0, 0, "", -EINVAL, XATTR_VLAN_VID, "vlan 0 is out of range" },
		{ XVLAN_ACCESS, 4094, 0, "", -EOPNOTSUPP, XATTR_VLAN_MODE,
		  "vlan access is not supported by this version" },
		{ XVLAN_TRUNK, 0, 0, "10,20-29", -EOPNOTSUPP, XATTR_VLAN_MODE,
		  "vlan trunk is not supported by this version" },
		{ XVLAN_TRUNK, 0, 0, "10,4095", -EINVAL, XATTR_VLAN_LIST, "vlan 4095 is out of" },
		{ XVLAN_TRUNK, 0, 0, "0-10", -EINVAL, XATTR_VLAN_LIST, "vlan 0 is out of range" },
		{ XVLAN_TRUNK, 0, 0, "30-20", -EINVAL, XATTR_VLAN_LIST, "runs backwards" },
		{ XVLAN_TRUNK, 0, 0, "", -EINVAL, XATTR_VLAN_LIST, "takes a list" },
		{ XVLAN_TRUNK, 0, 0, "10,,20", -EINVAL, XATTR_VLAN_LIST, "takes a list" },
		{ XVLAN_TRUNK, 0, 0, "10-20-30", -EINVAL, XATTR_VLAN_LIST, "takes a list" },
		{ XVLAN_TRUNK, 0, 4095, "10", -EINVAL, XATTR_VLAN_NATIVE, "vlan 4095 is out of" },
		{ XVLAN_COUNT, 0, 0, "", -EINVAL, XATTR_VLAN_MODE, "untagged, access or trunk" },
	};
	struct world *w = *state;
	struct conf_vport c;
	unsigned int i;

	add_switch(w, "sw0", "eth0");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = vport_conf("a", "sw0", XKIND_XSK);
		c.set = XBIT(XATTR_VLAN_MODE);
		c.vlan = (struct conf_vlan){ cases[i].mode, cases[i].vid, cases[i].native, "" };
		strcpy(c.vlan.list, cases[i].list);
		if (cases[i].native)
			c.set |= XBIT(XATTR_VLAN_NATIVE);
		expect_error(w, vp_add(w, &c), cases[i].code, cases[i].attr, cases[i].part);
	}
	c = vport_conf("a", "sw0", XKIND_XSK);
	c.set = XBIT(XATTR_VLAN_VID);
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_VLAN_MODE, "vlan needs a mode");
	c.set |= XBIT(XATTR_VLAN_MODE);
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_VLAN_MODE, "takes no VLAN id");
	c.set = XBIT(XATTR_VLAN_MODE);
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(vport_info(w, "a").vlan.mode, XVLAN_UNTAGGED);
}

static void test_vport_filled(void **state)
{
	struct conf_vport c = vport_conf("a", "sw0", XKIND_XSK);
	struct world *w = *state;
	struct info_vport info;

	add_switch(w, "sw0", "eth0");
	c.set = XBIT(XATTR_OWNER) | XBIT(XATTR_ISOLATED) | XBIT(XATTR_ALIAS) |
		XBIT(XATTR_SPOOFCHECK);
	c.owner = 1000;
	c.isolated = true;
	strcpy(c.alias, "db");
	assert_int_equal(vp_add(w, &c), 0);
	info = vport_info(w, "a");
	assert_true(info.has_owner);
	assert_int_equal(info.owner, 1000);
	assert_true(info.isolated);
	assert_false(info.spoofcheck);
	assert_string_equal(info.alias, "db");
	assert_int_equal(info.state, XSTATE_WAITING);
	assert_int_equal(info.path, XPATH_XSK);
	assert_string_equal(info.reason, "no guest is attached");
	assert_int_equal(info.hook, XHOOK_XDP);
	assert_int_equal(info.mtu, 1500);
	assert_string_equal(info.dev, "xv1");

	c = vport_conf("b", "sw0", XKIND_XSK);
	assert_int_equal(vp_add(w, &c), 0);
	info = vport_info(w, "b");
	assert_true(info.spoofcheck);
	assert_true(info.has_owner);
	assert_int_equal(info.owner, 0);
}

/* Without a wish the data path is free to follow the uplink. */
static void test_mtu_of_jumbo_uplink(void **state)
{
	struct world *w = *state;

	w->dp.uplink_mtu = 9000;
	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	assert_int_equal(fake_dp_vport(&w->dp, "a")->conf.mtu, 0);
	assert_int_equal(vport_info(w, "a").mtu, XVSW_XSK_MTU_MAX);
	assert_int_equal(vport_info(w, "default").mtu, 9000);
}

static void test_vport_macs(void **state)
{
	struct conf_vport c = vport_conf("a", "sw0", XKIND_VETH);
	struct world *w = *state;

	add_switch(w, "sw0", "eth0");
	world_forget_events(w);
	vport_conf_mac(&c, "02:00:00:00:00:01");
	vport_conf_mac(&c, "02:00:00:00:00:02");
	vport_conf_mac(&c, "02:00:00:00:00:01");
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "mac 02:00:00:00:00:01 is given twice");
	c.n_macs = 2;
	assert_int_equal(vp_add(w, &c), 0);
	world_expect_events(w, "vport add a\nfilter add 1 a\nfilter add 2 a\n");
	assert_true(fake_dp_vport(&w->dp, "a")->conf.has_mac);
	assert_true(mac_equal(&fake_dp_vport(&w->dp, "a")->conf.mac, &c.macs[0]));

	c = vport_conf("b", "sw0", XKIND_XSK);
	vport_conf_mac(&c, "02:00:00:00:00:02");
	expect_error(w, vp_add(w, &c), -EEXIST, XATTR_MAC, "filter 2 of VPort a");
	c.macs[0] = mac_of("01:00:5e:00:00:01");
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "multicast");
	c.macs[0] = w->dp.uplink_mac;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "uplink eth0");
	c.macs[0] = (struct xmac){ 0 };
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "all zeros");
	c.n_macs = CONF_MACS_MAX + 1;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "64 times at most");
	c.n_macs = 0;
	assert_int_equal(vp_add(w, &c), 0);
	assert_false(fake_dp_vport(&w->dp, "b")->conf.has_mac);
}

static void test_veth_brings_its_mac(void **state)
{
	struct conf_vport c = vport_conf("a", "sw0", XKIND_VETH);
	struct world *w = *state;
	char *before;

	add_switch(w, "sw0", "eth0");
	assert_int_equal(vp_add(w, &c), 0);
	assert_ptr_equal(fake_dp_lookup(&w->dp, w->dp.switches, &w->dp.guest_mac, 0),
			 fake_dp_vport(&w->dp, "a"));
	before = world_snapshot(w);
	world_forget_events(w);
	/* A second guest with the same address: nothing is left of it. */
	c = vport_conf("b", "sw0", XKIND_VETH);
	expect_error(w, vp_add(w, &c), -EEXIST, XATTR_MAC, "of VPort a");
	world_expect_events(w, "");
	world_check_agree(w);
	free(before);
	w->dp.guest_mac = w->dp.uplink_mac;
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "uplink");
	w->dp.guest_mac = (struct xmac){ 0 };
	expect_error(w, vp_add(w, &c), -EINVAL, XATTR_MAC, "zeros");
	/* A dev VPort gets none by itself. */
	c = vport_conf("c", "sw0", XKIND_DEV);
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(fake_dp_vport(&w->dp, "c")->n_filters, 0);
}

static int set_one(struct world *w, const char *name, enum xattr attr)
{
	struct conf_vport c = vport_conf(name, "", XKIND_HOST);

	c.set = XBIT(attr);
	c.mtu = 1400;
	c.isolated = true;
	c.hook = XHOOK_XDP;
	c.owner = 5;
	strcpy(c.alias, "text");
	return model_vport_set(w->m, &c, &w->err);
}

static void test_vport_set(void **state)
{
	struct world *w = *state;
	struct info_vport info;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	world_forget_events(w);
	assert_int_equal(set_one(w, "a", XATTR_SPOOFCHECK), 0);
	assert_int_equal(w->dp.last_set, XBIT(XATTR_SPOOFCHECK));
	assert_int_equal(set_one(w, "a", XATTR_ISOLATED), 0);
	assert_int_equal(set_one(w, "a", XATTR_MTU), 0);
	assert_int_equal(set_one(w, "a", XATTR_OWNER), 0);
	assert_int_equal(w->dp.last_set, XBIT(XATTR_OWNER));
	assert_int_equal(set_one(w, "a", XATTR_HOOK), 0);
	assert_int_equal(w->dp.last_set, XBIT(XATTR_HOOK));
	w->dp.fail_at = 1; /* the alias is the model's alone */
	w->dp.fail_from = true;
	assert_int_equal(set_one(w, "a", XATTR_ALIAS), 0);
	world_expect_events(
		w,
		"vport set a\nvport set a\nvport set a\nvport set a\nvport set a\nvport set a\n");
	/* The same again changes nothing and tells nothing. */
	assert_int_equal(set_one(w, "a", XATTR_ALIAS), 0);
	assert_int_equal(set_one(w, "a", XATTR_MTU), 0);
	world_expect_events(w, "");
	info = vport_info(w, "a");
	assert_false(info.spoofcheck);
	assert_true(info.isolated);
	assert_int_equal(info.mtu, 1400);
	assert_int_equal(info.owner, 5);
	assert_string_equal(info.alias, "text");
}

static void test_vport_set_refused(void **state)
{
	static const enum xattr fixed[] = { XATTR_ID, XATTR_MAC, XATTR_KIND, XATTR_QUEUES,
					    XATTR_SWITCH };
	struct conf_vport c = vport_conf("a", "", XKIND_HOST);
	struct world *w = *state;
	unsigned int i;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		expect_error(w, set_one(w, "a", fixed[i]), -EINVAL, fixed[i], "cannot be changed");
	expect_error(w, set_one(w, "a", XATTR_DEV), -EINVAL, XATTR_DEV, "does not apply");
	expect_error(w, set_one(w, "a", XATTR_CPU), -EOPNOTSUPP, XATTR_CPU, "not supported");
	expect_error(w, set_one(w, "zz", XATTR_MTU), -ENOENT, XATTR_NAME, "zz");
	expect_error(w, model_vport_set(w->m, &c, &w->err), -EINVAL, XATTR_NONE, "nothing to set");
	c.set = XBIT(XATTR_NAME);
	expect_error(w, model_vport_set(w->m, &c, &w->err), -EINVAL, XATTR_NONE, "nothing to set");
	c = vport_conf("v", "sw0", XKIND_VETH);
	assert_int_equal(vp_add(w, &c), 0);
	expect_error(w, set_one(w, "v", XATTR_OWNER), -EINVAL, XATTR_OWNER, "kind veth");
	/* The default VPort: its alias only. */
	expect_error(w, set_one(w, "default", XATTR_MTU), -EINVAL, XATTR_MTU,
		     "mtu of a default VPort cannot be changed");
	expect_error(w, set_one(w, "sw0/default", XATTR_ISOLATED), -EINVAL, XATTR_ISOLATED,
		     "cannot be changed");
	assert_int_equal(set_one(w, "sw0/default", XATTR_ALIAS), 0);
	assert_string_equal(vport_info(w, "default").alias, "text");
}

static void test_vport_del_events(void **state)
{
	struct world *w = *state;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", "02:00:00:00:00:01");
	add_filter(w, "a", mac_no(2));
	add_filter(w, "default", mac_no(3));
	world_forget_events(w);
	assert_int_equal(model_vport_del(w->m, "a", &w->err), 0);
	world_expect_events(w, "filter del 1 a\nfilter del 2 a\nvport del a\n");
	expect_error(w, model_vport_del(w->m, "a", &w->err), -ENOENT, XATTR_NAME, "a");
	add_xsk(w, "b", "sw0", "02:00:00:00:00:01");
	world_expect_events(w, "vport add b\nfilter add 4 b\n");
	assert_int_equal(model_switch_del(w->m, "sw0", &w->err), 0);
	world_expect_events(w, "filter del 4 b\nvport del b\nfilter del 3 sw0/default\n"
			       "vport del sw0/default\nswitch del sw0\n");
	assert_int_equal(HASH_COUNT(w->dp.filters), 0);
}

static void test_guest(void **state)
{
	struct dp_guest_req req = { .frames = 2048 };
	struct conf_vport c = vport_conf("v", "sw0", XKIND_VETH);
	struct world *w = *state;
	struct dp_guest guest;

	add_switch(w, "sw0", "eth0");
	add_xsk(w, "a", "sw0", NULL);
	assert_int_equal(vp_add(w, &c), 0);
	assert_int_equal(model_guest_attach(w->m, "a", &req, &guest, &w->err), 0);
	assert_int_equal(guest.frames, 2048);
	expect_error(w, model_guest_attach(w->m, "a", &req, &guest, &w->err), -EBUSY, XATTR_NONE,
		     "attached");
	expect_error(w, model_guest_attach(w->m, "v", &req, &guest, &w->err), -EINVAL, XATTR_NAME,
		     "kind veth");
	expect_error(w, model_guest_attach(w->m, "x", &req, &guest, &w->err), -ENOENT, XATTR_NAME,
		     "x");
	model_guest_detach(w->m, "a");
	assert_false(fake_dp_vport(&w->dp, "a")->attached);
	model_guest_detach(w->m, "v");
	model_guest_detach(w->m, "gone");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vports_max),
		TEST(test_vport_ids),
		TEST(test_vport_names),
		TEST(test_kinds),
		TEST(test_options_by_kind),
		TEST(test_option_ranges),
		TEST(test_vlan_options),
		TEST(test_vport_filled),
		TEST(test_mtu_of_jumbo_uplink),
		TEST(test_vport_macs),
		TEST(test_veth_brings_its_mac),
		TEST(test_vport_set),
		TEST(test_vport_set_refused),
		TEST(test_vport_del_events),
		TEST(test_guest),
	};

	return cmocka_run_group_tests_name("model VPorts", tests, NULL, NULL);
}
