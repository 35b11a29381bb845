// SPDX-License-Identifier: GPL-2.0-only
#include "cli/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct state {
	char *const *words;
	unsigned int n, i;
	const struct cli_cmd *cmd;
	uint64_t given; /* a bit an argument of cmd->args */
	const struct cli_arg *kind;
	struct proto_req *req;
	struct err *err;
};

static enum cli_exit usage(struct err *err, const char *fmt, const char *word)
{
	char quoted[CLI_QUOTE_SIZE];

	err_set(err, -EINVAL, 0, fmt, cli_quote(word, quoted));
	return CLI_USAGE;
}

static bool is_given(const struct state *s, const struct cli_arg *arg)
{
	return s->given & (1ULL << (arg - s->cmd->args));
}

/* Form of the command that the words mean. */
static const struct cli_cmd *choose_form(const struct cli_cmd *cmd, const char *word)
{
	const struct cli_cmd *form;

	for (form = cmd; word && form; form = cli_cmd_next_form(form))
		if (form->args[0].word && strcmp(form->args[0].word, word) == 0)
			return form;
	for (form = cmd; form; form = cli_cmd_next_form(form))
		if (!form->args[0].word)
			return form;
	return cmd;
}

/* The argument that the next word begins; NULL with a sentence in s->err. */
static const struct cli_arg *next_arg(struct state *s)
{
	const struct cli_arg *first = s->cmd->args, *arg;
	const char *word = s->words[s->i];
	const struct cli_cmd *add;

	arg = cli_arg_find(s->cmd, word);
	if (!first->word && first->type != CLI_END && !is_given(s, first) &&
	    (!arg || (first->flags & CLI_REQUIRED)))
		return first;
	if (arg) {
		s->i++;
		return arg;
	}
	add = s->cmd->cmd == PROTO_VPORT_SET ? cli_cmd_find(s->cmd->object, "add") : NULL;
	if (add && cli_arg_find(add, word))
		err_set(s->err, -EINVAL, 0, "%s can be given at vport add only", word);
	else if (first->type == CLI_END || (!first->word && first[1].type == CLI_END))
		usage(s->err, "%s is one argument too many", word);
	else
		usage(s->err, "unknown option %s", word);
	return NULL;
}

