// SPDX-License-Identifier: GPL-2.0-only
#include "cli/opts.h"

#include <errno.h>
#include <string.h>

#include "base/name.h"
#include "cli/parse.h"

const struct cli_opt cli_opt_table[] = {
	{ 'j', "json", NULL, "print JSON", .output = true },
	{ 'p', "pretty", NULL, "indent the JSON", .output = true },
	{ 's', "stats", NULL, "print counters too", .output = true },
	{ 'b', "batch", "FILE",
	  "run one command a line from FILE, or from standard input with -; stop at the first line "
	  "that fails" },
	{ 'f', "force", NULL, "go on after a line of a batch failed" },
	{ 'i', "instance", "NAME",
	  "talk to this daemon; default is the one called default, or XVSW_INSTANCE" },
	{ 0, "netns", "NS",
	  "talk to the daemon in this network namespace: a name under /run/netns or a path" },
	{ 'V', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print help" },
	{ 0, "print-completion", NULL, NULL },
	{ 0, "print-man", NULL, NULL },
	{ 0 },
};

static void apply_word(struct cli_opts *o, const char *word)
{
	if (strcmp(word, "print-completion") == 0)
		o->mode = CLI_PRINT_COMPLETION;
	else if (strcmp(word, "print-man") == 0)
		o->mode = CLI_PRINT_MAN;
}

static void apply(struct cli_opts *o, const struct cli_opt *opt, const char *value)
{
	switch (opt->letter) {
	case 'j':
		o->json = true;
		break;
	case 'p':
		o->pretty = true;
		break;
	case 's':
		o->stats = true;
		break;
	case 'b':
		o->batch = value;
		break;
	case 'f':
		o->force = true;
		break;
	case 'i':
		o->instance = value;
		break;
	case 'V':
		o->mode = CLI_VERSION;
		break;
	case 'h':
		o->mode = CLI_HELP;
		break;
	case 0:
		if (opt->meta)
			o->netns = value;
		else
			apply_word(o, opt->word);
		break;
	}
}

static const struct cli_opt *find_letter(char letter)
{
	const struct cli_opt *opt;

	for (opt = cli_opt_table; opt->word; opt++)
		if (opt->letter == letter)
			return opt;
	return NULL;
}

/* @word: without its dashes, up to '=' if there is one. */
static const struct cli_opt *find_word(const char *word)
{
	size_t len = strcspn(word, "=");
	const struct cli_opt *opt;

	for (opt = cli_opt_table; opt->word; opt++)
		if (strlen(opt->word) == len && strncmp(opt->word, word, len) == 0)
			return opt;
	return NULL;
}

static enum cli_exit usage(struct err *err, const char *fmt, const char *word)
{
	char quoted[CLI_QUOTE_SIZE];

	err_set(err, -EINVAL, 0, fmt, cli_quote(word, quoted));
	return CLI_USAGE;
}

/* One word of options. *next: the word behind it (NULL: none), set to NULL when it was taken. */
static enum cli_exit parse_word(const char *word, const char **next, struct cli_opts *o,
				struct err *err)
{
	const struct cli_opt *opt;
	const char *p, *value;

	if (word[1] == '-') {
		opt = find_word(word + 2);
		value = strchr(word, '=');
		if (!opt || (value && !opt->meta))
			return usage(err, "unknown option %s", word);
		value = value ? value + 1 : NULL;
		p = "";
	} else {
		opt = NULL;
		value = NULL;
		p = word + 1;
	}
	do {
		if (*p) {
			opt = find_letter(*p++);
			if (!opt)
				return usage(err, "unknown option %s", word);
			if (opt->meta && *p) {
				value = p;
				p = "";
			}
		}
		if (opt->meta && !value) {
			value = *next;
			*next = NULL;
		}
		if (opt->meta && !value)
			return usage(err, "%s is missing its value", word);
		apply(o, opt, value);
	} while (*p);
	return CLI_DONE;
}

enum cli_exit cli_opts_parse(char *const *words, unsigned int n, const char *instance,
			     struct cli_opts *opts, unsigned int *used, struct err *err)
{
	char quoted[CLI_QUOTE_SIZE];
	enum cli_exit ret;
	const char *next;
	unsigned int i;

	*opts = (struct cli_opts){ .instance = instance && *instance ? instance : "default" };
	for (i = 0; i < n && words[i][0] == '-' && words[i][1]; i++) {
		if (strcmp(words[i], "--") == 0) {
			i++;
			break;
		}
		next = i + 1 < n ? words[i + 1] : NULL;
		ret = parse_word(words[i], &next, opts, err);
		if (ret)
			return ret;
		if (!next && i + 1 < n)
			i++;
	}
	*used = i;
	if (strcmp(opts->instance, "default") && name_check(opts->instance)) {
		err_set(err, -EINVAL, 0, "instance %s is not a name (" NAME_RULE ")",
			cli_quote(opts->instance, quoted));
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

bool cli_opts_output(const char *word, struct cli_opts *opts)
{
	const struct cli_opt *opt;
	const char *p;

	if (word[0] != '-' || !word[1])
		return false;
	if (word[1] == '-') {
		opt = find_word(word + 2);
		if (!opt || !opt->output || strchr(word, '='))
			return false;
		apply(opts, opt, NULL);
		return true;
	}
	for (p = word + 1; *p; p++) {
		opt = find_letter(*p);
		if (!opt || !opt->output)
			return false;
	}
	for (p = word + 1; *p; p++)
		apply(opts, find_letter(*p), NULL);
	return true;
}
