// SPDX-License-Identifier: GPL-2.0-only
/* What the broker tells attached guests when their VPort's receive filters change. */
#include <sys/socket.h>
#include <unistd.h>

#include "daemon_world.h"
#include "world.h"

#define MANY_GUESTS 50

static void take(int fd, struct broker_macs *macs)
{
	struct dguest_msg m;

	dguest_recv(fd, &m);
	assert_false(m.none || m.eof);
	assert_int_equal(m.msg.type, BROKER_MACS);
	*macs = m.msg.macs;
}

static void del(struct dworld *w, uint32_t id)
{
	assert_int_equal(model_filter_del(w->m, id, &w->err), 0);
}

static void test_add_and_del(void **state)
{
	struct dworld *w = dworld_new(NULL);
	struct xmac mac = mac_no(1);
	struct broker_macs macs;
	uint32_t id;
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	dworld_vport(w, "other", 0);
	fd = dguest_attached(w, "web");
	id = dworld_filter(w, "web", 1);
	/* The first change is told at once. */
	dworld_settle(w);
	take(fd, &macs);
	assert_int_equal(macs.total, 1);
	assert_int_equal(macs.n, 1);
	assert_memory_equal(macs.mac[0], mac.b, 6);
	dguest_expect_none(fd);
	del(w, id);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(fd, 0, 0);
	/* Not its filters; not a change. */
	dworld_filter(w, "other", 2);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	del(w, dworld_filter(w, "web", 3));
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_none(fd);
	close(fd);
	dworld_free(w);
}

static void test_coalesced(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_attached(w, "web");
	for (uint32_t i = 0; i < BROKER_MACS_MAX; i++) {
		dworld_filter(w, "web", i);
		dworld_settle(w);
	}
	dguest_expect_macs(fd, 1, 1);
	dguest_expect_none(fd);
	dworld_advance(w, BROKER_MACS_EVERY_MS - 1);
	dguest_expect_none(fd);
	dworld_advance(w, 1);
	dguest_expect_macs(fd, BROKER_MACS_MAX, BROKER_MACS_MAX);
	/* More than a message holds: the first ones, and how many there are. */
	dworld_filter(w, "web", BROKER_MACS_MAX);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(fd, BROKER_MACS_MAX + 1, BROKER_MACS_MAX);
	for (uint32_t i = 1000; i < 6000; i++)
		dworld_filter(w, "web", i);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(fd, BROKER_MACS_MAX + 5001, BROKER_MACS_MAX);
	dguest_expect_none(fd);
	close(fd);
	dworld_free(w);
}

/* A guest that attaches after a change that is still to be told has it in ATTACHED. */
static void test_attach_between(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_attached(w, "web");
	dworld_filter(w, "web", 1);
	dworld_settle(w);
	dworld_filter(w, "web", 2);
	dworld_settle(w);
	close(fd);
	fd = dguest_attached(w, "web");
	dworld_advance(w, 10 * BROKER_MACS_EVERY_MS);
	dguest_expect_none(fd);
	dworld_filter(w, "web", 3);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(fd, 3, 3);
	close(fd);
	dworld_free(w);
}

static void test_move(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int from, to, other;
	uint32_t id, count;

	(void)state;
	dworld_vport(w, "from", 0);
	dworld_vport(w, "to", 0);
	dworld_vport(w, "other", 0);
	id = dworld_filter(w, "from", 1);
	dworld_filter(w, "from", 2);
	dworld_filter(w, "from", 3);
	dworld_filter(w, "other", 4);
	from = dguest_attached(w, "from");
	to = dguest_attached(w, "to");
	other = dguest_attached(w, "other");
	assert_int_equal(model_filter_move(w->m, id, "to", &w->err), 0);
	dworld_settle(w);
	dguest_expect_macs(from, 2, 2);
	dguest_expect_macs(to, 1, 1);
	assert_int_equal(model_filter_move_all(w->m, "from", "to", &count, &w->err), 0);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(from, 0, 0);
	dguest_expect_macs(to, 3, 3);
	dguest_expect_none(other);
	dguest_expect_none(from);
	dguest_expect_none(to);
	close(from);
	close(to);
	close(other);
	dworld_free(w);
}

