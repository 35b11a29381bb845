// SPDX-License-Identifier: GPL-2.0-only
#include "cli/table.h"

#include <string.h>

#include "cli/run.h"

#define MEMBER(m)                                                                                  \
	.offset = offsetof(struct proto_req, m), .size = sizeof(((struct proto_req *)0)->m)
#define KINDS(k) (1u << XKIND_##k)

static const char *mode_word(unsigned int v)
{
	return conf_mode_name((enum xmode)v);
}

static const char *pool_word(unsigned int v)
{
	return conf_pool_name((enum xpool)v);
}

static const char *hook_word(unsigned int v)
{
	return conf_hook_name((enum xhook)v);
}

/* ---- switch ---- */

static const struct cli_arg switch_add_args[] = {
	{ .meta = "NAME",
	  .type = CLI_NAME,
	  .flags = CLI_REQUIRED,
	  MEMBER(sw.name),
	  .help = "name of the new switch, unique in the instance" },
	{ .word = "uplink",
	  .meta = "DEV",
	  .type = CLI_IFNAME,
	  .flags = CLI_REQUIRED,
	  MEMBER(sw.uplink),
	  .help = "the physical port: a network device that no other switch has" },
	{ .word = "mode",
	  .type = CLI_WORD,
	  .attr = XATTR_MODE,
	  MEMBER(sw.mode),
	  .word_name = mode_word,
	  .help = "XDP mode of the uplink; auto (the default) is native where the driver can, "
		  "else generic, and the switch is then degraded" },
	{ .word = "max-vports",
	  .meta = "N",
	  .type = CLI_U32,
	  .attr = XATTR_MAX_VPORTS,
	  .min = CLI_VPORTS_MIN,
	  .max = CLI_VPORTS_MAX,
	  MEMBER(sw.max_vports),
	  .help = "most VPorts of this switch, the default one included" },
	{ .word = "max-vfs",
	  .meta = "N",
	  .type = CLI_U32,
	  .attr = XATTR_MAX_VFS,
	  .min = 0,
	  .max = CLI_VFS_MAX,
	  MEMBER(sw.max_vfs),
	  .help = "most virtual functions of the uplink" },
	{ .word = "pool",
	  .type = CLI_WORD,
	  .attr = XATTR_POOL,
	  MEMBER(sw.pool),
	  .word_name = pool_word,
	  .help = "whether the uplink's hardware queues are a shared or a reserved pool" },
	{ 0 },
};

static const struct cli_arg switch_del_args[] = {
	{ .meta = "NAME",
	  .type = CLI_NAME,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "the switch; its VPorts and filters go with it" },
	{ 0 },
};

static const struct cli_arg switch_show_args[] = {
	{ .meta = "NAME",
	  .type = CLI_NAME,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "only this switch" },
	{ 0 },
};

/* ---- vport ---- */

/* What both vport add and vport set take. */
#define VPORT_OPTIONS                                                                              \
	{ .word = "vlan",                                                                          \
	  .type = CLI_VLAN,                                                                        \
	  .attr = XATTR_VLAN_MODE,                                                                 \
	  MEMBER(vport.vlan),                                                                      \
	  .help = "VLAN mode: untagged (the default); access: the guest sees untagged frames, "    \
		  "others see VID; trunk: the guest sends and gets tags of LIST (10,20-29), and "  \
		  "untagged frames belong to the native VID" },                                    \
		{ .word = "spoofcheck",                                                            \
		  .type = CLI_ONOFF,                                                               \
		  .attr = XATTR_SPOOFCHECK,                                                        \
		  MEMBER(vport.spoofcheck),                                                        \
		  .help = "drop what the guest sends from a MAC that is not one of its filters; "  \
			  "on by "                                                                 \
			  "default" },                                                             \
		{ .word = "isolated",                                                              \
		  .type = CLI_ONOFF,                                                               \
		  .attr = XATTR_ISOLATED,                                                          \
		  MEMBER(vport.isolated),                                                          \
		  .help = "isolated VPorts do not reach each other; off by default" },             \
		{ .word = "mtu",                                                                   \
		  .meta = "N",                                                                     \
		  .type = CLI_U32,                                                                 \
		  .attr = XATTR_MTU,                                                               \
		  .min = CLI_MTU_MIN,                                                              \
		  .max = CLI_MTU_MAX,                                                              \
		  MEMBER(vport.mtu),                                                               \
		  .help = "largest payload, bytes after the Ethernet header and all tags" },       \
		{ .word = "hook",                                                                  \
		  .type = CLI_WORD,                                                                \
		  .attr = XATTR_HOOK,                                                              \
		  MEMBER(vport.hook),                                                              \
		  .word_name = hook_word,                                                          \
		  .help = "where frames of a dev or veth guest are taken: tc keeps its offloads, " \
			  "xdp is "                                                                \
			  "faster for small frames" },                                             \
		{ .word = "cpu",                                                                   \
		  .meta = "LIST",                                                                  \
		  .type = CLI_CPUS,                                                                \
		  .attr = XATTR_CPU,                                                               \
		  MEMBER(vport.cpu),                                                               \
		  .help = "CPUs that carry this VPort's frames, such as 2,4-7" },                  \
		{ .word = "moderation",                                                            \
		  .meta = "PROFILE",                                                               \
		  .type = CLI_NAME,                                                                \
		  .attr = XATTR_MODERATION,                                                        \
		  MEMBER(vport.moderation),                                                        \
		  .help = "profile of interrupt moderation" },                                     \
	{                                                                                          \
		.word = "alias", .meta = "TEXT", .type = CLI_TEXT, .attr = XATTR_ALIAS,            \
		MEMBER(vport.alias), .help = "any text for people; empty to remove it"             \
	}

