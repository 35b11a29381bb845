// SPDX-License-Identifier: GPL-2.0-only
/* Parsers and words of user/base. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mac.h"
#include "base/name.h"
#include "base/num.h"
#include "maps/types.h"

/* Where base and the maps have the same enum, the numbers are the same. */
_Static_assert((int)XVLAN_UNTAGGED == (int)XVSW_VLAN_UNTAGGED, "VLAN modes differ");
_Static_assert((int)XVLAN_ACCESS == (int)XVSW_VLAN_ACCESS, "VLAN modes differ");
_Static_assert((int)XVLAN_TRUNK == (int)XVSW_VLAN_TRUNK, "VLAN modes differ");

static void test_mac_parse(void **state)
{
	static const char *const bad[] = {
		"",
		"02",
		"02:00:00:00:00",
		"02:00:00:00:00:",
		"02:00:00:00:00:0",
		"02:00:00:00:00:01:",
		"02:00:00:00:00:01:02",
		"02:00:00:00:00:1 ",
		" 2:00:00:00:00:01",
		"02:00-00:00:00:01",
		"02-00-00-00-00:01",
		"0200.0000.0001xxx",
		"02:00:00:00:00:0g",
		"+2:00:00:00:00:01",
		"02:00:00:00:0001:",
		"020000000001",
		"02:00:00:00:00:01\n",
		"02.00.00.00.00.01",
		"0x:00:00:00:00:01",
	};
	struct xmac mac, kept = { { 1, 2, 3, 4, 5, 6 } };
	char text[MAC_STR_SIZE];
	unsigned int i;

	(void)state;
	assert_int_equal(mac_parse("aA:bB:Cc:09:fF:00", &mac), 0);
	assert_string_equal(mac_format(&mac, text), "aa:bb:cc:09:ff:00");
	assert_int_equal(mac_parse("AA-BB-CC-00-11-22", &mac), 0);
	assert_string_equal(mac_format(&mac, text), "aa:bb:cc:00:11:22");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mac = kept;
		if (mac_parse(bad[i], &mac) != -EINVAL)
			fail_msg("accepted \"%s\"", bad[i]);
		assert_true(mac_equal(&mac, &kept));
	}
	assert_int_equal(mac_parse(NULL, &mac), -EINVAL);
}

static void test_mac_properties(void **state)
{
	struct xmac zero = { 0 }, unicast = { { 2 } }, multicast = { { 1, 0, 0x5e } };
	struct xmac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

	(void)state;
	assert_true(mac_is_zero(&zero));
	assert_false(mac_is_zero(&unicast));
	assert_false(mac_is_multicast(&zero));
	assert_false(mac_is_multicast(&unicast));
	assert_true(mac_is_multicast(&multicast));
	assert_true(mac_is_multicast(&broadcast));
	assert_true(mac_equal(&zero, &zero));
	assert_false(mac_equal(&zero, &unicast));
}

static void test_num(void **state)
{
	static const struct {
		const char *text;
		uint32_t min, max;
		int ret;
		uint32_t value;
	} cases[] = {
		{ "0", 0, 10, 0, 0 },
		{ "10", 0, 10, 0, 10 },
		{ "11", 0, 10, -ERANGE, 0 },
		{ "1", 2, 10, -ERANGE, 0 },
		{ "007", 0, 10, 0, 7 },
		{ "4294967295", 0, UINT32_MAX, 0, UINT32_MAX },
		{ "4294967296", 0, UINT32_MAX, -ERANGE, 0 },
		{ "18446744073709551617", 0, UINT32_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999999999999999", 0, UINT32_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999999999999999x", 0, UINT32_MAX, -EINVAL, 0 },
		{ "", 0, 10, -EINVAL, 0 },
		{ " 1", 0, 10, -EINVAL, 0 },
		{ "1 ", 0, 10, -EINVAL, 0 },
		{ "+1", 0, 10, -EINVAL, 0 },
		{ "-1", 0, 10, -EINVAL, 0 },
		{ "-0", 0, 10, -EINVAL, 0 },
		{ "0x1", 0, 10, -EINVAL, 0 },
		{ "1.0", 0, 10, -EINVAL, 0 },
		{ "1e1", 0, 10, -EINVAL, 0 },
	};
	unsigned int i;
	uint32_t out;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out = 12345;
		if (num_parse_u32(cases[i].text, cases[i].min, cases[i].max, &out) != cases[i].ret)
			fail_msg("\"%s\"", cases[i].text);
		assert_int_equal(out, cases[i].ret ? 12345 : cases[i].value);
	}
	assert_int_equal(num_parse_u32(NULL, 0, 1, &out), -EINVAL);
}

static void test_name(void **state)
{
	static const char *const good[] = {
		"a",	    "A9",      "vm-1",
		"_x",	    "0",       "a.b",
		"default1", "Default", "1234567890123456789012345678901"
	};
	static const char *const bad[] = { "",
					   "-a",
					   ".a",
					   "..",
					   "a b",
					   "a/b",
					   "default",
					   "a:b",
					   "\xc3\xa9",
					   "a\n",
					   "12345678901234567890123456789012" };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (name_check(good[i]))
			fail_msg("refused \"%s\"", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_check(bad[i]) != -EINVAL)
			fail_msg("accepted \"%s\"", bad[i]);
	assert_int_equal(name_check(NULL), -EINVAL);
}

