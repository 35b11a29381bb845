// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/name.h"
#include "daemon/options.h"

struct option_row {
	char letter; /* 0: none */
	const char *word;
	const char *arg; /* NULL: takes none */
	const char *help;
	int (*set)(struct options *o, const char *value, struct err *err);
};

static int set_instance(struct options *o, const char *value, struct err *err)
{
	if (strcmp(value, OPTIONS_INSTANCE) && name_check(value))
		return err_set(err, -EINVAL, 0, "instance name '%s' is not " NAME_RULE, value);
	o->instance = value;
	return 0;
}

static int set_netns(struct options *o, const char *value, struct err *err)
{
	bool bad = !value[0] || strlen(value) >= CONF_NETNS_SIZE;

	if (bad || !strcmp(value, ".") || !strcmp(value, ".."))
		return err_set(err, -EINVAL, 0,
			       "netns '%s' is not a name under /run/netns or a path", value);
	o->netns = value;
	return 0;
}

static int check_dir(const char *what, const char *value, struct err *err)
{
	if (value[0] != '/')
		return err_set(err, -EINVAL, 0, "%s '%s' is not an absolute path", what, value);
	if (strlen(value) >= OPTIONS_DIR_SIZE)
		return err_set(err, -EINVAL, 0, "%s is longer than %d bytes", what,
			       OPTIONS_DIR_SIZE - 1);
	return 0;
}

static int set_bpffs(struct options *o, const char *value, struct err *err)
{
	int r = check_dir("bpffs", value, err);

	if (!r)
		o->bpffs = value;
	return r;
}

static int set_run_dir(struct options *o, const char *value, struct err *err)
{
	int r = check_dir("run-dir", value, err);

	if (!r)
		o->run_dir = value;
	return r;
}

static int set_log_level(struct options *o, const char *value, struct err *err)
{
	if (log_level_parse(value, &o->log_level))
		return err_set(err, -EINVAL, 0,
			       "log-level '%s' is not one of error, warn, info, debug", value);
	return 0;
}

static int set_flush(struct options *o, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	o->flush = true;
	return 0;
}

static int set_flush_only(struct options *o, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	o->flush_only = true;
	return 0;
}

static int set_version(struct options *o, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	o->version = true;
	return 0;
}

static int set_help(struct options *o, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	o->help = true;
	return 0;
}

static const struct option_row rows[] = {
	{ 'i', "instance", "NAME", "name of this instance, unique on the host (default: default)",
	  set_instance },
	{ 0, "netns", "NS", "network namespace to work in: a name under /run/netns or a path",
	  set_netns },
	{ 0, "bpffs", "DIR", "where bpffs is mounted (default: " OPTIONS_BPFFS ")", set_bpffs },
	{ 0, "run-dir", "DIR",
	  "directory of the instances' state (default: $XVSW_RUN_DIR or " OPTIONS_RUN_DIR ")",
	  set_run_dir },
	{ 0, "log-level", "LEVEL", "error, warn, info (default) or debug", set_log_level },
	{ 0, "flush", NULL, "at the end take everything down and put the host back", set_flush },
	{ 0, "flush-only", NULL, "do just that for an instance whose daemon is gone, and exit",
	  set_flush_only },
	{ 'V', "version", NULL, "print the version", set_version },
	{ 'h', "help", NULL, "print this help", set_help },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Find the row of an argument; *value gets what is glued to it (--word=value), or NULL. */
static const struct option_row *find_row(const char *arg, const char **value)
{
	const char *word = arg + 2, *eq;
	size_t len;

	*value = NULL;
	if (arg[0] != '-' || !arg[1])
		return NULL;
	if (arg[1] != '-') {
		for (size_t i = 0; i < N_ROWS; i++)
			if (rows[i].letter == arg[1] && !arg[2])
				return &rows[i];
		return NULL;
	}
	eq = strchr(word, '=');
	len = eq ? (size_t)(eq - word) : strlen(word);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strlen(rows[i].word) == len && !memcmp(rows[i].word, word, len)) {
			*value = eq ? eq + 1 : NULL;
			return &rows[i];
		}
	}
	return NULL;
}

static int parse_args(int argc, char *const argv[], struct options *o, struct err *err)
{
	const struct option_row *row;
	const char *value;
	int r;

	for (int i = 1; i < argc; i++) {
		row = find_row(argv[i], &value);
		if (!row)
			return err_set(err, -EINVAL, 0, "%s '%s'",
				       argv[i][0] == '-' ? "unknown option" : "unknown argument",
				       argv[i]);
		if (!row->arg && value)
			return err_set(err, -EINVAL, 0, "option --%s takes no value", row->word);
		if (row->arg && !value) {
			if (++i == argc)
				return err_set(err, -EINVAL, 0, "option --%s needs a value (%s)",
					       row->word, row->arg);
			value = argv[i];
		}
		r = row->set(o, value, err);
		if (r)
			return r;
	}
	return 0;
}

int options_parse(int argc, char *const argv[], struct options *o, struct err *err)
{
	const char *env = getenv("XVSW_RUN_DIR");
	int r;

	*o = (struct options){
		.instance = OPTIONS_INSTANCE,
		.bpffs = OPTIONS_BPFFS,
		.run_dir = OPTIONS_RUN_DIR,
		.log_level = LOG_LEVEL_INFO,
	};
	if (env && env[0]) {
		r = check_dir("XVSW_RUN_DIR", env, err);
		if (r)
			return r;
		o->run_dir = env;
	}
	return parse_args(argc, argv, o, err);
}

void options_help(FILE *out)
{
	char left[40];

	fprintf(out, "Usage: xvswd [OPTION]...\n"
		     "The daemon of the xvsw virtual switch; runs in the foreground.\n\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", rows[i].letter ? '-' : ' ',
			 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ", " : "  ",
			 rows[i].word, rows[i].arg ? " " : "", rows[i].arg ? rows[i].arg : "");
		fprintf(out, "  %-24s %s\n", left, rows[i].help);
	}
	fprintf(out, "\nExit status: 0 done, 1 refused or failed, 2 usage.\n");
}
