// SPDX-License-Identifier: GPL-2.0-only
/* The tool's output: text and JSON of each object, help, completion, the manual's part. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <json-c/json.h>

#include "cli/help.h"
#include "cli/print.h"
#include "maps/reasons.h"

struct sink {
	char *text;
	size_t size;
	FILE *f;
	struct out *out;
};

static void sink_open(struct sink *s, bool json, bool pretty)
{
	s->f = open_memstream(&s->text, &s->size);
	s->out = out_new(s->f, json, pretty);
	assert_non_null(s->out);
}

static void sink_close(struct sink *s)
{
	assert_int_equal(out_finish(s->out), 0);
	out_free(s->out);
	fclose(s->f);
}

static void sink_is(struct sink *s, const char *want)
{
	sink_close(s);
	assert_string_equal(s->text, want);
	free(s->text);
}

static void fill_vport(struct info_vport *v, struct info_filter *f)
{
	*f = (struct info_filter){
		.id = 3, .mac = { { 2, 0, 0, 0, 0, 0xa } }, .vlan = 10, .vport = "vm1", .sw = "sw0"
	};
	*v = (struct info_vport){ .name = "vm1",
				  .id = 1,
				  .sw = "sw0",
				  .kind = XKIND_XSK,
				  .state = XSTATE_WAITING,
				  .path = XPATH_XSK,
				  .reason = "no guest is attached",
				  .dev = "xv1",
				  .vlan = { .mode = XVLAN_ACCESS, .vid = 10 },
				  .spoofcheck = true,
				  .hook = XHOOK_XDP,
				  .mtu = 1500,
				  .has_owner = true,
				  .owner = 65534,
				  .has_filters = true,
				  .n_filters = 1,
				  .filters = f };
}

#define FILTER_JSON                                                                                \
	"{\"id\":3,\"mac\":\"02:00:00:00:00:0a\",\"vlan\":10,\"vport\":\"vm1\",\"switch\":"        \
	"\"sw0\"}"
#define VPORT_JSON                                                                                 \
	"\"name\":\"vm1\",\"id\":1,\"switch\":\"sw0\",\"kind\":\"xsk\",\"state\":\"waiting\","     \
	"\"path\":\"xsk\",\"dev\":\"xv1\",\"vlan\":{\"mode\":\"access\",\"vid\":10},"              \
	"\"spoofcheck\":true,\"isolated\":false,\"hook\":\"xdp\",\"mtu\":1500,\"owner\":65534"

static void test_vport(void **state)
{
	struct info_filter f;
	struct info_vport v;
	struct sink s;

	(void)state;
	fill_vport(&v, &f);
	sink_open(&s, true, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_vport(s.out, &v, false);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "[{" VPORT_JSON ",\"filters\":[" FILTER_JSON
		    "],\"reason\":\"no guest is attached\"}]\n");

	sink_open(&s, false, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_vport(s.out, &v, false);
	out_item_end(s.out);
	v.n_filters = 0;
	strcpy(v.name, "longer-name");
	v.id = 4094;
	v.reason[0] = v.dev[0] = 0;
	v.vlan = (struct conf_vlan){ .mode = XVLAN_TRUNK, .native = 5, .list = "1-3" };
	strcpy(v.alias, "a\033[1mb");
	out_item_begin(s.out);
	print_vport(s.out, &v, false);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "NAME           ID  SWITCH  KIND  STATE    PATH  DEV   MTU  FILTERS\n"
		    "vm1             1  sw0     xsk   waiting  xsk   xv1  1500  02:00:00:00:00:0a\n"
		    "    reason: no guest is attached\n"
		    "    vlan: access 10\n"
		    "longer-name  4094  sw0     xsk   waiting  xsk   -    1500  -\n"
		    "    vlan: trunk 1-3 native 5\n"
		    "    alias: a\\x1b[1mb\n");
}

static void test_vport_stats(void **state)
{
	struct info_filter f;
	struct info_vport v;
	struct sink s;

	(void)state;
	fill_vport(&v, &f);
	v.reason[0] = 0;
	v.vlan.mode = XVLAN_UNTAGGED;
	v.has_stats = true;
	v.stats = (struct info_stats){ .rx_packets = 1,
				       .rx_bytes = 60,
				       .tx_packets = 2,
				       .tx_bytes = UINT64_MAX,
				       .rx_dropped = 3,
				       .tx_dropped = 4 };
	sink_open(&s, false, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_vport(s.out, &v, true);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "NAME  ID  KIND  STATE    PATH  RX-PKTS  RX-BYTES  RX-DROP  TX-PKTS  "
		    "            TX-BYTES  TX-DROP\n"
		    "vm1    1  xsk   waiting  xsk         1        60        3        2  "
		    "18446744073709551615        4\n");

	sink_open(&s, true, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_stats(s.out, &v);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "[{\"vport\":\"vm1\",\"stats\":{\"rx_packets\":1,\"rx_bytes\":60,"
		    "\"rx_dropped\":3,\"tx_packets\":2,\"tx_bytes\":18446744073709551615,"
		    "\"tx_dropped\":4}}]\n");
}

static void test_reasons(void **state)
{
	struct info_vport v = { .name = "vm1", .has_stats = true };
	struct sink s;

	(void)state;
	v.stats.rx_dropped = 5;
	v.stats.n_reasons = 2;
	strcpy(v.stats.reasons[0].name, "spoofcheck");
	strcpy(v.stats.reasons[1].name, "mtu");
	v.stats.reasons[1].count = 5;
	sink_open(&s, true, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_reasons(s.out, &v, false);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "[{\"vport\":\"vm1\",\"reasons\":{\"spoofcheck\":0,\"mtu\":5}}]\n");
	sink_open(&s, false, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_reasons(s.out, &v, false);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "VPORT  RX-DROP  TX-DROP\n"
		    "vm1          5        0\n"
		    "    mtu: 5\n");
}

static void test_switch(void **state)
{
	struct info_switch sw = { .name = "sw0",
				  .uplink = "eth0",
				  .ifindex = 7,
				  .mode = XMODE_NATIVE,
				  .dispatcher = true,
				  .state = XSTATE_UP,
				  .max_vports = 1024,
				  .vports = 1 };
	struct sink s;

	(void)state;
	sink_open(&s, true, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	print_switch(s.out, &sw);
	out_item_end(s.out);
	sw.ifindex = 0;
	sw.state = XSTATE_DOWN;
	strcpy(sw.reason, "gone");
	out_item_begin(s.out);
	print_switch(s.out, &sw);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "[{\"name\":\"sw0\",\"uplink\":\"eth0\",\"ifindex\":7,\"mode\":\"native\","
		    "\"dispatcher\":true,\"state\":\"up\",\"vports\":1,\"max_vports\":1024,"
		    "\"max_vfs\":0,\"pool\":\"shared\"},"
		    "{\"name\":\"sw0\",\"uplink\":\"eth0\",\"mode\":\"native\","
		    "\"dispatcher\":true,\"state\":\"down\",\"vports\":1,\"max_vports\":1024,"
		    "\"max_vfs\":0,\"pool\":\"shared\",\"reason\":\"gone\"}]\n");
}

static void test_event(void **state)
{
	struct info_filter f;
	struct info_vport v;
	struct sink s;

	(void)state;
	fill_vport(&v, &f);
	v.has_filters = false;
	sink_open(&s, true, false);
	out_event_begin(s.out, "set", "vport");
	print_vport(s.out, &v, false);
	out_event_end(s.out);
	out_event_begin(s.out, "overrun", NULL);
	out_event_end(s.out);
	sink_is(&s, "{\"event\":\"set\",\"object\":\"vport\"," VPORT_JSON
		    ",\"reason\":\"no guest is attached\"}\n{\"event\":\"overrun\"}\n");
	sink_open(&s, false, false);
	out_event_begin(s.out, "set", "vport");
	print_vport(s.out, &v, false);
	out_event_end(s.out);
	out_event_begin(s.out, "del", "filter");
	print_filter(s.out, &f);
	out_event_end(s.out);
	sink_is(&s, "[set] vport vm1 id 1 switch sw0 kind xsk state waiting path xsk dev xv1 "
		    "mtu 1500 reason \"no guest is attached\" vlan \"access 10\"\n"
		    "[del] filter id 3 mac 02:00:00:00:00:0a vlan 10 vport vm1 switch sw0\n");
}

static void test_empty(void **state)
{
	struct sink s;

	(void)state;
	sink_open(&s, true, true);
	out_list_begin(s.out);
	out_list_end(s.out);
	sink_is(&s, "[]\n");
	sink_open(&s, false, false);
	out_list_begin(s.out);
	out_list_end(s.out);
	sink_is(&s, "");
}

/* Pretty JSON is the same JSON. */
static void test_pretty(void **state)
{
	struct json_object *obj;
	struct info_filter f;
	struct info_vport v;
	struct sink s;

	(void)state;
	fill_vport(&v, &f);
	strcpy(v.alias, "a\nb");
	sink_open(&s, true, true);
	out_list_begin(s.out);
	for (int i = 0; i < 2; i++) {
		out_item_begin(s.out);
		print_vport(s.out, &v, false);
		out_item_end(s.out);
	}
	out_list_end(s.out);
	sink_close(&s);
	obj = json_tokener_parse(s.text);
	assert_non_null(obj);
	assert_int_equal(json_object_array_length(obj), 2);
	assert_non_null(strstr(s.text, "\n  {\n"));
	json_object_put(obj);
	free(s.text);
}

