// SPDX-License-Identifier: GPL-2.0-only
/* Command lines: what they ask for, and what bad ones are told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/opts.h"
#include "cli/parse.h"
#include "maps/limits.h"

/* The tool may not include maps/limits.h, so it has these numbers a second time. */
_Static_assert(CLI_ID_MAX == XVSW_VPORT_ID_MAX && CLI_ID_MIN == XVSW_VPORT_HOST + 1, "VPort ids");
_Static_assert(CLI_VPORTS_MIN == XVSW_VPORTS_MIN && CLI_VPORTS_MAX == XVSW_VPORTS_MAX, "VPorts");
_Static_assert(CLI_VFS_MAX == XVSW_VFS_MAX, "VFs");
_Static_assert(CLI_VID_MIN == XVSW_VID_MIN && CLI_VID_MAX == XVSW_VID_MAX, "VLAN ids");
_Static_assert(CLI_MTU_MIN == XVSW_MTU_MIN && CLI_MTU_MAX == XVSW_MTU_MAX, "MTU");
_Static_assert(CLI_QUEUES_MAX == XVSW_XSK_QUEUES_MAX, "queues");

#define WORDS 256

static enum cli_exit parse(const char *text, struct cli_line *line, struct err *err)
{
	char *copy = strdup(text), *words[WORDS];
	enum cli_exit ret;
	unsigned int n;

	memset(err, 0, sizeof(*err));
	assert_int_equal(cli_split(copy, words, WORDS, &n, err), 0);
	assert_true(n > 0);
	ret = cli_parse(words, n, line, err);
	free(copy);
	return ret;
}

static void good(const char *text, struct cli_line *line)
{
	struct err err;

	if (parse(text, line, &err) != CLI_DONE)
		fail_msg("\"%s\" is refused: %s", text, err.text);
}

static void test_switch(void **state)
{
	struct cli_line l;

	(void)state;
	good("switch add sw0 uplink eth0", &l);
	assert_string_equal(l.where, "switch add");
	assert_int_equal(l.req.cmd, PROTO_SWITCH_ADD);
	assert_string_equal(l.req.sw.name, "sw0");
	assert_string_equal(l.req.sw.uplink, "eth0");
	assert_int_equal(l.req.sw.set, 0);

	good("switch add sw0 pool reserved max-vfs 0 max-vports 4095 mode generic uplink e.1", &l);
	assert_int_equal(l.req.sw.mode, XMODE_GENERIC);
	assert_int_equal(l.req.sw.max_vports, 4095);
	assert_int_equal(l.req.sw.max_vfs, 0);
	assert_int_equal(l.req.sw.pool, XPOOL_RESERVED);
	assert_true(l.req.sw.set == (XBIT(XATTR_MODE) | XBIT(XATTR_MAX_VPORTS) |
				     XBIT(XATTR_MAX_VFS) | XBIT(XATTR_POOL)));

	good("switch", &l);
	assert_string_equal(l.where, "switch show");
	assert_int_equal(l.req.cmd, PROTO_SWITCH_SHOW);
	assert_int_equal(l.req.args.set, 0);
	good("switch show sw0", &l);
	assert_true(l.req.args.set == XBIT(XATTR_NAME));
	good("switch del show", &l);
	assert_int_equal(l.req.cmd, PROTO_SWITCH_DEL);
	assert_string_equal(l.req.args.name, "show");
}

static void test_vport_kinds(void **state)
{
	struct cli_line l;

	(void)state;
	good("vport add vm1 switch sw0 dev tap0", &l);
	assert_int_equal(l.req.vport.kind, XKIND_DEV);
	assert_string_equal(l.req.vport.dev, "tap0");
	assert_true(l.req.vport.set == XBIT(XATTR_DEV));
	good("vport add c1 switch sw0 veth eth0 netns /proc/7/ns/net", &l);
	assert_int_equal(l.req.vport.kind, XKIND_VETH);
	assert_string_equal(l.req.vport.netns, "/proc/7/ns/net");
	good("vport add c1 netns blue veth eth0 switch sw0", &l);
	assert_string_equal(l.req.vport.netns, "blue");
	good("vport add x switch sw0 xsk queues 64 owner 4294967294", &l);
	assert_int_equal(l.req.vport.kind, XKIND_XSK);
	assert_int_equal(l.req.vport.queues, 64);
	assert_true(l.req.vport.owner == 4294967294u);
	good("vport add x switch sw0 xsk owner root", &l);
	assert_int_equal(l.req.vport.owner, 0);
	assert_true(XHAS(&l.req.vport, XATTR_OWNER));
	good("vport add q switch sw0 queue 4-7 trusted on", &l);
	assert_int_equal(l.req.vport.kind, XKIND_QUEUE);
	assert_int_equal(l.req.vport.queues, 4);
	assert_true(l.req.vport.trusted);
	good("vport add q switch sw0 queue 0", &l);
	assert_int_equal(l.req.vport.queues, 1);
	good("vport add f switch sw0 vf auto", &l);
	assert_int_equal(l.req.vport.kind, XKIND_VF);
	good("vport add f switch sw0 vf 255", &l);
	assert_int_equal(l.req.vport.set, 0);
	/* Names may look like words: the first one is the name. */
	good("vport add switch switch vlan xsk", &l);
	assert_string_equal(l.req.vport.name, "switch");
	assert_string_equal(l.req.vport.sw, "vlan");
}