static const struct cli_arg vport_add_args[] = {
	{ .meta = "NAME",
	  .type = CLI_NAME,
	  .flags = CLI_REQUIRED,
	  MEMBER(vport.name),
	  .help = "name of the new VPort, unique in the instance" },
	{ .word = "switch",
	  .meta = "SW",
	  .type = CLI_NAME,
	  .flags = CLI_REQUIRED,
	  MEMBER(vport.sw),
	  .help = "the switch it belongs to" },
	{ .word = "dev",
	  .meta = "IFNAME",
	  .type = CLI_IFNAME,
	  .flags = CLI_KIND,
	  .kind = XKIND_DEV,
	  .attr = XATTR_DEV,
	  MEMBER(vport.dev),
	  .help = "adopt a veth end, tap or representor that exists" },
	{ .word = "veth",
	  .meta = "GUESTIF",
	  .type = CLI_IFNAME,
	  .flags = CLI_KIND,
	  .kind = XKIND_VETH,
	  .attr = XATTR_DEV,
	  MEMBER(vport.dev),
	  .help = "make a veth pair; its guest end is called GUESTIF" },
	{ .word = "xsk",
	  .type = CLI_FLAG,
	  .flags = CLI_KIND,
	  .kind = XKIND_XSK,
	  .help = "an AF_XDP guest on a veth of its own" },
	{ .word = "queue",
	  .meta = "N[-M]",
	  .type = CLI_QUEUES,
	  .flags = CLI_KIND,
	  .kind = XKIND_QUEUE,
	  .max = CLI_QUEUE_MAX,
	  .attr = XATTR_QUEUES,
	  MEMBER(vport.queues),
	  .help = "an AF_XDP guest on hardware queues of the uplink" },
	{ .word = "vf",
	  .meta = "auto|N",
	  .type = CLI_VF,
	  .flags = CLI_KIND,
	  .kind = XKIND_VF,
	  .max = CLI_VFS_MAX - 1,
	  .help = "an SR-IOV virtual function of the uplink" },
	{ .word = "netns",
	  .meta = "NETNS",
	  .type = CLI_NETNS,
	  .kinds = KINDS(VETH),
	  .attr = XATTR_NETNS,
	  MEMBER(vport.netns),
	  .help = "network namespace GUESTIF goes into: a name under /run/netns or a path" },
	{ .word = "queues",
	  .meta = "N",
	  .type = CLI_U32,
	  .kinds = KINDS(XSK),
	  .min = 1,
	  .max = CLI_QUEUES_MAX,
	  .attr = XATTR_QUEUES,
	  MEMBER(vport.queues),
	  .help = "queues of the guest" },
	{ .word = "owner",
	  .meta = "USER",
	  .type = CLI_USER,
	  .kinds = KINDS(XSK) | KINDS(QUEUE),
	  .attr = XATTR_OWNER,
	  MEMBER(vport.owner),
	  .help = "login name or uid that may attach as the guest; root by default" },
	{ .word = "trusted",
	  .type = CLI_ONOFF,
	  .kinds = KINDS(QUEUE),
	  .attr = XATTR_TRUSTED,
	  MEMBER(vport.trusted),
	  .help = "may send, although its frames go to the wire unchecked; off by default" },
	{ .word = "id",
	  .meta = "N",
	  .type = CLI_U32,
	  .attr = XATTR_ID,
	  .min = CLI_ID_MIN,
	  .max = CLI_ID_MAX,
	  MEMBER(vport.id),
	  .help = "its id; the lowest free one by default" },
	{ .word = "mac",
	  .meta = "MAC",
	  .type = CLI_MAC,
	  .flags = CLI_REPEAT,
	  .attr = XATTR_MAC,
	  .max = CONF_MACS_MAX,
	  MEMBER(vport.macs),
	  .help = "a receive filter for each; the first becomes the address of a veth's GUESTIF" },
	VPORT_OPTIONS,
	{ 0 },
};

