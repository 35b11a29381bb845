// SPDX-License-Identifier: GPL-2.0-only
/* Values of arguments: one function a type. */
#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "base/mac.h"
#include "base/name.h"
#include "base/num.h"
#include "cli/out.h"
#include "cli/parse.h"

const char *cli_quote(const char *word, char buf[CLI_QUOTE_SIZE])
{
	FILE *f = fmemopen(buf, CLI_QUOTE_SIZE, "w");

	buf[0] = 0;
	if (!f)
		return buf;
	fputc('"', f);
	out_escape(f, word, CLI_QUOTE_MAX);
	fputc('"', f);
	fclose(f);
	return buf;
}

static void *member(const struct cli_value *v)
{
	return (char *)v->req + v->arg->offset;
}

static uint64_t *set_bits(const struct cli_value *v)
{
	/* `set` is the first member of every kind of request. */
	static_assert(offsetof(struct proto_req, sw.set) == offsetof(struct proto_req, args.set) &&
			      offsetof(struct proto_req, vport.set) ==
				      offsetof(struct proto_req, args.set) &&
			      offsetof(struct proto_req, filter.set) ==
				      offsetof(struct proto_req, args.set),
		      "one place for the bits of all requests");
	return &v->req->args.set;
}

static int bad(const struct cli_value *v, const char *rest)
{
	char quoted[CLI_QUOTE_SIZE];

	return err_set(v->err, -EINVAL, v->arg->attr, "%s %s %s", cli_arg_label(v->arg),
		       cli_quote(v->words[0], quoted), rest);
}

static int store_string(const struct cli_value *v)
{
	size_t len = strlen(v->words[0]);

	if (len >= v->arg->size)
		return err_set(v->err, -EINVAL, v->arg->attr, "%s is longer than %zu bytes",
			       cli_arg_label(v->arg), v->arg->size - 1);
	memcpy(member(v), v->words[0], len + 1);
	return 1;
}

/* @word: part of the value, for lists. */
static int parse_number(const struct cli_value *v, const char *word, uint32_t min, uint32_t max,
			uint32_t *out)
{
	char quoted[CLI_QUOTE_SIZE];
	int ret = num_parse_u32(word, min, max, out);

	if (ret == -ERANGE && strlen(word) < 24)
		return err_set(v->err, -EINVAL, v->arg->attr, "%s %s is out of range (%u to %u)",
			       cli_arg_label(v->arg), word, min, max);
	if (ret == -ERANGE)
		return err_set(v->err, -EINVAL, v->arg->attr, "%s is out of range (%u to %u)",
			       cli_arg_label(v->arg), min, max);
	if (ret < 0)
		return err_set(v->err, -EINVAL, v->arg->attr, "%s %s is not a number",
			       cli_arg_label(v->arg), cli_quote(word, quoted));
	return 0;
}

static int value_flag(const struct cli_value *v)
{
	uint32_t bits;

	if (v->arg->flags & CLI_KIND)
		return 0;
	memcpy(&bits, member(v), sizeof(bits));
	bits |= v->arg->min;
	memcpy(member(v), &bits, sizeof(bits));
	return 0;
}

static int value_name(const struct cli_value *v)
{
	if (name_check(v->words[0]))
		return bad(v, "is not a name (" NAME_RULE ")");
	return store_string(v);
}

static int value_vport(const struct cli_value *v)
{
	const char *word = v->words[0], *slash = strchr(word, '/');
	char sw[CONF_NAME_SIZE];

	if (slash && (size_t)(slash - word) < sizeof(sw)) {
		memcpy(sw, word, (size_t)(slash - word));
		sw[slash - word] = 0;
		if (strcmp(slash + 1, "default") || name_check(sw))
			return bad(v, "is not the name of a VPort");
	} else if (strcmp(word, "default") && name_check(word)) {
		return bad(v, "is not the name of a VPort");
	}
	return store_string(v);
}

/* The kernel's rule for names of devices. */
static int value_ifname(const struct cli_value *v)
{
	const char *word = v->words[0];
	size_t len = strlen(word);

	if (!len || len >= CONF_IFNAME_SIZE || strcmp(word, ".") == 0 || strcmp(word, "..") == 0 ||
	    strpbrk(word, "/: \t\n\v\f\r"))
		return bad(v, "is not the name of a network device");
	return store_string(v);
}

static int value_netns(const struct cli_value *v)
{
	const char *word = v->words[0];

	/* The daemon opens it: its working directory is not the caller's. */
	if (!*word || (*word != '/' && strchr(word, '/')) || strcmp(word, ".") == 0 ||
	    strcmp(word, "..") == 0)
		return bad(v, "is neither a name under /run/netns nor an absolute path");
	return store_string(v);
}