static void test_vport_options(void **state)
{
	struct cli_line l;

	(void)state;
	good("vport add v switch s xsk id 4094 mac 02:00:00:00:00:01 mac 02-00-00-00-00-0A "
	     "vlan access 4094 spoofcheck off isolated on mtu 9216 hook tc cpu 0,2-3 "
	     "moderation bulk alias \"two words\"",
	     &l);
	assert_int_equal(l.req.vport.id, 4094);
	assert_int_equal(l.req.vport.n_macs, 2);
	assert_int_equal(l.req.vport.macs[1].b[5], 0x0a);
	assert_int_equal(l.req.vport.vlan.mode, XVLAN_ACCESS);
	assert_int_equal(l.req.vport.vlan.vid, 4094);
	assert_false(l.req.vport.spoofcheck);
	assert_true(XHAS(&l.req.vport, XATTR_SPOOFCHECK));
	assert_true(l.req.vport.isolated);
	assert_int_equal(l.req.vport.mtu, 9216);
	assert_int_equal(l.req.vport.hook, XHOOK_TC);
	assert_string_equal(l.req.vport.cpu, "0,2-3");
	assert_string_equal(l.req.vport.moderation, "bulk");
	assert_string_equal(l.req.vport.alias, "two words");

	good("vport set v vlan trunk 10,20-29 native 5 mtu 68", &l);
	assert_int_equal(l.req.cmd, PROTO_VPORT_SET);
	assert_int_equal(l.req.vport.vlan.mode, XVLAN_TRUNK);
	assert_string_equal(l.req.vport.vlan.list, "10,20-29");
	assert_int_equal(l.req.vport.vlan.native, 5);
	assert_true(l.req.vport.set == (XBIT(XATTR_VLAN_MODE) | XBIT(XATTR_VLAN_LIST) |
					XBIT(XATTR_VLAN_NATIVE) | XBIT(XATTR_MTU)));
	good("vport set v vlan trunk 1-4094", &l);
	assert_false(XHAS(&l.req.vport, XATTR_VLAN_NATIVE));
	good("vport set v vlan untagged", &l);
	assert_true(l.req.vport.set == XBIT(XATTR_VLAN_MODE));
	good("vport set sw0/default alias ''", &l);
	assert_string_equal(l.req.vport.name, "sw0/default");
	assert_true(l.req.vport.set == XBIT(XATTR_ALIAS));
	good("vport del vm1", &l);
	assert_string_equal(l.req.args.name, "vm1");
	good("vport show default", &l);
	assert_string_equal(l.req.args.name, "default");
}

static void test_filter(void **state)
{
	struct cli_line l;

	(void)state;
	good("filter add vport vm1 mac AA:bb:cc:dd:ee:0f", &l);
	assert_string_equal(l.req.filter.vport, "vm1");
	assert_int_equal(l.req.filter.mac.b[0], 0xaa);
	assert_int_equal(l.req.filter.set & XBIT(XATTR_VLAN), 0);
	good("filter add mac aa:bb:cc:dd:ee:0f vlan 0 vport vm1", &l);
	assert_true(XHAS(&l.req.filter, XATTR_VLAN));
	assert_int_equal(l.req.filter.vlan, 0);
	good("filter add mac aa:bb:cc:dd:ee:0f vlan 4094 vport vm1", &l);
	assert_int_equal(l.req.filter.vlan, 4094);
	good("filter del 4294967295", &l);
	assert_true(l.req.args.id == UINT32_MAX);
	good("filter move 7 vport vm2", &l);
	assert_int_equal(l.req.cmd, PROTO_FILTER_MOVE);
	assert_int_equal(l.req.args.id, 7);
	assert_string_equal(l.req.args.vport, "vm2");
	assert_true(l.req.args.set == (XBIT(XATTR_ID) | XBIT(XATTR_VPORT)));
	good("filter move from vm1 to sw0/default", &l);
	assert_string_equal(l.req.args.from, "vm1");
	assert_string_equal(l.req.args.vport, "sw0/default");
	assert_true(l.req.args.set == (XBIT(XATTR_FROM) | XBIT(XATTR_VPORT)));
	good("filter", &l);
	assert_int_equal(l.req.cmd, PROTO_FILTER_SHOW);
	good("filter show vport vm1", &l);
	assert_true(l.req.args.set == XBIT(XATTR_VPORT));
}