static void test_ifname(void **state)
{
	(void)state;
	assert_int_equal(name_check_ifname("eth0"), 0);
	assert_int_equal(name_check_ifname("enp3s0f0np0.100"), 0);
	assert_int_equal(name_check_ifname("123456789012345"), 0);
	assert_int_equal(name_check_ifname("1234567890123456"), -EINVAL);
	assert_int_equal(name_check_ifname(""), -EINVAL);
	assert_int_equal(name_check_ifname("."), -EINVAL);
	assert_int_equal(name_check_ifname(".."), -EINVAL);
	assert_int_equal(name_check_ifname("a/b"), -EINVAL);
	assert_int_equal(name_check_ifname("a:1"), -EINVAL);
	assert_int_equal(name_check_ifname("a b"), -EINVAL);
	assert_int_equal(name_check_ifname(NULL), -EINVAL);
}

static void test_text(void **state)
{
	static const char *const good[] = { "",
					    "db of Ana",
					    "caf\xc3\xa9",
					    "\xe2\x82\xac",
					    "\xf0\x9f\x98\x80",
					    "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "a\n",
					   "\t",
					   "\x1b[2J",
					   "\x7f",
					   "\xc3",
					   "\xc2\x85",
					   "\x80",
					   "\xc0\xaf",
					   "\xe0\x80\x80",
					   "\xed\xa0\x80",
					   "\xf4\x90\x80\x80",
					   "\xf8\x88\x80\x80\x80",
					   "\xe2\x82",
					   "\xc3(" };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (name_check_text(good[i]))
			fail_msg("refused text %u", i);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_check_text(bad[i]) != -EINVAL)
			fail_msg("accepted text %u", i);
	assert_int_equal(name_check_text(NULL), -EINVAL);
}

#define CHECK_WORDS(noun, count)                                                                   \
	do {                                                                                       \
		enum x##noun out_;                                                                 \
		for (int i_ = 0; i_ < (int)(count); i_++) {                                        \
			assert_non_null(conf_##noun##_name((enum x##noun)i_));                     \
			assert_int_equal(conf_##noun##_parse(conf_##noun##_name((enum x##noun)i_), \
							     &out_),                               \
					 0);                                                       \
			assert_int_equal(out_, i_);                                                \
		}                                                                                  \
		assert_null(conf_##noun##_name((enum x##noun)(count)));                            \
		assert_int_equal(conf_##noun##_parse("", &out_), -EINVAL);                         \
		assert_int_equal(conf_##noun##_parse("UP", &out_), -EINVAL);                       \
		assert_int_equal(conf_##noun##_parse(NULL, &out_), -EINVAL);                       \
	} while (0)

static void test_conf_words(void **state)
{
	enum xmode mode = XMODE_GENERIC;

	(void)state;
	CHECK_WORDS(mode, XMODE_COUNT);
	CHECK_WORDS(pool, XPOOL_COUNT);
	CHECK_WORDS(kind, XKIND_COUNT);
	CHECK_WORDS(vlan_mode, XVLAN_COUNT);
	CHECK_WORDS(hook, XHOOK_COUNT);
	CHECK_WORDS(state, XSTATE_COUNT);
	CHECK_WORDS(path, XPATH_COUNT);
	CHECK_WORDS(event, XEVENT_COUNT);
	assert_string_equal(conf_state_name(XSTATE_DEGRADED), "degraded");
	assert_string_equal(conf_kind_name(XKIND_XSK), "xsk");
	/* No abbreviation by prefix, and the result is untouched. */
	assert_int_equal(conf_mode_parse("nat", &mode), -EINVAL);
	assert_int_equal(mode, XMODE_GENERIC);
}

static void test_err(void **state)
{
	char longer[2 * ERR_TEXT_SIZE];
	struct err err;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(err_set(&err, -ERANGE, XATTR_VLAN, "vlan %u", 4095u), -ERANGE);
	assert_int_equal(err.code, -ERANGE);
	assert_int_equal(err.attr, XATTR_VLAN);
	assert_string_equal(err.text, "vlan 4095");
	assert_int_equal(err_set(&err, -EINVAL, 0, "%s", longer), -EINVAL);
	assert_int_equal(strlen(err.text), ERR_TEXT_SIZE - 1);
	assert_int_equal(err_set(NULL, -EIO, 0, "x"), -EIO);
}

/* What log_write() put on stderr, which is a file meanwhile. */
static void logged(char *text, size_t size, bool journal, const char *message)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	char stream[64];
	struct stat st;
	ssize_t n;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino + !journal);
	setenv("JOURNAL_STREAM", stream, 1);
	dup2(fileno(file), STDERR_FILENO);
	errno = ENOENT;
	log_warn("%s: %m", message);
	assert_int_equal(errno, ENOENT);
	log_debug("not at this level");
	dup2(saved, STDERR_FILENO);
	close(saved);
	unsetenv("JOURNAL_STREAM");
	n = pread(fileno(file), text, size - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	fclose(file);
}

static void test_log(void **state)
{
	char text[4096], longer[3000];
	enum log_level level;

	(void)state;
	logged(text, sizeof(text), true, "uplink");
	assert_string_equal(text, "<4>uplink: No such file or directory\n");
	logged(text, sizeof(text), false, "uplink");
	assert_string_equal(text, "uplink: No such file or directory\n");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	logged(text, sizeof(text), true, longer);
	assert_in_range(strlen(text), 1000, 1024);
	assert_int_equal(text[strlen(text) - 1], '\n');

	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("loud", &level), -EINVAL);
	log_set_level(LOG_LEVEL_ERROR);
	assert_false(log_enabled(LOG_LEVEL_WARN));
	logged(text, sizeof(text), false, "uplink");
	assert_string_equal(text, "");
	log_set_level(LOG_LEVEL_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac_parse),  cmocka_unit_test(test_mac_properties),
		cmocka_unit_test(test_num),	   cmocka_unit_test(test_name),
		cmocka_unit_test(test_ifname),	   cmocka_unit_test(test_text),
		cmocka_unit_test(test_conf_words), cmocka_unit_test(test_err),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
