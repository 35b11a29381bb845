/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mac.h"
#include "base/num.h"
#include "guest/cmd.h"

static const struct opt *opt_find(const struct opt *table, const char *word)
{
	for (; table->name; table++) {
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, table->name) == 0)
			return table;
		if (table->letter && word[1] == table->letter && !word[2])
			return table;
	}
	return NULL;
}

static int opt_set_addr(const struct opt *opt, struct addr_list *list, const char *value)
{
	if (list->n == ADDR_LIST_MAX)
		return cmd_fail(CMD_FAILED, "%s: more than %d addresses", opt->name, ADDR_LIST_MAX);
	if (addr_parse(value, &list->addr[list->n]))
		return cmd_fail(CMD_FAILED, "%s: '%s' is not a unicast IP address", opt->name,
				value);
	list->n++;
	return CMD_OK;
}

static int opt_set_u32(const struct opt *opt, uint32_t *out, const char *value)
{
	if (num_parse_u32(value, opt->min, opt->max, out) == 0)
		return CMD_OK;
	return cmd_fail(CMD_FAILED, "%s: '%s' is not a number from %" PRIu32 " to %" PRIu32,
			opt->name, value, opt->min, opt->max);
}

static int opt_set(const struct opt *opt, struct cmd_args *args, const char *value)
{
	void *at = (char *)args + opt->offset;
	struct opt_mac *mac = at;

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)at = true;
		return CMD_OK;
	case OPT_U32:
		return opt_set_u32(opt, at, value);
	case OPT_MAC:
		if (mac_parse(value, &mac->mac))
			return cmd_fail(CMD_FAILED, "%s: '%s' is not a MAC address", opt->name,
					value);
		mac->given = true;
		return CMD_OK;
	case OPT_TEXT:
		*(const char **)at = value;
		return CMD_OK;
	case OPT_ADDR:
		return opt_set_addr(opt, at, value);
	}
	return CMD_FAILED;
}

int opts_parse(const struct opt *table, const char *command, struct cmd_args *args, int *argc,
	       char ***argv)
{
	while (*argc && (*argv)[0][0] == '-' && (*argv)[0][1]) {
		const char *word = (*argv)[0], *value = NULL;
		const struct opt *opt;
		int r;

		++*argv, --*argc;
		if (strcmp(word, "--") == 0)
			break;
		opt = opt_find(table, word);
		if (!opt)
			return cmd_fail(CMD_USAGE, "%s%soption %s is unknown", command,
					*command ? ": " : "", word);
		if (opt->kind != OPT_FLAG) {
			if (!*argc)
				return cmd_fail(CMD_USAGE, "option %s needs a value: %s", word,
						opt->arg);
			value = (*argv)[0];
			++*argv, --*argc;
		}
		r = opt_set(opt, args, value);
		if (r)
			return r;
	}
	return CMD_OK;
}

void opts_help(const struct opt *table)
{
	for (; table->name; table++) {
		char text[64];

		snprintf(text, sizeof(text), "%c%c%s--%s %s", table->letter ? '-' : ' ',
			 table->letter ? table->letter : ' ', table->letter ? ", " : "  ",
			 table->name, table->arg ? table->arg : "");
		printf("    %-28s%s\n", text, table->help);
	}
}