static void test_others(void **state)
{
	struct cli_line l;

	(void)state;
	good("stats", &l);
	assert_string_equal(l.where, "stats");
	assert_int_equal(l.req.args.want, 0);
	good("stats vm1 reasons", &l);
	assert_string_equal(l.req.args.name, "vm1");
	assert_int_equal(l.req.args.want, XWANT_REASONS);
	good("stats reasons vm1", &l);
	assert_string_equal(l.req.args.name, "vm1");
	good("stats reasons", &l);
	assert_string_equal(l.req.args.name, "");
	good("monitor", &l);
	assert_int_equal(l.req.args.set, 0);
	good("monitor vport filter vport", &l);
	assert_int_equal(l.req.args.want, 1u << PROTO_GROUP_VPORT | 1u << PROTO_GROUP_FILTER);
	good("monitor vf", &l);
	assert_int_equal(l.req.args.want, 0);
	assert_true(l.req.args.set != 0);
	good("vf show switch sw0", &l);
	assert_string_equal(l.req.args.name, "sw0");
}

struct bad {
	const char *text;
	enum cli_exit code;
	const char *where, *sentence;
};

#define LONG31 "abcdefghijklmnopqrstuvwxyz01234"
#define VALUE(w, t, s)                                                                             \
	{                                                                                          \
		t, CLI_REFUSED, w, s                                                               \
	}
#define MISUSE(w, t, s)                                                                            \
	{                                                                                          \
		t, CLI_USAGE, w, s                                                                 \
	}
#define NAME_WANTED                                                                                \
	"1 to 31 letters, digits, '.', '_' or '-', not beginning with '.' or '-', and not "        \
	"\"default\""

