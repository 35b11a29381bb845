// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that are sent and shown. A list is pulled whole before anything is printed: a failure
 * half-way prints nothing, and a list begun again is not printed twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/run.h"

/* A growing array of the info structs of one kind. */
struct list {
	char *items;
	size_t n, room, size; /* size: of an item */
};

static int list_add(struct list *l, const void *item)
{
	size_t room = l->room ? l->room * 2 : 64;
	char *items;

	if (l->n == l->room) {
		items = reallocarray(l->items, room, l->size);
		if (!items)
			return -ENOMEM;
		l->items = items;
		l->room = room;
	}
	memcpy(l->items + l->n++ * l->size, item, l->size);
	return 0;
}

static void list_restart(void *ctx)
{
	struct list *l = ctx;

	l->n = 0;
}

static int on_data(void *ctx, const struct proto_data *data)
{
	switch ((unsigned int)data->type) {
	case PROTO_SWITCH_SHOW:
		return list_add(ctx, &data->sw);
	case PROTO_VPORT_SHOW:
		return list_add(ctx, &data->vport);
	case PROTO_FILTER_SHOW:
		return list_add(ctx, &data->filter);
	}
	return -EPROTO;
}

static int list_pull(struct cli *cli, struct proto_req *req, struct list *l, struct err *err)
{
	int ret = cli_connect(cli, err);

	return ret ? ret : proto_client_call(cli->client, req, on_data, list_restart, l, err);
}

int cli_run_plain(struct cli *cli, struct cli_line *line, struct err *err)
{
	int ret = cli_connect(cli, err);

	return ret ? ret : proto_client_call(cli->client, &line->req, NULL, NULL, NULL, err);
}

static int on_value(void *ctx, const struct proto_data *data)
{
	struct proto_data *out = ctx;

	*out = *data;
	return 0;
}

/* Begin output; -ENOMEM. */
static int out_open(struct cli *cli, struct out **out)
{
	*out = out_new(cli->out, cli->opts.json, cli->opts.pretty);
	return *out ? 0 : -ENOMEM;
}

/*
 * End it. What is printed stays in the buffer in a batch, where flushing each line would cost more
 * than the command: cli_batch() finishes.
 */
static int out_close(struct cli *cli, struct out *out)
{
	int ret = cli->file ? 0 : out_finish(out);

	out_free(out);
	return ret;
}

int cli_run_filter_add(struct cli *cli, struct cli_line *line, struct err *err)
{
	struct proto_data answer = { 0 };
	struct out *out;
	int ret;

	ret = cli_connect(cli, err);
	if (!ret)
		ret = proto_client_call(cli->client, &line->req, on_value, NULL, &answer, err);
	if (ret)
		return ret;
	if (answer.type != PROTO_FILTER_ADD || !XHAS(&answer.value, XATTR_ID))
		return err_set(err, -EPROTO, XATTR_ID, "the daemon did not tell the filter's id");
	if (!cli->opts.json) {
		fprintf(cli->out, "%u\n", answer.value.id);
		return cli->file || !fflush(cli->out) ? 0 : -errno;
	}
	ret = out_open(cli, &out);
	if (ret)
		return ret;
	out_list_begin(out);
	out_item_begin(out);
	out_num(out, "id", OUT_BOTH, answer.value.id);
	out_item_end(out);
	out_list_end(out);
	return out_close(cli, out);
}

static void print_switch_item(struct out *out, const void *item)
{
	print_switch(out, item);
}

static void print_filter_item(struct out *out, const void *item)
{
	print_filter(out, item);
}

/* Pull a list of items of @size bytes and print each by @print; NULL: print an empty list. */
static int show_list(struct cli *cli, struct cli_line *line, size_t size,
		     void (*print)(struct out *out, const void *item), struct err *err)
{
	struct list l = { .size = size };
	struct out *out = NULL;
	size_t i;
	int ret;

	ret = list_pull(cli, &line->req, &l, err);
	if (!ret)
		ret = out_open(cli, &out);
	if (ret)
		goto out;
	out_list_begin(out);
	for (i = 0; print && i < l.n; i++) {
		out_item_begin(out);
		print(out, (const char *)l.items + i * size);
		out_item_end(out);
	}
	out_list_end(out);
	ret = out_close(cli, out);
out:
	free(l.items);
	return ret;
}

int cli_run_switch_show(struct cli *cli, struct cli_line *line, struct err *err)
{
	return show_list(cli, line, sizeof(struct info_switch), print_switch_item, err);
}