static void test_strings(void **state)
{
	/* An escape, a bad byte, an overlong slash, good UTF-8, a direction override, a backslash.
	 */
	const char *text = "\033\xff\xc0\xaf\xc3\xa9\xe2\x80\xae\\";
	struct sink s;

	(void)state;
	sink_open(&s, true, false);
	out_list_begin(s.out);
	out_item_begin(s.out);
	out_str(s.out, "a", OUT_BOTH, text);
	out_item_end(s.out);
	out_list_end(s.out);
	sink_is(&s, "[{\"a\":\"\\u001b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\xe2\x80\xae"
		    "\\\\\"}]\n");
	sink_open(&s, false, false);
	out_escape(s.f, text, SIZE_MAX);
	fputc(' ', s.f);
	out_escape(s.f, "abcdef", 3);
	fputc(' ', s.f);
	out_escape(s.f, "cut \xe2\x80", SIZE_MAX);
	sink_is(&s, "\\x1b\\xff\\xc0\\xaf\xc3\xa9\\xe2\\x80\\xae\\ abc... cut \\xe2\\x80");
}

/* A full disk is told. */
static void test_write_error(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct out *out;

	(void)state;
	if (!f)
		skip();
	out = out_new(f, true, false);
	out_list_begin(out);
	out_list_end(out);
	assert_int_equal(out_finish(out), -ENOSPC);
	out_free(out);
	fclose(f);
}