static const struct bad bad_lines[] = {
	MISUSE("", "foo", "unknown object \"foo\", try \"xvsw help\""),
	MISUSE("", "vpor", "unknown object \"vpor\", try \"xvsw help\""),
	MISUSE("vport", "vport sho", "unknown command \"sho\""),
	MISUSE("vport add", "vport add", "name is missing"),
	MISUSE("vport add", "vport add v", "switch is missing"),
	MISUSE("vport add", "vport add v switch s",
	       "the kind is missing: dev, veth, xsk, queue or vf"),
	MISUSE("vport add", "vport add v switch s xsk vf auto", "xsk and vf exclude each other"),
	MISUSE("vport add", "vport add v switch s xsk netns n", "netns does not go with xsk"),
	MISUSE("vport add", "vport add v switch s xsk trusted on", "trusted does not go with xsk"),
	MISUSE("vport add", "vport add v switch s dev e owner root", "owner does not go with dev"),
	MISUSE("vport add", "vport add v foo", "unknown option \"foo\""),
	MISUSE("vport add", "vport add v mac", "mac is missing its value"),
	MISUSE("vport add", "vport add v vlan", "vlan is missing its value"),
	MISUSE("vport add", "vport add v vlan access", "vlan is missing its VID"),
	MISUSE("vport add", "vport add v vlan trunk", "vlan is missing its LIST"),
	MISUSE("vport add", "vport add v vlan trunk 1 native", "vlan is missing its native VID"),
	MISUSE("vport add", "vport add v mtu 1500 mtu 1500", "mtu is given twice"),
	MISUSE("vport set", "vport set v", "nothing to change is given"),
	MISUSE("vport set", "vport set v id 5", "id can be given at vport add only"),
	MISUSE("vport set", "vport set v bar", "unknown option \"bar\""),
	MISUSE("vport del", "vport del", "vport is missing"),
	MISUSE("vport del", "vport del a b", "\"b\" is one argument too many"),
	MISUSE("filter add", "filter add mac 02:00:00:00:00:01", "vport is missing"),
	MISUSE("filter add", "filter add vport v", "mac is missing"),
	MISUSE("filter move", "filter move", "id is missing"),
	MISUSE("filter move", "filter move 3", "vport is missing"),
	MISUSE("filter move", "filter move from a", "to is missing"),
	MISUSE("filter move", "filter move from a vport b", "unknown option \"vport\""),
	MISUSE("stats", "stats a b", "unknown option \"b\""),
	MISUSE("stats", "stats reasons reasons", "reasons is given twice"),
	MISUSE("monitor", "monitor vm1", "unknown option \"vm1\""),

	VALUE("vport add", "vport add v vlan access 4095", "vlan 4095 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v vlan access 0", "vlan 0 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v vlan access 1x", "vlan \"1x\" is not a number"),
	VALUE("vport add", "vport add v vlan access -1", "vlan \"-1\" is not a number"),
	VALUE("vport add", "vport add v vlan tagged",
	      "vlan \"tagged\" is not one of untagged, access, trunk"),
	VALUE("vport add", "vport add v vlan trunk 1,,2", "vlan \"\" is not a number"),
	VALUE("vport add", "vport add v vlan trunk 1-", "vlan \"\" is not a number"),
	VALUE("vport add", "vport add v vlan trunk 1-2-3", "vlan \"2-3\" is not a number"),
	VALUE("vport add", "vport add v vlan trunk 9-4", "vlan range 9-4 runs backwards"),
	VALUE("vport add", "vport add v vlan trunk 4095", "vlan 4095 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v vlan trunk 1 native 0",
	      "vlan 0 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v id 0", "id 0 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v id 4095", "id 4095 is out of range (1 to 4094)"),
	VALUE("vport add", "vport add v mtu 67", "mtu 67 is out of range (68 to 9216)"),
	VALUE("vport add", "vport add v mtu 9217", "mtu 9217 is out of range (68 to 9216)"),
	VALUE("vport add", "vport add v mtu 99999999999999999999",
	      "mtu 99999999999999999999 is out of range (68 to 9216)"),
	VALUE("vport add", "vport add v mtu 9999999999999999999999999999",
	      "mtu is out of range (68 to 9216)"),
	VALUE("vport add", "vport add v queues 65", "queues 65 is out of range (1 to 64)"),
	VALUE("vport add", "vport add v queue 7-4", "queue \"7-4\" is a range that runs backwards"),
	VALUE("vport add", "vport add v queue 0-64", "queue has 65 queues, at most 64 can be"),
	VALUE("vport add", "vport add v vf 256", "vf 256 is out of range (0 to 255)"),
	VALUE("vport add", "vport add v vf any", "vf \"any\" is not a number"),
	VALUE("vport add", "vport add v mac zz", "mac \"zz\" is not a MAC address"),
	VALUE("vport add", "vport add v mac 02:00:00:00:00",
	      "mac \"02:00:00:00:00\" is not a MAC "
	      "address"),
	VALUE("vport add", "vport add v spoofcheck yes",
	      "spoofcheck \"yes\" is neither on nor "
	      "off"),
	VALUE("vport add", "vport add v hook skb", "hook \"skb\" is not one of auto, xdp, tc"),
	VALUE("vport add", "vport add v owner nobody-of-that-name",
	      "owner \"nobody-of-that-name\" is not a user of this host"),
	VALUE("vport add", "vport add v owner 4294967295",
	      "owner 4294967295 is out of range (0 to 4294967294)"),
	VALUE("vport add", "vport add v cpu 3-1", "cpu range 3-1 runs backwards"),
	VALUE("vport add", "vport add v dev a/b",
	      "dev \"a/b\" is not the name of a network "
	      "device"),
	VALUE("vport add", "vport add v dev abcdefghijklmnop",
	      "dev \"abcdefghijklmnop\" is not the name of a network device"),
	VALUE("vport add", "vport add v netns ../x",
	      "netns \"../x\" is neither a name under /run/netns nor an absolute path"),
	VALUE("vport add", "vport add 'a b'", "name \"a b\" is not a name (" NAME_WANTED ")"),
	VALUE("vport add", "vport add default", "name \"default\" is not a name (" NAME_WANTED ")"),
	VALUE("vport add", "vport add " LONG31 "x",
	      "name \"" LONG31 "x\" is not a name (" NAME_WANTED ")"),
	VALUE("vport add",
	      "vport add v alias "
	      "0123456789012345678901234567890123456789012345678901234567890123"
	      "0123456789012345678901234567890123456789012345678901234567890123",
	      "alias is longer than 127 bytes"),
	VALUE("vport add", "vport add '\033[2J'",
	      "name \"\\x1b[2J\" is not a name (" NAME_WANTED ")"),
	VALUE("vport show", "vport show a/b", "vport \"a/b\" is not the name of a VPort"),
	VALUE("vport set", "vport set " LONG31 "/default mtu 1500",
	      "vport is longer than 31 "
	      "bytes"),
	VALUE("filter del", "filter del zz", "id \"zz\" is not a number"),
	VALUE("filter del", "filter del 0", "id 0 is out of range (1 to 4294967295)"),
	VALUE("filter move", "filter move to vport", "id \"to\" is not a number"),
	VALUE("filter add", "filter add vport v mac zz", "mac \"zz\" is not a MAC address"),
	VALUE("filter add", "filter add vlan 4095", "vlan 4095 is out of range (0 to 4094)"),
	VALUE("switch add", "switch add s mode fast",
	      "mode \"fast\" is not one of auto, native, generic"),
	VALUE("switch add", "switch add s max-vports 0",
	      "max-vports 0 is out of range (1 to "
	      "4095)"),
	VALUE("switch add", "switch add s max-vports 4096",
	      "max-vports 4096 is out of range (1 to "
	      "4095)"),
	VALUE("switch add", "switch add s max-vfs 257", "max-vfs 257 is out of range (0 to 256)"),
};

