// SPDX-License-Identifier: GPL-2.0-only
/*
 * The broker against guests that do not keep to the protocol, and against users that do not own the
 * VPort. After each the VPort takes a good guest, and no descriptor is left (dworld_free() checks).
 */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon_world.h"
#include "proto_fake.h"

#define THOUSAND 1000
#define HELD 200

#define HEAD(type, version, length) (type), 0, (version), 0, (length) % 256, (length) / 256, 0, 0

/* ---- first messages ---- */

struct first {
	const char *what;
	size_t len;
	int code;
	uint8_t bytes[24];
};

static const struct first firsts[] = {
	{ "one byte", 1, -EPROTO, { 1 } },
	{ "half a head", 7, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "a head only", 8, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "a head that says so", 8, -EPROTO, { HEAD(BROKER_ATTACH, 1, 8) } },
	{ "a byte short", 23, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "a byte short that says so", 23, -EPROTO, { HEAD(BROKER_ATTACH, 1, 23) } },
	{ "a byte over", 25, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "a byte over that says so", 25, -EPROTO, { HEAD(BROKER_ATTACH, 1, 25) } },
	{ "version 0", 24, -EPROTONOSUPPORT, { HEAD(BROKER_ATTACH, 0, 24) } },
	{ "version 2", 24, -EPROTONOSUPPORT, { HEAD(BROKER_ATTACH, 2, 24) } },
	{ "type 0", 24, -EPROTO, { HEAD(0, 1, 24) } },
	{ "type 200", 24, -EPROTO, { HEAD(200, 1, 24) } },
	{ "the daemon's REFUSED",
	  12,
	  -EPROTO,
	  { HEAD(BROKER_REFUSED, 1, 12), 255, 255, 255, 255 } },
	{ "the daemon's MACS", 16, -EPROTO, { HEAD(BROKER_MACS, 1, 16) } },
	{ "the longest", BROKER_MSG_MAX, -EPROTO, { HEAD(BROKER_ATTACH, 1, BROKER_MSG_MAX) } },
	{ "a byte over the longest", BROKER_MSG_MAX + 1, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "one that says its first part", 5000, -EPROTO, { HEAD(BROKER_ATTACH, 1, 24) } },
	{ "one that would be cut to fit",
	  5000,
	  -EPROTO,
	  { HEAD(BROKER_ATTACH, 1, BROKER_MSG_MAX + 1) } },
};

static void test_bad_first_message(void **state)
{
	struct dworld *w = dworld_new(NULL);
	uint8_t buf[5000];
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		const struct first *f = &firsts[i];

		memset(buf, 0, sizeof(buf));
		memcpy(buf, f->bytes, sizeof(f->bytes));
		fd = dguest_connect(w, "web");
		dguest_send(fd, buf, f->len);
		dworld_settle(w);
		if (w->attaches != i)
			fail_msg("attached with %s", f->what);
		dguest_expect_refused(fd, f->code,
				      f->code == -EPROTO ? "malformed message" : "version");
		close(dguest_attached(w, "web"));
		dworld_settle(w);
	}
	dworld_free(w);
}

/* Indistinguishable from the end of a connection. */
static void test_empty_message(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_connect(w, "web");
	dguest_send(fd, "", 0);
	dworld_settle(w);
	dguest_expect_eof(fd);
	close(fd);
	assert_int_equal(w->attaches, 0);
	dworld_free(w);
}

/* Refused ones that had more to say get to read why. */
static void test_talkative(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int guest, fd;

	(void)state;
	dworld_vport(w, "web", 0);
	guest = dguest_attached(w, "web");
	fd = dguest_connect(w, "web");
	for (int i = 0; i < 4; i++)
		dguest_send_attach(fd);
	dworld_settle(w);
	dguest_expect_refused(fd, -EBUSY, "a guest is attached already");
	dguest_expect_none(guest);
	close(guest);
	dworld_free(w);
}