static char *run(enum cli_exit want, unsigned int n, ...)
{
	struct cli cli = { .opts.instance = "default" };
	char *text = NULL, *words[8];
	size_t size;
	va_list ap;

	va_start(ap, n);
	for (unsigned int i = 0; i < n; i++)
		words[i] = va_arg(ap, char *);
	va_end(ap);
	cli.out = cli.errors = open_memstream(&text, &size);
	assert_int_equal(cli_run(&cli, words, n), want);
	fclose(cli.out);
	return text;
}

static void runs(const char *want, enum cli_exit code, unsigned int n, const char *a, const char *b,
		 const char *c)
{
	char *text = run(code, n, a, b, c);

	assert_string_equal(text, want);
	free(text);
}

static void test_errors(void **state)
{
	(void)state;
	runs("xvsw: no object is given, try \"xvsw help\"\n", CLI_USAGE, 0, NULL, NULL, NULL);
	runs("xvsw: vport del: vport is missing\n", CLI_USAGE, 2, "vport", "del", NULL);
	runs("xvsw: unknown object \"-j\", try \"xvsw help\"\n", CLI_USAGE, 2, "-j", "vport", NULL);
	runs("xvsw: vport del: vport \"-j\" is not the name of a VPort\n", CLI_REFUSED, 3, "vport",
	     "del", "-j");
	runs("xvsw: help: unknown command \"foo\"\n", CLI_USAGE, 3, "help", "vport", "foo");
}