static void test_bad(void **state)
{
	const struct bad *b;
	struct cli_line l;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		b = &bad_lines[i];
		print_message("  %s\n", b->text);
		assert_int_equal(parse(b->text, &l, &err), b->code);
		assert_string_equal(err.text, b->sentence);
		assert_string_equal(l.where, b->where);
	}
}

/* At the limit and one past it. */
static void test_macs_limit(void **state)
{
	char text[64 + (CONF_MACS_MAX + 1) * 24] = "vport add v switch s xsk";
	const char *mac = " mac 02:00:00:00:00:01";
	struct cli_line l;
	struct err err;
	int i;

	(void)state;
	for (i = 0; i < CONF_MACS_MAX; i++)
		strcat(text, mac);
	good(text, &l);
	assert_int_equal(l.req.vport.n_macs, CONF_MACS_MAX);
	strcat(text, mac);
	assert_int_equal(parse(text, &l, &err), CLI_REFUSED);
	assert_string_equal(err.text,
			    "mac is given more than 64 times; add the others with filter add");
}

static void test_list_limit(void **state)
{
	char text[64 + CONF_VLAN_LIST_SIZE] = "vport set v vlan trunk ";
	size_t head = strlen(text), i;
	struct cli_line l;
	struct err err;

	(void)state;
	for (i = 0; i < CONF_VLAN_LIST_SIZE - 1; i++)
		text[head + i] = i % 2 ? ',' : '1';
	good(text, &l);
	strcat(text, "1");
	assert_int_equal(parse(text, &l, &err), CLI_REFUSED);
	assert_string_equal(err.text, "vlan has a list longer than 255 bytes");
}

static void split(const char *text, unsigned int n, const char *const *want)
{
	char *copy = strdup(text), *words[8];
	struct err err = { 0 };
	unsigned int got, i;

	assert_int_equal(cli_split(copy, words, 8, &got, &err), 0);
	assert_int_equal(got, n);
	for (i = 0; i < n; i++)
		assert_string_equal(words[i], want[i]);
	free(copy);
}

static void test_split(void **state)
{
	char open[] = "a 'b", escape[] = "a \\", many[] = "1 2 3";
	struct err err = { 0 };
	unsigned int n;
	char *words[8];

	(void)state;
	split("", 0, NULL);
	split(" \t\r\n", 0, NULL);
	split("# a comment", 0, NULL);
	split("a b#c # d\n", 2, (const char *const[]){ "a", "b#c" });
	split("'a b' \"c d\" e\\ f", 3, (const char *const[]){ "a b", "c d", "e f" });
	split("x'y'\"z\" '' \"\\\"q\\\\\" '\\n'", 4,
	      (const char *const[]){ "xyz", "", "\"q\\", "\\n" });
	split("'#'a \\#", 2, (const char *const[]){ "#a", "#" });
	assert_int_equal(cli_split(open, words, 8, &n, &err), -EINVAL);
	assert_string_equal(err.text, "the line ends inside quotes");
	assert_int_equal(cli_split(escape, words, 8, &n, &err), -EINVAL);
	assert_int_equal(cli_split(many, words, 2, &n, &err), -E2BIG);
}

