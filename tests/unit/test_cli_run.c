// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tool against a daemon with canned answers, over the real protocol: exit codes, joins,
 * batches. Needs root, because only root's requests are answered.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "cli/run.h"

#define N_FILTERS 1000 /* several pages; even ids are a's, odd ones b's */

#define NEED_ROOT()                                                                                \
	do {                                                                                       \
		if (geteuid() != 0) {                                                              \
			print_message("skipped: needs root\n");                                    \
			skip();                                                                    \
		}                                                                                  \
	} while (0)

static char instance[CONF_NAME_SIZE];

/* ---- the daemon's part ---- */

static int fake_value(struct proto_answer *a, enum proto_cmd cmd, uint32_t id)
{
	struct proto_data d = { .type = cmd };

	if (cmd == PROTO_HELLO) {
		d.value.set = XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL);
		strcpy(d.value.version, "test");
		d.value.protocol = PROTO_VERSION;
	} else {
		d.value.set = XBIT(XATTR_ID);
		d.value.id = id;
	}
	return proto_answer_add(a, &d);
}

static int fake_vports(const struct proto_req *req, struct proto_answer *a, struct err *err)
{
	static const char *const names[] = { "sw0/default", "a", "b" };
	struct proto_data d = { .type = PROTO_VPORT_SHOW };
	uint32_t i;

	if (!strcmp(req->args.name, "nix"))
		return err_set(err, -ENOENT, XATTR_NAME, "no VPort named \"nix\"");
	proto_answer_list(a, 1);
	for (i = 0; i < 3; i++) {
		if (*req->args.name && strcmp(req->args.name, names[i]))
			continue;
		snprintf(d.vport.name, sizeof(d.vport.name), "%s", names[i]);
		strcpy(d.vport.sw, "sw0");
		d.vport.id = i;
		d.vport.kind = i ? XKIND_DEV : XKIND_HOST;
		d.vport.has_stats = req->args.want & XWANT_STATS;
		d.vport.stats.rx_packets = 7 * i;
		if (proto_answer_add(a, &d))
			return -EMSGSIZE;
	}
	return 0;
}

static int fake_filters(const struct proto_req *req, struct proto_answer *a)
{
	struct proto_data d = { .type = PROTO_FILTER_SHOW };
	uint64_t id = req->args.cursor;

	proto_answer_list(a, 1);
	for (; id < N_FILTERS; id++) {
		d.filter.id = (uint32_t)id + 1;
		strcpy(d.filter.vport, d.filter.id % 2 ? "b" : "a");
		strcpy(d.filter.sw, "sw0");
		if (*req->args.vport && strcmp(req->args.vport, d.filter.vport))
			continue;
		if (proto_answer_add(a, &d)) {
			proto_answer_more(a, id);
			return 0;
		}
	}
	return 0;
}

static int fake_handler(void *ctx, const struct proto_req *req, struct proto_answer *a,
			struct err *err)
{
	uint32_t *next_id = ctx;

	switch ((unsigned int)req->cmd) {
	case PROTO_HELLO:
		return fake_value(a, req->cmd, 0);
	case PROTO_SWITCH_SHOW:
		if (*req->args.name)
			return err_set(err, -ENOENT, XATTR_NAME, "no switch named \"%s\"",
				       req->args.name);
		proto_answer_list(a, 1);
		return 0;
	case PROTO_VPORT_SHOW:
		return fake_vports(req, a, err);
	case PROTO_FILTER_SHOW:
		return fake_filters(req, a);
	case PROTO_FILTER_ADD:
		return fake_value(a, req->cmd, ++*next_id);
	case PROTO_VPORT_DEL:
		return err_set(err, -EPERM, XATTR_NAME, "the kernel said no \033[1m");
	}
	return err_set(err, -EEXIST, XATTR_NAME, "it exists");
}