/* More guests than are told in one go: all of them, still at once. */
static void test_many_guests(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fds[MANY_GUESTS];
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < MANY_GUESTS; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		dworld_vport(w, name, 0);
		fds[i] = dguest_attached(w, name);
	}
	for (uint32_t i = 0; i < MANY_GUESTS; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		dworld_filter(w, name, i);
	}
	dworld_settle(w);
	for (uint32_t i = 0; i < MANY_GUESTS; i++) {
		dguest_expect_macs(fds[i], 1, 1);
		dguest_expect_none(fds[i]);
		close(fds[i]);
	}
	dworld_free(w);
}

/* More guests than are told in one go, and the one that a move concerns is the last of them. */
static void test_move_among_many(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fds[MANY_GUESTS];
	uint32_t id;
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < MANY_GUESTS; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		dworld_vport(w, name, 0);
		fds[i] = dguest_attached(w, name);
	}
	dworld_settle(w);
	id = dworld_filter(w, "g0", 1);
	dworld_settle(w);
	dguest_expect_macs(fds[0], 1, 1);
	for (uint32_t i = 1; i < MANY_GUESTS; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		assert_int_equal(model_filter_move(w->m, id, name, &w->err), 0);
		dworld_advance(w, BROKER_MACS_EVERY_MS);
		dguest_expect_macs(fds[i - 1], 0, 0);
		dguest_expect_macs(fds[i], 1, 1);
	}
	for (uint32_t i = 0; i < MANY_GUESTS; i++) {
		dguest_expect_none(fds[i]);
		close(fds[i]);
	}
	dworld_free(w);
}

/* Never blocks on it, keeps a few messages, and tells the state of now when it reads again. */
static void test_never_reads(void **state)
{
	struct dworld *w = dworld_new(NULL);
	unsigned int queued = 0;
	struct dguest_msg m;
	int fd, other;

	(void)state;
	dworld_vport(w, "web", 0);
	dworld_vport(w, "other", 0);
	fd = dguest_attached(w, "web");
	other = dguest_attached(w, "other");
	for (uint32_t i = 1; i <= 300; i++) {
		dworld_filter(w, "web", i);
		dworld_filter(w, "other", 1000 + i);
		dworld_advance(w, BROKER_MACS_EVERY_MS);
		/* The one that does not read is not in the way of the one that does. */
		dguest_expect_macs(other, i, i < BROKER_MACS_MAX ? i : BROKER_MACS_MAX);
	}
	dguest_expect_none(other);
	for (;; queued++) {
		dguest_recv(fd, &m);
		if (m.none)
			break;
		assert_int_equal(m.msg.type, BROKER_MACS);
		assert_int_equal(m.msg.macs.total, queued + 1);
	}
	assert_in_range(queued, 2, 100);
	dworld_settle(w);
	dguest_expect_macs(fd, 300, BROKER_MACS_MAX);
	dguest_expect_none(fd);
	/* And from there on as before. */
	dworld_filter(w, "web", 301);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_macs(fd, 301, BROKER_MACS_MAX);
	dworld_advance(w, BROKER_MACS_EVERY_MS);
	dguest_expect_none(fd);
	close(fd);
	close(other);
	dworld_free(w);
}

static void test_full_guest_goes(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_attached(w, "web");
	for (uint32_t i = 1; i <= 200; i++) {
		dworld_filter(w, "web", i);
		dworld_advance(w, BROKER_MACS_EVERY_MS);
	}
	dworld_filter(w, "web", 201);
	close(fd);
	dworld_settle(w);
	assert_false(dworld_attached(w, "web"));
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_and_del),    cmocka_unit_test(test_coalesced),
		cmocka_unit_test(test_attach_between), cmocka_unit_test(test_move),
		cmocka_unit_test(test_many_guests),    cmocka_unit_test(test_move_among_many),
		cmocka_unit_test(test_never_reads),    cmocka_unit_test(test_full_guest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