static const struct cli_arg vport_set_args[] = {
	{ .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  MEMBER(vport.name),
	  .help = "the VPort" },
	VPORT_OPTIONS,
	{ 0 },
};

static const struct cli_arg vport_del_args[] = {
	{ .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "the VPort; its filters go with it" },
	{ 0 },
};

static const struct cli_arg vport_show_args[] = {
	{ .meta = "NAME",
	  .type = CLI_VPORT,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "only this VPort" },
	{ 0 },
};

/* ---- filter ---- */

static const struct cli_arg filter_add_args[] = {
	{ .word = "vport",
	  .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  MEMBER(filter.vport),
	  .help = "the VPort that gets the frames" },
	{ .word = "mac",
	  .meta = "MAC",
	  .type = CLI_MAC,
	  .flags = CLI_REQUIRED,
	  .max = 1,
	  MEMBER(filter.mac),
	  .help = "destination address, unicast" },
	{ .word = "vlan",
	  .meta = "VID",
	  .type = CLI_VID,
	  .attr = XATTR_VLAN,
	  .min = 0,
	  .max = CLI_VID_MAX,
	  MEMBER(filter.vlan),
	  .help = "VLAN of the frames, 0 for untagged; by default that of an access VPort, the "
		  "native one of a trunk, else 0" },
	{ 0 },
};

static const struct cli_arg filter_del_args[] = {
	{ .meta = "ID",
	  .type = CLI_U32,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_ID,
	  .min = 1,
	  .max = UINT32_MAX,
	  MEMBER(args.id),
	  .help = "the filter" },
	{ 0 },
};

static const struct cli_arg filter_move_args[] = {
	{ .meta = "ID",
	  .type = CLI_U32,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_ID,
	  .min = 1,
	  .max = UINT32_MAX,
	  MEMBER(args.id),
	  .help = "the filter" },
	{ .word = "vport",
	  .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_VPORT,
	  MEMBER(args.vport),
	  .help = "the VPort it points to from now on" },
	{ 0 },
};

static const struct cli_arg filter_move_all_args[] = {
	{ .word = "from",
	  .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_FROM,
	  MEMBER(args.from),
	  .help = "the VPort whose filters move, all of them" },
	{ .word = "to",
	  .meta = "NAME",
	  .type = CLI_VPORT,
	  .flags = CLI_REQUIRED,
	  .attr = XATTR_VPORT,
	  MEMBER(args.vport),
	  .help = "the VPort they point to from now on" },
	{ 0 },
};

static const struct cli_arg filter_show_args[] = {
	{ .word = "vport",
	  .meta = "NAME",
	  .type = CLI_VPORT,
	  .attr = XATTR_VPORT,
	  MEMBER(args.vport),
	  .help = "only this VPort's filters" },
	{ 0 },
};

/* ---- vf, stats, monitor ---- */

static const struct cli_arg vf_show_args[] = {
	{ .word = "switch",
	  .meta = "SW",
	  .type = CLI_NAME,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "only this switch's virtual functions" },
	{ 0 },
};

static const struct cli_arg stats_args[] = {
	{ .meta = "VPORT",
	  .type = CLI_VPORT,
	  .attr = XATTR_NAME,
	  MEMBER(args.name),
	  .help = "only this VPort" },
	{ .word = "reasons",
	  .type = CLI_FLAG,
	  .attr = XATTR_WANT,
	  .min = XWANT_REASONS,
	  MEMBER(args.want),
	  .help = "drops by reason instead of totals" },
	{ 0 },
};

/* The bits of args.want are groups here; run.c takes them out again. There is no group of VFs yet.
 */
static const struct cli_arg monitor_args[] = {
	{ .word = "switch",
	  .type = CLI_FLAG,
	  .flags = CLI_REPEAT,
	  .attr = XATTR_WANT,
	  .min = 1u << PROTO_GROUP_SWITCH,
	  MEMBER(args.want),
	  .help = "events of switches" },
	{ .word = "vport",
	  .type = CLI_FLAG,
	  .flags = CLI_REPEAT,
	  .attr = XATTR_WANT,
	  .min = 1u << PROTO_GROUP_VPORT,
	  MEMBER(args.want),
	  .help = "events of VPorts" },
	{ .word = "filter",
	  .type = CLI_FLAG,
	  .flags = CLI_REPEAT,
	  .attr = XATTR_WANT,
	  .min = 1u << PROTO_GROUP_FILTER,
	  MEMBER(args.want),
	  .help = "events of receive filters" },
	{ .word = "vf",
	  .type = CLI_FLAG,
	  .flags = CLI_REPEAT,
	  .attr = XATTR_WANT,
	  .min = 0,
	  MEMBER(args.want),
	  .help = "events of virtual functions; this version has none" },
	{ 0 },
};