static void serve(int ready_fd)
{
	struct pollfd p = { .events = POLLIN };
	struct proto_server *s;
	uint32_t next_id = 0;
	struct err err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (proto_server_new(instance, fake_handler, &next_id, &s, &err))
		_exit(1);
	p.fd = proto_server_fd(s);
	if (write(ready_fd, "r", 1) != 1)
		_exit(1);
	while (poll(&p, 1, -1) > 0)
		if (proto_server_process(s, 64) < 0)
			break;
	_exit(1);
}

static int setup(void **state)
{
	static pid_t pid;
	int fds[2];
	char c;

	snprintf(instance, sizeof(instance), "cli-%d", (int)getpid());
	if (geteuid() != 0)
		return 0;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		serve(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	*state = &pid;
	return 0;
}

static int teardown(void **state)
{
	if (*state) {
		kill(*(pid_t *)*state, SIGKILL);
		waitpid(*(pid_t *)*state, NULL, 0);
	}
	return 0;
}

/* ---- the tool's part ---- */

struct result {
	enum cli_exit code;
	char *out, *errors;
};

static void begin(struct cli *cli, struct result *r)
{
	*cli = (struct cli){ .opts.instance = instance };
	*r = (struct result){ 0 };
	cli->out = tmpfile();
	cli->errors = tmpfile();
	assert_true(cli->out && cli->errors);
}

static char *slurp(FILE *f)
{
	long size = ftell(f);
	char *text = calloc(1, (size_t)size + 1);

	rewind(f);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	return text;
}

static void end(struct cli *cli, struct result *r)
{
	cli_close(cli);
	r->out = slurp(cli->out);
	r->errors = slurp(cli->errors);
}

static void expect(const struct result *r, enum cli_exit code, const char *out, const char *errors)
{
	if (out)
		assert_string_equal(r->out, out);
	assert_string_equal(r->errors, errors);
	assert_int_equal(r->code, code);
}

static void forget(struct result *r)
{
	free(r->out);
	free(r->errors);
}

static void command(const char *text, enum cli_exit code, const char *out, const char *errors)
{
	char *copy = strdup(text), *words[16];
	struct err err = { 0 };
	struct result r;
	struct cli cli;
	unsigned int n;

	begin(&cli, &r);
	assert_int_equal(cli_split(copy, words, 16, &n, &err), 0);
	r.code = cli_run(&cli, words, n);
	end(&cli, &r);
	expect(&r, code, out, errors);
	forget(&r);
	free(copy);
}

static void test_codes(void **state)
{
	(void)state;
	NEED_ROOT();
	command("filter add vport a mac 02:00:00:00:00:01 -j", CLI_DONE, "[{\"id\":1}]\n", "");
	command("filter add vport a mac 02:00:00:00:00:01", CLI_DONE, "2\n", "");
	command("switch add s uplink e", CLI_REFUSED, "", "xvsw: switch add: it exists\n");
	command("vport del a", CLI_NOT_PERMITTED, "",
		"xvsw: vport del: the kernel said no \\x1b[1m\n");
	command("vport show nix", CLI_REFUSED, "", "xvsw: vport show: no VPort named \"nix\"\n");
	command("switch", CLI_DONE, "", "");
	command("switch show -j", CLI_DONE, "[]\n", "");
	command("vf -j", CLI_DONE, "[]\n", "");
	command("vf show switch s", CLI_REFUSED, "", "xvsw: vf show: no switch named \"s\"\n");
	command("stats a", CLI_DONE,
		"VPORT  RX-PKTS  RX-BYTES  RX-DROP  TX-PKTS  TX-BYTES  TX-DROP\n"
		"a            7         0        0        0         0        0\n",
		"");
}

static void test_no_daemon(void **state)
{
	char saved[sizeof(instance)], text[256];

	(void)state;
	NEED_ROOT();
	memcpy(saved, instance, sizeof(saved));
	strcpy(instance, "nobody-here");
	for (int i = 0; i < 2; i++) {
		snprintf(
			text, sizeof(text),
			"xvsw: %s: no xvswd of instance 'nobody-here' answers: it does not run, or "
			"it runs in another network namespace\n",
			i ? "monitor" : "vport show");
		command(i ? "monitor vport" : "vport", CLI_NO_DAEMON, "", text);
	}
	memcpy(instance, saved, sizeof(saved));
}

/* Each VPort gets its filters and no other's. */
static void test_join(void **state)
{
	struct json_object *all, *v, *filters, *name, *f, *x;
	char *words[] = { "vport" };
	struct result r;
	struct cli cli;
	size_t i, j, n;

	(void)state;
	NEED_ROOT();
	begin(&cli, &r);
	cli.opts.json = true;
	r.code = cli_run(&cli, words, 1);
	end(&cli, &r);
	expect(&r, CLI_DONE, NULL, "");
	all = json_tokener_parse(r.out);
	assert_int_equal(json_object_array_length(all), 3);
	for (i = 0; i < 3; i++) {
		v = json_object_array_get_idx(all, i);
		assert_true(json_object_object_get_ex(v, "filters", &filters));
		assert_true(json_object_object_get_ex(v, "name", &name));
		n = json_object_array_length(filters);
		assert_int_equal(n, i ? N_FILTERS / 2 : 0);
		for (j = 0; j < n; j++) {
			f = json_object_array_get_idx(filters, j);
			assert_true(json_object_object_get_ex(f, "vport", &x));
			assert_string_equal(json_object_get_string(x),
					    json_object_get_string(name));
			assert_true(json_object_object_get_ex(f, "id", &x));
			assert_int_equal(json_object_get_int(x), 2 * j + (i == 1 ? 2 : 1));
		}
	}
	json_object_put(all);
	forget(&r);
}

static void batch(const char *text, bool force, enum cli_exit code, const char *out,
		  const char *errors)
{
	char path[] = "/tmp/xvsw-batch-XXXXXX", want[512];
	int fd = mkstemp(path);
	struct result r;
	struct cli cli;
	size_t len = 0;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	begin(&cli, &r);
	cli.opts.batch = path;
	cli.opts.force = force;
	r.code = cli_batch(&cli);
	end(&cli, &r);
	unlink(path);
	/* '@' stands for the name of the file. */
	for (; *errors; errors++)
		len += (size_t)snprintf(want + len, sizeof(want) - len, "%.*s",
					*errors == '@' ? (int)sizeof(path) : 1,
					*errors == '@' ? path : errors);
	want[len] = 0;
	expect(&r, code, out, want);
	forget(&r);
}

static void test_batch(void **state)
{
	(void)state;
	NEED_ROOT();
	batch("", false, CLI_DONE, "", "");
	batch("\n# nothing\n  # here\nvf", false, CLI_DONE, "", "");
	batch("vf\nvport show nix\nvport del a\n", false, CLI_REFUSED, "",
	      "xvsw: @:2: vport show: no VPort named \"nix\"\n");
	batch("\nvport del a\n", false, CLI_NOT_PERMITTED, "",
	      "xvsw: @:2: vport del: the kernel said no \\x1b[1m\n");
	batch("vport foo\nvf\n", false, CLI_USAGE, "",
	      "xvsw: @:1: vport: unknown command \"foo\"\n");
	batch("vport foo\n'\nvport show nix\nvf show -j\n", true, CLI_REFUSED, "[]\n",
	      "xvsw: @:1: vport: unknown command \"foo\"\n"
	      "xvsw: @:2: the line ends inside quotes\n"
	      "xvsw: @:3: vport show: no VPort named \"nix\"\n");
	batch("monitor\n", false, CLI_REFUSED, "",
	      "xvsw: @:1: monitor: it does not end, so it cannot be part of a batch\n");
}

static void test_batch_file(void **state)
{
	struct result r;
	struct cli cli;

	(void)state;
	begin(&cli, &r);
	cli.opts.batch = "/nonexistent/file";
	r.code = cli_batch(&cli);
	end(&cli, &r);
	expect(&r, CLI_REFUSED, "",
	       "xvsw: batch: cannot open \"/nonexistent/file\": No such file or directory\n");
	forget(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),	   cmocka_unit_test(test_no_daemon),
		cmocka_unit_test(test_join),	   cmocka_unit_test(test_batch),
		cmocka_unit_test(test_batch_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