static int value_u32(const struct cli_value *v)
{
	uint32_t value;

	if (parse_number(v, v->words[0], v->arg->min, v->arg->max, &value))
		return -EINVAL;
	memcpy(member(v), &value, sizeof(value));
	return 1;
}

static int value_vid(const struct cli_value *v)
{
	uint32_t value;

	if (parse_number(v, v->words[0], v->arg->min, v->arg->max, &value))
		return -EINVAL;
	*(uint16_t *)member(v) = (uint16_t)value;
	return 1;
}

static int value_mac(const struct cli_value *v)
{
	struct conf_vport *vport = &v->req->vport;
	struct xmac mac;

	if (mac_parse(v->words[0], &mac))
		return bad(v, "is not a MAC address");
	if (!(v->arg->flags & CLI_REPEAT)) {
		memcpy(member(v), &mac, sizeof(mac));
		return 1;
	}
	if (vport->n_macs >= v->arg->max)
		return err_set(v->err, -EINVAL, v->arg->attr,
			       "mac is given more than %u times; add the others with filter add",
			       v->arg->max);
	vport->macs[vport->n_macs++] = mac;
	return 1;
}

/* "is not one of a, b, c" */
static int not_one_of(const struct cli_value *v, const char *(*word_name)(unsigned int))
{
	char text[128] = "is not one of ";
	unsigned int i;

	for (i = 0; word_name(i); i++) {
		strncat(text, i ? ", " : "", sizeof(text) - strlen(text) - 1);
		strncat(text, word_name(i), sizeof(text) - strlen(text) - 1);
	}
	return bad(v, text);
}

static int value_word(const struct cli_value *v)
{
	unsigned int i;

	static_assert(sizeof(enum xmode) == sizeof(i) && sizeof(enum xpool) == sizeof(i) &&
			      sizeof(enum xhook) == sizeof(i),
		      "enums are stored as unsigned int");
	for (i = 0; v->arg->word_name(i); i++) {
		if (strcmp(v->arg->word_name(i), v->words[0]) == 0) {
			memcpy(member(v), &i, sizeof(i));
			return 1;
		}
	}
	return not_one_of(v, v->arg->word_name);
}

static int value_onoff(const struct cli_value *v)
{
	bool on = strcmp(v->words[0], "on") == 0;

	if (!on && strcmp(v->words[0], "off"))
		return bad(v, "is neither on nor off");
	*(bool *)member(v) = on;
	return 1;
}

static int value_user(const struct cli_value *v)
{
	const char *word = v->words[0];
	struct passwd *pw;
	uint32_t uid;

	/* A number is a uid even when somebody has a login name like it; -1 is nobody's. */
	if (*word >= '0' && *word <= '9') {
		if (parse_number(v, word, 0, UINT32_MAX - 1, &uid))
			return -EINVAL;
	} else {
		errno = 0;
		pw = getpwnam(word);
		if (!pw)
			return bad(v, "is not a user of this host");
		uid = pw->pw_uid;
	}
	*(uid_t *)member(v) = uid;
	return 1;
}

/* Numbers and ascending ranges, separated by commas: "10,20-29". */
static int check_list(const struct cli_value *v, const char *list, uint32_t min, uint32_t max)
{
	char copy[CONF_VLAN_LIST_SIZE], *rest = copy, *part, *dash;
	uint32_t first, last;

	if (strlen(list) >= sizeof(copy))
		return err_set(v->err, -EINVAL, v->arg->attr, "%s has a list longer than %zu bytes",
			       cli_arg_label(v->arg), sizeof(copy) - 1);
	memcpy(copy, list, strlen(list) + 1);
	while ((part = strsep(&rest, ","))) {
		dash = strchr(part, '-');
		if (dash)
			*dash = 0;
		if (parse_number(v, part, min, max, &first))
			return -EINVAL;
		last = first;
		if (dash && parse_number(v, dash + 1, min, max, &last))
			return -EINVAL;
		if (last < first)
			return err_set(v->err, -EINVAL, v->arg->attr,
				       "%s range %u-%u runs backwards", cli_arg_label(v->arg),
				       first, last);
	}
	return 0;
}

static int value_cpus(const struct cli_value *v)
{
	int ret = check_list(v, v->words[0], 0, CLI_CPU_MAX);

	return ret ? ret : store_string(v);
}

static int missing(const struct cli_value *v, const char *what)
{
	return err_set(v->err, -ENODATA, v->arg->attr, "%s is missing its %s",
		       cli_arg_label(v->arg), what);
}