static enum cli_exit opts(struct cli_opts *o, unsigned int *used, struct err *err, const char *env,
			  unsigned int n, ...)
{
	char *words[8];
	unsigned int i;
	va_list ap;

	va_start(ap, n);
	for (i = 0; i < n; i++)
		words[i] = va_arg(ap, char *);
	va_end(ap);
	return cli_opts_parse(words, n, env, o, used, err);
}

static void test_options(void **state)
{
	struct err err = { 0 };
	struct cli_opts o;
	unsigned int used;

	(void)state;
	assert_int_equal(opts(&o, &used, &err, NULL, 2, "-jps", "vport"), CLI_DONE);
	assert_true(o.json && o.pretty && o.stats && !o.force);
	assert_int_equal(used, 1);
	assert_string_equal(o.instance, "default");
	assert_int_equal(opts(&o, &used, &err, "blue", 3, "-b", "-", "--force"), CLI_DONE);
	assert_string_equal(o.batch, "-");
	assert_string_equal(o.instance, "blue");
	assert_int_equal(used, 3);
	assert_int_equal(opts(&o, &used, &err, "blue", 4, "--instance=red", "--netns", "n", "x"),
			 CLI_DONE);
	assert_string_equal(o.instance, "red");
	assert_string_equal(o.netns, "n");
	assert_int_equal(used, 3);
	assert_int_equal(opts(&o, &used, &err, NULL, 3, "-sbfile", "--", "-x"), CLI_DONE);
	assert_string_equal(o.batch, "file");
	assert_true(o.stats);
	assert_int_equal(used, 2);

	assert_int_equal(opts(&o, &used, &err, NULL, 1, "--js"), CLI_USAGE);
	assert_string_equal(err.text, "unknown option \"--js\"");
	assert_int_equal(opts(&o, &used, &err, NULL, 1, "--json=x"), CLI_USAGE);
	assert_int_equal(opts(&o, &used, &err, NULL, 1, "-jz"), CLI_USAGE);
	assert_int_equal(opts(&o, &used, &err, NULL, 1, "-i"), CLI_USAGE);
	assert_string_equal(err.text, "\"-i\" is missing its value");
	assert_int_equal(opts(&o, &used, &err, "../x", 0), CLI_REFUSED);
}

static void test_output_options(void **state)
{
	struct cli_opts o = { 0 };

	(void)state;
	assert_true(cli_opts_output("-s", &o));
	assert_true(cli_opts_output("--json", &o));
	assert_true(o.stats && o.json && !o.pretty);
	assert_false(cli_opts_output("-pf", &o));
	assert_false(cli_opts_output("--netns", &o));
	assert_false(cli_opts_output("s", &o));
	assert_false(cli_opts_output("-", &o));
	assert_false(o.pretty || o.force);
}

/* The longest word that is quoted whole, one past it, and the worst of escapes. */
static void test_quote(void **state)
{
	char word[CLI_QUOTE_MAX + 2], want[CLI_QUOTE_SIZE + 1], buf[CLI_QUOTE_SIZE];

	(void)state;
	memset(word, 'a', sizeof(word));
	word[CLI_QUOTE_MAX] = 0;
	snprintf(want, sizeof(want), "\"%s\"", word);
	assert_string_equal(cli_quote(word, buf), want);
	word[CLI_QUOTE_MAX] = 'a';
	word[CLI_QUOTE_MAX + 1] = 0;
	snprintf(want, sizeof(want), "\"%.*s...\"", CLI_QUOTE_MAX, word);
	assert_string_equal(cli_quote(word, buf), want);
	memset(word, 1, CLI_QUOTE_MAX + 1);
	assert_int_equal(strlen(cli_quote(word, buf)), CLI_QUOTE_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switch),	       cmocka_unit_test(test_vport_kinds),
		cmocka_unit_test(test_vport_options),  cmocka_unit_test(test_filter),
		cmocka_unit_test(test_others),	       cmocka_unit_test(test_bad),
		cmocka_unit_test(test_macs_limit),     cmocka_unit_test(test_list_limit),
		cmocka_unit_test(test_split),	       cmocka_unit_test(test_options),
		cmocka_unit_test(test_output_options), cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