int cli_run_filter_show(struct cli *cli, struct cli_line *line, struct err *err)
{
	return show_list(cli, line, sizeof(struct info_filter), print_filter_item, err);
}

/* This version has no VFs: the list is empty, but the daemon must be there, and the switch. */
int cli_run_vf_show(struct cli *cli, struct cli_line *line, struct err *err)
{
	return show_list(cli, line, sizeof(struct info_switch), NULL, err);
}

static int by_vport(const void *a, const void *b)
{
	const struct info_filter *fa = a, *fb = b;
	int ret = strcmp(fa->vport, fb->vport);

	return ret ? ret : fa->id < fb->id ? -1 : fa->id > fb->id;
}

/* First of @f, sorted, that is not before @vport. */
static size_t find_first(const struct info_filter *f, size_t n, const char *vport)
{
	size_t low = 0, mid;

	while (low < n) {
		mid = low + (n - low) / 2;
		if (strcmp(f[mid].vport, vport) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

/*
 * Give each VPort its filters. Both lists are pulled whole, not one list a VPort; a VPort made or
 * deleted between the two has no filters or leaves some over, which is as good as a moment earlier
 * or later.
 */
static void join(struct list *vports, struct list *filters)
{
	struct info_filter *f = (struct info_filter *)filters->items;
	struct info_vport *v = (struct info_vport *)vports->items;
	size_t i, first, end;

	if (filters->n)
		qsort(f, filters->n, sizeof(*f), by_vport);
	for (i = 0; i < vports->n; i++) {
		first = end = find_first(f, filters->n, v[i].name);
		while (end < filters->n && strcmp(f[end].vport, v[i].name) == 0)
			end++;
		v[i].has_filters = true;
		v[i].n_filters = (unsigned int)(end - first);
		v[i].filters = f ? f + first : NULL;
	}
}

/* The VPorts a command names, without their filters. */
static int pull_vports(struct cli *cli, struct cli_line *line, uint32_t want, struct list *vports,
		       struct err *err)
{
	line->req.args.want = want;
	if (want)
		line->req.args.set |= XBIT(XATTR_WANT);
	return list_pull(cli, &line->req, vports, err);
}

int cli_run_vport_show(struct cli *cli, struct cli_line *line, struct err *err)
{
	struct list vports = { .size = sizeof(struct info_vport) };
	struct list filters = { .size = sizeof(struct info_filter) };
	struct proto_req req = { .cmd = PROTO_FILTER_SHOW };
	const struct info_vport *v;
	struct out *out = NULL;
	size_t i;
	int ret;

	ret = pull_vports(cli, line, cli->opts.stats ? XWANT_STATS : 0, &vports, err);
	if (ret)
		goto out;
	v = (const struct info_vport *)vports.items;
	if (XHAS(&line->req.args, XATTR_NAME) && vports.n == 1) {
		req.args.set = XBIT(XATTR_VPORT);
		memcpy(req.args.vport, v->name, sizeof(v->name));
	}
	ret = list_pull(cli, &req, &filters, err);
	if (!ret)
		ret = out_open(cli, &out);
	if (ret)
		goto out;
	join(&vports, &filters);
	out_list_begin(out);
	for (i = 0; i < vports.n; i++) {
		out_item_begin(out);
		print_vport(out, v + i, cli->opts.stats);
		out_item_end(out);
	}
	out_list_end(out);
	ret = out_close(cli, out);
out:
	free(filters.items);
	free(vports.items);
	return ret;
}

int cli_run_stats(struct cli *cli, struct cli_line *line, struct err *err)
{
	bool reasons = line->req.args.want & XWANT_REASONS;
	struct list l = { .size = sizeof(struct info_vport) };
	const struct info_vport *v;
	struct out *out = NULL;
	size_t i;
	int ret;

	ret = pull_vports(cli, line, XWANT_STATS | (reasons ? XWANT_REASONS : 0), &l, err);
	if (!ret)
		ret = out_open(cli, &out);
	if (ret)
		goto out;
	out_list_begin(out);
	for (i = 0; i < l.n; i++) {
		v = (const struct info_vport *)l.items + i;
		out_item_begin(out);
		if (reasons)
			print_reasons(out, v, cli->opts.stats);
		else
			print_stats(out, v);
		out_item_end(out);
	}
	out_list_end(out);
	ret = out_close(cli, out);
out:
	free(l.items);
	return ret;
}