static int vlan_access(const struct cli_value *v, struct conf_vlan *vlan)
{
	uint32_t vid;

	if (v->n < 2)
		return missing(v, "VID");
	if (parse_number(v, v->words[1], CLI_VID_MIN, CLI_VID_MAX, &vid))
		return -EINVAL;
	vlan->mode = XVLAN_ACCESS;
	vlan->vid = (uint16_t)vid;
	*set_bits(v) |= XBIT(XATTR_VLAN_VID);
	return 2;
}

static int vlan_trunk(const struct cli_value *v, struct conf_vlan *vlan)
{
	uint32_t vid;

	if (v->n < 2)
		return missing(v, "LIST");
	if (check_list(v, v->words[1], CLI_VID_MIN, CLI_VID_MAX))
		return -EINVAL;
	vlan->mode = XVLAN_TRUNK;
	memcpy(vlan->list, v->words[1], strlen(v->words[1]) + 1);
	*set_bits(v) |= XBIT(XATTR_VLAN_LIST);
	if (v->n < 3 || strcmp(v->words[2], "native"))
		return 2;
	if (v->n < 4)
		return missing(v, "native VID");
	if (parse_number(v, v->words[3], CLI_VID_MIN, CLI_VID_MAX, &vid))
		return -EINVAL;
	vlan->native = (uint16_t)vid;
	*set_bits(v) |= XBIT(XATTR_VLAN_NATIVE);
	return 4;
}

static const char *vlan_mode_word(unsigned int v)
{
	return conf_vlan_mode_name((enum xvlan_mode)v);
}

static int value_vlan(const struct cli_value *v)
{
	struct conf_vlan *vlan = member(v);
	enum xvlan_mode mode;

	if (conf_vlan_mode_parse(v->words[0], &mode))
		return not_one_of(v, vlan_mode_word);
	switch (mode) {
	case XVLAN_UNTAGGED:
		vlan->mode = mode;
		return 1;
	case XVLAN_ACCESS:
		return vlan_access(v, vlan);
	case XVLAN_TRUNK:
		return vlan_trunk(v, vlan);
	case XVLAN_COUNT:
		break;
	}
	return -EINVAL;
}

/*
 * What follows `queue` and `vf` has no attribute of its own before the daemon knows these kinds: it
 * refuses them by the kind. The count of queues is told as for xsk.
 */
static int value_queues(const struct cli_value *v)
{
	char copy[CLI_QUOTE_SIZE], *dash;
	uint32_t first, last, count;

	if (strlen(v->words[0]) >= sizeof(copy))
		return bad(v, "is not a queue or a range of queues");
	memcpy(copy, v->words[0], strlen(v->words[0]) + 1);
	dash = strchr(copy, '-');
	if (dash)
		*dash = 0;
	if (parse_number(v, copy, 0, v->arg->max, &first))
		return -EINVAL;
	last = first;
	if (dash && parse_number(v, dash + 1, 0, v->arg->max, &last))
		return -EINVAL;
	if (last < first)
		return bad(v, "is a range that runs backwards");
	count = last - first + 1;
	if (count > CLI_QUEUES_MAX)
		return err_set(v->err, -EINVAL, v->arg->attr, "%s has %u queues, at most %u can be",
			       cli_arg_label(v->arg), count, CLI_QUEUES_MAX);
	memcpy(member(v), &count, sizeof(count));
	return 1;
}

static int value_vf(const struct cli_value *v)
{
	uint32_t number;

	if (strcmp(v->words[0], "auto") == 0)
		return 1;
	return parse_number(v, v->words[0], 0, v->arg->max, &number) ? -EINVAL : 1;
}

int cli_value_parse(const struct cli_value *v)
{
	static int (*const parsers[])(const struct cli_value *) = {
		[CLI_FLAG] = value_flag,     [CLI_NAME] = value_name,	[CLI_VPORT] = value_vport,
		[CLI_IFNAME] = value_ifname, [CLI_NETNS] = value_netns, [CLI_TEXT] = store_string,
		[CLI_U32] = value_u32,	     [CLI_VID] = value_vid,	[CLI_MAC] = value_mac,
		[CLI_WORD] = value_word,     [CLI_ONOFF] = value_onoff, [CLI_USER] = value_user,
		[CLI_VLAN] = value_vlan,     [CLI_CPUS] = value_cpus,	[CLI_QUEUES] = value_queues,
		[CLI_VF] = value_vf,
	};
	int took;

	if (!v->n && v->arg->type != CLI_FLAG)
		return missing(v, "value");
	took = parsers[v->arg->type](v);
	if (took >= 0 && v->arg->attr != XATTR_NONE)
		*set_bits(v) |= XBIT(v->arg->attr);
	return took;
}
