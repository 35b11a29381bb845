// SPDX-License-Identifier: GPL-2.0-only
/* The contract between bpf/ and user/ (maps/), as the kernel has it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "run.h"

static void check_map(int fd, uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	assert_int_equal(info.type, type);
	assert_int_equal(info.key_size, key);
	assert_int_equal(info.value_size, value);
	assert_int_equal(info.max_entries, entries);
}

static void test_maps(void **state)
{
	struct lab *lab = *state;

	check_map(lab->conf, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct xvsw_conf), 1);
	check_map(lab->filters, BPF_MAP_TYPE_HASH, sizeof(struct xvsw_filter_key),
		  sizeof(struct xvsw_filter), XVSW_FILTERS_MAX);
	check_map(lab->filter_index, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct xvsw_bucket),
		  XVSW_INDEX_BUCKETS);
	check_map(lab->vports, BPF_MAP_TYPE_ARRAY, 4, sizeof(struct xvsw_vport), XVSW_VPORT_SLOTS);
	check_map(lab->devs, BPF_MAP_TYPE_HASH, 4, sizeof(struct xvsw_dev), XVSW_VPORT_SLOTS);
	check_map(lab->counters, BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct xvsw_counters),
		  XVSW_VPORT_SLOTS);
	check_map(lab->ports, BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, XVSW_VPORT_SLOTS + 1);
	check_map(lab->flood_map, BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, XVSW_VLAN_SLOTS);
	check_map(lab->guest_devs, BPF_MAP_TYPE_HASH, sizeof(struct xvsw_guest_dev), 4,
		  XVSW_VPORT_SLOTS);
	check_map(lab->xsks, BPF_MAP_TYPE_XSKMAP, 4, 4, XVSW_XSK_QUEUES_MAX);
}

/* Sizes that pinned maps and guests rely on; a change needs a new schema or metadata version. */
static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct xvsw_meta), 8);
	assert_int_equal(offsetof(struct xvsw_meta, src), 2);
	assert_int_equal(offsetof(struct xvsw_meta, dst), 4);
	assert_int_equal(offsetof(struct xvsw_meta, vlan), 6);
	assert_int_equal(sizeof(struct xvsw_filter_key), 8);
	assert_int_equal(sizeof(struct xvsw_filter), 8);
	assert_int_equal(sizeof(struct xvsw_bucket), 64);
	assert_int_equal(sizeof(struct xvsw_dev), 4);
	assert_int_equal(sizeof(struct xvsw_vport), 16);
	assert_int_equal(sizeof(struct xvsw_conf), 32);
	assert_int_equal(sizeof(struct xvsw_guest_dev), 8);
	assert_int_equal(offsetof(struct xvsw_counters, reasons), C_REASON * 8);
}

enum side { TX, RX };
static const struct {
	const char *name;
	enum side side;
	const char *text;
} reasons[] = {
#undef TX
#undef RX
#define X(name, side, text) { #name, side, text },
	XVSW_REASONS(X)
#undef X
};

static void test_reasons(void **state)
{
	size_t i, k;

	(void)state;
	assert_int_equal(ROWS(reasons), XVSW_REASON_COUNT);
	for (i = 0; i < ROWS(reasons); i++) {
		assert_in_range(strlen(reasons[i].name), 1, 31);
		assert_true(strlen(reasons[i].text) > 0);
		assert_int_equal(strspn(reasons[i].name, "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(reasons[i].name));
		for (k = 0; k < i; k++) {
			assert_string_not_equal(reasons[i].name, reasons[k].name);
			assert_string_not_equal(reasons[i].text, reasons[k].text);
		}
	}
}

/* Append only: the position is the index in counters that outlive the daemon. */
static void test_reason_positions(void **state)
{
	static const char *const order[] = {
		"malformed",   "link_local",  "vlan_not_allowed", "spoofcheck",
		"hairpin",     "no_headroom", "isolated",	  "mtu",
		"no_target",   "no_guest",    "ring_full",	  "target_full",
		"target_down", "flood_frags",
	};
	size_t i;

	(void)state;
	assert_true(ROWS(order) <= ROWS(reasons));
	for (i = 0; i < ROWS(order); i++)
		assert_string_equal(reasons[i].name, order[i]);
}

static struct xvsw_filter_key filter_key(uint32_t i)
{
	return (struct xvsw_filter_key){ .mac = { 2, 1, i >> 24, i >> 16, i >> 8, i } };
}

/* 65,536 filters and not one more; the first and the last are found. */
static void test_filters_full(void **state)
{
	struct lab *lab = *state;
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), i;
	struct xvsw_filter to = { .vport = 1 }, got;
	struct xvsw_filter_key key;
	int fd, r, error;

	assert_int_equal(XVSW_FILTERS_MAX, 65536); /* what is promised */
	assert_int_equal(bpf_obj_get_info_by_fd(lab->filters, &info, &len), 0);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = info.map_flags);
	fd = bpf_map_create(info.type, "xt_filters", info.key_size, info.value_size,
			    info.max_entries, &opts);
	assert_true(fd >= 0);
	for (i = 0; i < XVSW_FILTERS_MAX; i++) {
		key = filter_key(i);
		to.id = i + 1;
		assert_int_equal(bpf_map_update_elem(fd, &key, &to, BPF_NOEXIST), 0);
	}
	key = filter_key(XVSW_FILTERS_MAX);
	r = bpf_map_update_elem(fd, &key, &to, BPF_NOEXIST);
	error = errno;
	assert_int_not_equal(r, 0);
	assert_int_equal(error, E2BIG);
	for (i = 0; i < XVSW_FILTERS_MAX; i += XVSW_FILTERS_MAX - 1) {
		key = filter_key(i);
		assert_int_equal(bpf_map_lookup_elem(fd, &key, &got), 0);
		assert_int_equal(got.id, i + 1);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_maps),	     cmocka_unit_test(test_sizes),
	cmocka_unit_test(test_reasons),	     cmocka_unit_test(test_reason_positions),
	cmocka_unit_test(test_filters_full),
};

int main(void)
{
	return run_main("maps", NULL, 0, tests, ROWS(tests));
}