const struct cli_object cli_objects[] = {
	{ "switch", "NIC switches: an uplink and its VPorts" },
	{ "vport", "ports of a switch, each with a guest behind it" },
	{ "filter", "receive filters: which MAC and VLAN go to which VPort" },
	{ "vf", "SR-IOV virtual functions" },
	{ "stats", "counters and drop reasons of VPorts" },
	{ "monitor", "events as they happen" },
	{ 0 },
};

const struct cli_cmd cli_cmds[] = {
	{ "switch", "add", "make a switch on an uplink", PROTO_SWITCH_ADD, switch_add_args,
	  cli_run_plain },
	{ "switch", "del", "delete a switch and put the host back", PROTO_SWITCH_DEL,
	  switch_del_args, cli_run_plain },
	{ "switch", "show", "show switches", PROTO_SWITCH_SHOW, switch_show_args,
	  cli_run_switch_show, .shows = true },
	{ "vport", "add", "make a VPort", PROTO_VPORT_ADD, vport_add_args, cli_run_plain },
	{ "vport", "set", "change a VPort", PROTO_VPORT_SET, vport_set_args, cli_run_plain,
	  .some = true },
	{ "vport", "del", "delete a VPort, with a guest attached too", PROTO_VPORT_DEL,
	  vport_del_args, cli_run_plain },
	{ "vport", "show", "show VPorts and their filters", PROTO_VPORT_SHOW, vport_show_args,
	  cli_run_vport_show, .shows = true },
	{ "filter", "add", "add a receive filter and print its id", PROTO_FILTER_ADD,
	  filter_add_args, cli_run_filter_add, .shows = true },
	{ "filter", "del", "delete a receive filter", PROTO_FILTER_DEL, filter_del_args,
	  cli_run_plain },
	{ "filter", "move", "move one filter; no frame is lost or doubled", PROTO_FILTER_MOVE,
	  filter_move_args, cli_run_plain },
	{ "filter", "move", "move all filters of a VPort", PROTO_FILTER_MOVE, filter_move_all_args,
	  cli_run_plain },
	{ "filter", "show", "show receive filters", PROTO_FILTER_SHOW, filter_show_args,
	  cli_run_filter_show, .shows = true },
	{ "vf", "show", "show virtual functions; this version has none", PROTO_SWITCH_SHOW,
	  vf_show_args, cli_run_vf_show, .shows = true },
	{ "stats", NULL, "show counters of VPorts, from the guest's side", PROTO_VPORT_SHOW,
	  stats_args, cli_run_stats, .shows = true },
	{ "monitor", NULL, "print events until interrupted", PROTO_HELLO, monitor_args,
	  cli_run_monitor, .shows = true },
	{ 0 },
};

const struct cli_object *cli_object_find(const char *name)
{
	const struct cli_object *obj;

	for (obj = cli_objects; obj->name; obj++)
		if (strcmp(obj->name, name) == 0)
			return obj;
	return NULL;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct cli_cmd *cli_cmd_find(const char *object, const char *name)
{
	const struct cli_cmd *cmd;

	for (cmd = cli_cmds; cmd->object; cmd++)
		if (strcmp(cmd->object, object) == 0 && same_name(cmd->name, name))
			return cmd;
	return NULL;
}

const struct cli_cmd *cli_cmd_next_form(const struct cli_cmd *cmd)
{
	const struct cli_cmd *next = cmd + 1;

	if (!next->object || strcmp(next->object, cmd->object) || !same_name(next->name, cmd->name))
		return NULL;
	return next;
}

const struct cli_arg *cli_arg_find(const struct cli_cmd *cmd, const char *word)
{
	const struct cli_arg *arg;

	for (arg = cmd->args; arg->type != CLI_END; arg++)
		if (arg->word && strcmp(arg->word, word) == 0)
			return arg;
	return NULL;
}

const char *cli_arg_label(const struct cli_arg *arg)
{
	if (arg->word)
		return arg->word;
	if (arg->type == CLI_U32)
		return "id";
	return arg->type == CLI_VPORT ? "vport" : "name";
}