static void test_help(void **state)
{
	const struct cli_cmd *cmd, *form;
	const struct cli_arg *arg;
	char *text;

	(void)state;
	text = run(CLI_DONE, 1, "help");
	for (const struct cli_object *obj = cli_objects; obj->name; obj++)
		assert_non_null(strstr(text, obj->name));
	for (const struct cli_opt *opt = cli_opt_table; opt->word; opt++)
		assert_true(!opt->help == !strstr(text, opt->word));
	free(text);
	for (cmd = cli_cmds; cmd->object; cmd++) {
		text = run(CLI_DONE, cmd->name ? 3 : 2, "help", cmd->object, cmd->name);
		for (form = cli_cmd_find(cmd->object, cmd->name); form;
		     form = cli_cmd_next_form(form))
			for (arg = form->args; arg->type != CLI_END; arg++)
				assert_non_null(strstr(text, arg->word ? arg->word : arg->meta));
		free(text);
	}
	/* Both ways round, and where help is no good value. */
	text = run(CLI_DONE, 3, "vport", "help", "add");
	assert_non_null(strstr(text, "Usage: xvsw vport add NAME"));
	free(text);
	text = run(CLI_DONE, 3, "vport", "add", "help");
	assert_non_null(strstr(text, "Usage: xvsw vport add NAME"));
	free(text);
}

static void each_word_is_in(const char *text, bool roff)
{
	const struct cli_cmd *cmd;
	const struct cli_arg *arg;
	char *buf;
	size_t size;
	FILE *f;

	for (cmd = cli_cmds; cmd->object; cmd++) {
		for (arg = cmd->args; arg->type != CLI_END; arg++) {
			if (!arg->word)
				continue;
			f = open_memstream(&buf, &size);
			for (const char *p = arg->word; *p; p++)
				fprintf(f, roff && *p == '-' ? "\\%c" : "%c", *p);
			fclose(f);
			if (!strstr(text, buf))
				fail_msg("%s is missing", buf);
			free(buf);
		}
	}
}

static void test_generated(void **state)
{
	struct sink s;

	(void)state;
	sink_open(&s, false, false);
	cli_print_completion(s.f);
	sink_close(&s);
	each_word_is_in(s.text, false);
	assert_non_null(strstr(s.text, "complete -F _xvsw xvsw"));
	free(s.text);

	sink_open(&s, false, false);
	cli_print_man(s.f);
	sink_close(&s);
	each_word_is_in(s.text, true);
#define X(reason, side, sentence) assert_non_null(strstr(s.text, #reason));
	XVSW_REASONS(X)
#undef X
	free(s.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vport),	    cmocka_unit_test(test_vport_stats),
		cmocka_unit_test(test_reasons),	    cmocka_unit_test(test_switch),
		cmocka_unit_test(test_event),	    cmocka_unit_test(test_empty),
		cmocka_unit_test(test_pretty),	    cmocka_unit_test(test_strings),
		cmocka_unit_test(test_write_error), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_help),	    cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