static enum cli_exit check_repeat(struct state *s, const struct cli_arg *arg)
{
	if (is_given(s, arg) && !(arg->flags & CLI_REPEAT)) {
		err_set(s->err, -EINVAL, arg->attr, "%s is given twice", cli_arg_label(arg));
		return CLI_USAGE;
	}
	if ((arg->flags & CLI_KIND) && s->kind) {
		err_set(s->err, -EINVAL, XATTR_KIND, "%s and %s exclude each other", s->kind->word,
			arg->word);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

static enum cli_exit parse_arg(struct state *s)
{
	const struct cli_arg *arg = next_arg(s);
	struct cli_value value;
	enum cli_exit ret;
	int took;

	if (!arg)
		return CLI_USAGE;
	ret = check_repeat(s, arg);
	if (ret)
		return ret;
	value = (struct cli_value){ arg, s->req, s->words + s->i, s->n - s->i, s->err };
	took = cli_value_parse(&value);
	if (took < 0)
		return took == -ENODATA ? CLI_USAGE : CLI_REFUSED;
	s->i += (unsigned int)took;
	s->given |= 1ULL << (arg - s->cmd->args);
	if (arg->flags & CLI_KIND) {
		s->kind = arg;
		s->req->vport.kind = arg->kind;
	}
	return CLI_DONE;
}

/* "dev, veth, xsk, queue or vf" */
static enum cli_exit kind_missing(const struct state *s)
{
	const struct cli_arg *arg, *last = NULL;
	char list[96] = "";

	for (arg = s->cmd->args; arg->type != CLI_END; arg++) {
		if (!(arg->flags & CLI_KIND))
			continue;
		if (last) {
			strncat(list, *list ? ", " : "", sizeof(list) - strlen(list) - 1);
			strncat(list, last->word, sizeof(list) - strlen(list) - 1);
		}
		last = arg;
	}
	err_set(s->err, -EINVAL, XATTR_KIND, "the kind is missing: %s or %s", list, last->word);
	return CLI_USAGE;
}

/* What concerns several arguments. */
static enum cli_exit check_whole(const struct state *s)
{
	const struct cli_arg *arg;
	bool kinds = false;

	for (arg = s->cmd->args; arg->type != CLI_END; arg++) {
		kinds = kinds || (arg->flags & CLI_KIND);
		if (!is_given(s, arg) && (arg->flags & CLI_REQUIRED)) {
			err_set(s->err, -EINVAL, arg->attr, "%s is missing", cli_arg_label(arg));
			return CLI_USAGE;
		}
	}
	if (kinds && !s->kind)
		return kind_missing(s);
	for (arg = s->cmd->args; kinds && arg->type != CLI_END; arg++) {
		if (is_given(s, arg) && arg->kinds && !(arg->kinds & (1u << s->kind->kind))) {
			err_set(s->err, -EINVAL, arg->attr, "%s does not go with %s", arg->word,
				s->kind->word);
			return CLI_USAGE;
		}
	}
	if (s->cmd->some && !(s->given & ~1ULL)) {
		err_set(s->err, -EINVAL, 0, "nothing to change is given");
		return CLI_USAGE;
	}
	return CLI_DONE;
}

/* Find object and command; *used: how many words they took. */
static enum cli_exit find_cmd(char *const *words, unsigned int n, struct cli_line *line,
			      unsigned int *used, struct err *err)
{
	const char *name = n > 1 ? words[1] : "show";

	if (!cli_object_find(words[0]))
		return usage(err, "unknown object %s, try \"xvsw help\"", words[0]);
	snprintf(line->where, sizeof(line->where), "%s", words[0]);
	line->cmd = cli_cmd_find(words[0], NULL);
	if (line->cmd) {
		*used = 1;
		return CLI_DONE;
	}
	line->cmd = cli_cmd_find(words[0], name);
	if (!line->cmd)
		return usage(err, "unknown command %s", name);
	snprintf(line->where, sizeof(line->where), "%s %s", words[0], name);
	*used = n > 1 ? 2 : 1;
	return CLI_DONE;
}

enum cli_exit cli_parse(char *const *words, unsigned int n, struct cli_line *line, struct err *err)
{
	struct state s = { .words = words, .n = n, .req = &line->req, .err = err };
	enum cli_exit ret;

	memset(line, 0, sizeof(*line));
	ret = find_cmd(words, n, line, &s.i, err);
	if (ret)
		return ret;
	line->cmd = s.cmd = choose_form(line->cmd, s.i < n ? words[s.i] : NULL);
	line->req.cmd = s.cmd->cmd;
	while (s.i < n) {
		ret = parse_arg(&s);
		if (ret)
			return ret;
	}
	return check_whole(&s);
}

/* One word from *in to *out, unquoted; *in then stands behind it. -EINVAL: a quote stays open. */
static int take_word(char **in, char **out)
{
	char *p = *in, *q = *out, quote = 0;

	for (; *p && (quote || !strchr(" \t\r\n", *p)); p++) {
		if (quote && *p == quote) {
			quote = 0;
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (*p == '\\' && quote != '\'') {
			if (!p[1] || p[1] == '\n')
				return -EINVAL;
			*q++ = *++p;
		} else {
			*q++ = *p;
		}
	}
	if (quote)
		return -EINVAL;
	*in = *p ? p + 1 : p;
	*q = 0;
	*out = q + 1;
	return 0;
}

int cli_split(char *text, char **words, unsigned int max, unsigned int *n, struct err *err)
{
	/* A word never grows by unquoting, so @out stays at or behind @text. */
	char *out = text;
	unsigned int count = 0;

	for (;;) {
		text += strspn(text, " \t\r\n");
		if (!*text || *text == '#')
			break;
		if (count == max)
			return err_set(err, -E2BIG, 0, "the line has more than %u words", max);
		words[count++] = out;
		if (take_word(&text, &out))
			return err_set(err, -EINVAL, 0, "the line ends inside quotes");
	}
	*n = count;
	return 0;
}