static void test_guest_that_sends(void **state)
{
	static const char big[8000];
	static const size_t sizes[] = { 1, 24, sizeof(big) };
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fd = dguest_attached(w, "web");
		dguest_send(fd, big, sizes[i]);
		dworld_settle(w);
		assert_false(dworld_attached(w, "web"));
		dguest_expect_eof(fd);
		close(fd);
	}
	dworld_free(w);
}

/* ---- descriptors sent by the guest ---- */

static void send_fd(int to, const void *buf, size_t len, int fd)
{
	union {
		char buf[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(16 * sizeof(int));
	for (int i = 0; i < 16; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
	assert_int_equal(sendmsg(to, &mh, MSG_NOSIGNAL), len);
}

static void test_sent_descriptors_are_closed(void **state)
{
	static const uint8_t attach[24] = { HEAD(BROKER_ATTACH, 1, 24) };
	static const char junk[6000];
	static const struct {
		const void *bytes;
		size_t len;
		bool attaches;
	} cases[] = { { attach, sizeof(attach), true },
		      { junk, 10, false },
		      { junk, 6000, false } };
	struct dworld *w = dworld_new(NULL);
	int fd, pipe_fds[2];
	char c;

	(void)state;
	dworld_vport(w, "web", 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
		fd = dguest_connect(w, "web");
		send_fd(fd, cases[i].bytes, cases[i].len, pipe_fds[1]);
		close(pipe_fds[1]);
		assert_int_equal(read(pipe_fds[0], &c, 1), -1);
		dworld_settle(w);
		assert_int_equal(dworld_attached(w, "web"), cases[i].attaches);
		/* The end of a pipe is read when nobody holds its writing end. */
		assert_int_equal(read(pipe_fds[0], &c, 1), 0);
		close(pipe_fds[0]);
		if (cases[i].attaches) {
			assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
			send_fd(fd, "x", 1, pipe_fds[1]);
			close(pipe_fds[1]);
			dworld_settle(w);
			assert_false(dworld_attached(w, "web"));
			assert_int_equal(read(pipe_fds[0], &c, 1), 0);
			close(pipe_fds[0]);
		}
		close(fd);
	}
	dworld_free(w);
}

/* ---- limits ---- */

static void test_hello_timeout(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int guest, early, late;

	(void)state;
	dworld_vport(w, "web", 0);
	guest = dguest_attached(w, "web");
	early = dguest_connect(w, "web");
	dworld_settle(w);
	dworld_advance(w, 1);
	late = dguest_connect(w, "web");
	dworld_settle(w);
	dworld_advance(w, BROKER_HELLO_MS - 2);
	dguest_expect_none(early);
	dworld_advance(w, 1);
	dguest_expect_refused(early, -ETIMEDOUT, "no message in time");
	dguest_expect_none(late);
	dworld_advance(w, 1);
	dguest_expect_refused(late, -ETIMEDOUT, "no message in time");
	dworld_advance(w, 10 * BROKER_HELLO_MS);
	dguest_expect_none(guest);
	assert_true(dworld_attached(w, "web"));
	close(guest);
	dworld_free(w);
}

static void test_pending_cap(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fds[BROKER_PENDING_MAX], guest, more;

	(void)state;
	dworld_vport(w, "web", 0);
	dworld_vport(w, "other", 0);
	guest = dguest_attached(w, "web");
	for (int i = 0; i < BROKER_PENDING_MAX; i++) {
		fds[i] = dguest_connect(w, "web");
		dworld_settle(w);
		dguest_expect_none(fds[i]);
	}
	more = dguest_connect(w, "web");
	dworld_settle(w);
	dguest_expect_refused(more, -EBUSY, "16 connections wait on vport 'web' already");
	/* Another VPort has its own places. */
	close(dguest_attached(w, "other"));
	/* The guest has none of them; one that waited may have its place. */
	close(guest);
	dworld_settle(w);
	more = dguest_connect(w, "web");
	dworld_settle(w);
	dguest_expect_refused(more, -EBUSY, "16 connections wait");
	dguest_send_attach(fds[0]);
	dworld_settle(w);
	assert_true(dworld_attached(w, "web"));
	more = dguest_connect(w, "web");
	dworld_settle(w);
	dguest_expect_none(more);
	close(fds[1]);
	dworld_settle(w);
	fds[1] = dguest_connect(w, "web");
	dworld_settle(w);
	dguest_expect_none(fds[1]);
	close(more);
	for (int i = 0; i < BROKER_PENDING_MAX; i++)
		close(fds[i]);
	dworld_settle(w);
	dworld_free(w);
}

/* HELD at a time are open; half of them ask, none ever reads. */
static void test_thousand_never_read(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int held[HELD];
	unsigned int before, n = 0;

	(void)state;
	dworld_vport(w, "web", 0);
	/* The loop makes its timer's descriptor when it first needs one. */
	close(dguest_attached(w, "web"));
	dworld_settle(w);
	before = dworld_count_fds();
	for (int i = 0; i < THOUSAND; i++) {
		if (n == HELD)
			while (n)
				close(held[--n]);
		held[n] = dguest_connect(w, "web");
		if (i % 2)
			dguest_send_attach(held[n]);
		n++;
		dworld_settle(w);
		assert_in_range(dworld_count_fds(), before, before + n + BROKER_PENDING_MAX + 3);
	}
	while (n)
		close(held[--n]);
	dworld_settle(w);
	assert_int_equal(dworld_count_fds(), before);
	assert_int_equal(w->attaches, w->detaches);
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

static void test_out_of_descriptors(void **state)
{
	struct dworld *w = dworld_new(NULL);
	struct rlimit old, tight;
	int fd, top;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_connect(w, "web");
	/* The lowest free number is where the limit goes. */
	top = dup(fd);
	close(top);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = (struct rlimit){ (rlim_t)top, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	/* Ends: the socket stays readable, so the broker must let it rest. */
	dworld_settle(w);
	dguest_send_attach(fd);
	for (int i = 0; i < 30; i++)
		dworld_advance(w, 50);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	dworld_advance(w, 100);
	assert_true(dworld_attached(w, "web"));
	close(fd);
	dworld_free(w);
}

/* ---- whose VPort it is: these need root, to become somebody else ---- */

/* Like a guest of another user, in a process of its own. Returns 0, or the step that went wrong. */
typedef int (*as_other)(struct dworld *w);

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		_exit(100);
}

static pid_t run_as(struct dworld *w, uid_t uid, as_other what)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		alarm(5);
		become(uid);
		_exit(what(w));
	}
	return pid;
}

/* One message, waiting for it: 0 the end, -1 an error, else its type. */
static int wait_msg(int fd, struct broker_msg *msg)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[BROKER_MSG_MAX];
	ssize_t n;

	if (poll(&p, 1, -1) != 1)
		return -1;
	n = recv(fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return (int)n;
	return broker_decode(buf, (size_t)n, msg) ? -1 : (int)msg->type;
}

static int other_attaches(struct dworld *w)
{
	int fd = dguest_connect(w, "web");
	struct broker_msg msg;

	dguest_send_attach(fd);
	return wait_msg(fd, &msg) == BROKER_ATTACHED ? 0 : 1;
}

static int other_is_kept_out(struct dworld *w)
{
	const char *path = dworld_path(w, "web");

	if (access(path, W_OK) == 0)
		return 1;
	return errno == EACCES ? 0 : 2;
}

static int other_is_refused(struct dworld *w)
{
	int fd = dguest_connect(w, "web");
	struct broker_msg msg;

	if (wait_msg(fd, &msg) != BROKER_REFUSED)
		return 1;
	if (msg.refused.code != -EPERM || !strstr(msg.refused.text, "belongs to uid 65534"))
		return 2;
	return wait_msg(fd, &msg) ? 3 : 0;
}

static void test_owner(void **state)
{
	struct dworld *w;

	(void)state;
	NEED_ROOT();
	w = dworld_new(NULL);
	dworld_vport(w, "web", DWORLD_OWNER);
	assert_int_equal(dworld_serve_child(w, run_as(w, DWORLD_OWNER, other_attaches)), 0);
	assert_int_equal(w->attaches, 1);
	assert_false(dworld_attached(w, "web"));
	assert_int_equal(dworld_serve_child(w, run_as(w, DWORLD_STRANGER, other_is_kept_out)), 0);
	/* Who opens the file to everybody has not opened the VPort. */
	assert_int_equal(chmod(dworld_path(w, "web"), 0666), 0);
	assert_int_equal(dworld_serve_child(w, run_as(w, DWORLD_STRANGER, other_is_refused)), 0);
	assert_int_equal(w->attaches, 1);
	/* Root may. */
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

/* The end of a connection is what tells the last owner. */
static int other_loses_it(struct dworld *w)
{
	int fd = dguest_connect(w, "web");
	int waiting = dguest_connect(w, "web");
	struct broker_msg msg;

	dguest_send_attach(fd);
	if (wait_msg(fd, &msg) != BROKER_ATTACHED)
		return 1;
	if (wait_msg(fd, &msg) != 0)
		return 2;
	return wait_msg(waiting, &msg) ? 3 : 0;
}

static void test_owner_changes(void **state)
{
	struct conf_vport set = { .name = "web",
				  .set = XBIT(XATTR_OWNER),
				  .owner = DWORLD_STRANGER };
	struct dworld *w;
	struct stat st;
	pid_t pid;

	(void)state;
	NEED_ROOT();
	w = dworld_new(NULL);
	dworld_vport(w, "web", DWORLD_OWNER);
	pid = run_as(w, DWORLD_OWNER, other_loses_it);
	while (!dworld_attached(w, "web"))
		assert_true(sd_event_run(w->loop, 20000) >= 0);
	assert_int_equal(model_vport_set(w->m, &set, &w->err), 0);
	assert_int_equal(dworld_serve_child(w, pid), 0);
	assert_false(dworld_attached(w, "web"));
	assert_int_equal(w->detaches, 1);
	assert_int_equal(stat(dworld_path(w, "web"), &st), 0);
	assert_int_equal(st.st_uid, DWORLD_STRANGER);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(dworld_serve_child(w, run_as(w, DWORLD_OWNER, other_is_kept_out)), 0);
	assert_int_equal(dworld_serve_child(w, run_as(w, DWORLD_STRANGER, other_attaches)), 0);
	dworld_free(w);
}

/* Root's guest belongs to no owner: it stays. So does everybody's when something else is set. */
static void test_owner_changes_under_root(void **state)
{
	struct conf_vport set = { .name = "web",
				  .set = XBIT(XATTR_OWNER),
				  .owner = DWORLD_STRANGER };
	struct dworld *w;
	int fd;

	(void)state;
	NEED_ROOT();
	w = dworld_new(NULL);
	dworld_vport(w, "web", DWORLD_OWNER);
	fd = dguest_attached(w, "web");
	assert_int_equal(model_vport_set(w->m, &set, &w->err), 0);
	dworld_settle(w);
	set = (struct conf_vport){ .name = "web", .set = XBIT(XATTR_MTU), .mtu = 1400 };
	assert_int_equal(model_vport_set(w->m, &set, &w->err), 0);
	dworld_settle(w);
	dguest_expect_none(fd);
	assert_true(dworld_attached(w, "web"));
	close(fd);
	dworld_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_first_message),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_talkative),
		cmocka_unit_test(test_guest_that_sends),
		cmocka_unit_test(test_sent_descriptors_are_closed),
		cmocka_unit_test(test_hello_timeout),
		cmocka_unit_test(test_pending_cap),
		cmocka_unit_test(test_thousand_never_read),
		cmocka_unit_test(test_out_of_descriptors),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_owner_changes),
		cmocka_unit_test(test_owner_changes_under_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
