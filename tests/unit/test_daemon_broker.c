// SPDX-License-Identifier: GPL-2.0-only
/*
 * The broker: how guests come, are refused, and go. Each test ends with every descriptor closed and
 * every socket file gone (dworld_free() checks).
 */
#include <sys/stat.h>
#include <unistd.h>

#include "daemon_world.h"
#include "world.h"

static void expect_content(int fd, const char *content)
{
	char buf[32] = "";

	assert_int_equal(pread(fd, buf, sizeof(buf) - 1, 0), strlen(content));
	assert_string_equal(buf, content);
}

/* ---- attach ---- */

static void test_attach(void **state)
{
	struct dworld *w = dworld_new(NULL);
	uint32_t id = dworld_vport(w, "web", 0);
	struct dguest_msg m;
	struct xmac mac;
	int fd;

	(void)state;
	dworld_filter(w, "web", 7);
	fd = dguest_connect(w, "web");
	dworld_settle(w);
	dguest_expect_none(fd);
	assert_int_equal(w->attaches, 0);
	dguest_send_attach(fd);
	dworld_settle(w);
	assert_int_equal(w->req.frames, 64);
	assert_int_equal(w->req.frame_size, 4096);
	assert_int_equal(w->req.rx_size, 32);
	assert_int_equal(w->req.tx_size, 16);
	dguest_recv(fd, &m);
	assert_int_equal(m.msg.type, BROKER_ATTACHED);
	assert_int_equal(m.msg.attached.vport_id, id);
	assert_string_equal(m.msg.attached.name, "web");
	assert_int_equal(m.msg.attached.mtu, 1500);
	assert_int_equal(m.msg.attached.n_queues, 1);
	assert_int_equal(m.msg.attached.frames, 4096);
	assert_int_equal(m.msg.attached.frame_size, 2048);
	assert_int_equal(m.msg.attached.rx_size, 512);
	assert_int_equal(m.msg.attached.tx_size, 256);
	assert_int_equal(m.msg.attached.fill_size, 1024);
	assert_int_equal(m.msg.attached.comp_size, 128);
	assert_int_equal(m.msg.attached.macs.total, 1);
	mac = mac_no(7);
	assert_memory_equal(m.msg.attached.macs.mac[0], mac.b, 6);
	assert_int_equal(m.n_fds, 2);
	expect_content(m.fds[0], "socket");
	expect_content(m.fds[1], "umem");
	dguest_close_fds(&m);
	assert_true(dworld_attached(w, "web"));
	dguest_expect_none(fd);
	close(fd);
	dworld_settle(w);
	assert_false(dworld_attached(w, "web"));
	dworld_free(w);
}

static void test_socket_file(void **state)
{
	struct dworld *w = dworld_new(NULL);
	uid_t owner = geteuid() ? geteuid() : DWORLD_OWNER;
	struct info_vport again = { .name = "web" }, lost = { .name = "new" };
	struct stat st;

	(void)state;
	dworld_vport(w, "web", owner);
	assert_int_equal(stat(dworld_path(w, "web"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, owner);
	assert_int_equal(broker_vport_add(w->b, &again, &w->err), -EEXIST);
	close(dguest_connect(w, "web"));
	lost.has_owner = true;
	lost.owner = owner;
	/* A file in the way is one of ours that was lost: it goes. A directory is not. */
	assert_int_equal(mknod(dworld_path(w, "new"), S_IFREG | 0600, 0), 0);
	assert_int_equal(broker_vport_add(w->b, &lost, &w->err), 0);
	close(dguest_connect(w, "new"));
	dworld_settle(w);
	dworld_free(w);
}

static void test_no_socket(void **state)
{
	struct dworld *w = dworld_new(NULL);
	struct info_vport info = { .name = "web" };
	char long_dir[120];
	struct broker *b;

	(void)state;
	assert_int_equal(mkdir(dworld_path(w, "web"), 0700), 0);
	assert_int_equal(broker_vport_add(w->b, &info, &w->err), -EADDRINUSE);
	assert_non_null(strstr(w->err.text, dworld_path(w, "web")));
	assert_int_equal(rmdir(dworld_path(w, "web")), 0);

	memset(long_dir, 'x', sizeof(long_dir) - 1);
	long_dir[sizeof(long_dir) - 1] = '\0';
	assert_int_equal(broker_new(w->loop, w->m, long_dir, &b, &w->err), 0);
	assert_int_equal(broker_vport_add(b, &info, &w->err), -ENAMETOOLONG);
	broker_free(b);
	assert_int_equal(broker_new(w->loop, w->m, "/nonexistent/dir", &b, &w->err), 0);
	assert_int_equal(broker_vport_add(b, &info, &w->err), -ENOENT);
	broker_free(b);
	dworld_free(w);
}

static void test_second_guest(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int first, second;

	(void)state;
	dworld_vport(w, "web", 0);
	first = dguest_attached(w, "web");
	second = dguest_connect(w, "web");
	dguest_send_attach(second);
	dworld_settle(w);
	dguest_expect_refused(second, -EBUSY, "a guest is attached already");
	assert_int_equal(w->attaches, 1);
	assert_int_equal(w->detaches, 0);
	dguest_expect_none(first);
	assert_true(dworld_attached(w, "web"));
	close(first);
	dworld_free(w);
}

/* The second is read while the end of the first still waits in the loop, in either order. */
static void test_attach_again_at_once(void **state)
{
	struct dworld *w = dworld_new(NULL);
	struct dguest_msg m;
	int old, new;

	(void)state;
	dworld_vport(w, "web", 0);
	old = dguest_attached(w, "web");
	for (int i = 0; i < 100; i++) {
		new = dguest_connect(w, "web");
		if (i % 2)
			dworld_settle(w);
		if (i % 4 < 2)
			close(old);
		dguest_send_attach(new);
		if (i % 4 >= 2)
			close(old);
		dworld_settle(w);
		dguest_recv(new, &m);
		assert_int_equal(m.msg.type, BROKER_ATTACHED);
		dguest_close_fds(&m);
		old = new;
	}
	assert_int_equal(w->attaches, 101);
	assert_int_equal(w->detaches, 100);
	close(old);
	dworld_settle(w);
	assert_int_equal(w->detaches, 101);
	dworld_free(w);
}

/* It asks and dies before the daemon looks: nobody is left to take the descriptors. */
static void test_dies_before_the_answer(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	for (int i = 0; i < 20; i++) {
		fd = dguest_connect(w, "web");
		dguest_send_attach(fd);
		close(fd);
		dworld_settle(w);
		assert_false(dworld_attached(w, "web"));
	}
	assert_int_equal(w->attaches, w->detaches);
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

/* The guest lives, and is told by the end of its connection; it does not keep the VPort. */
static void test_hand_over_fails(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	w->bad_fd = true;
	fd = dguest_connect(w, "web");
	dguest_send_attach(fd);
	dworld_settle(w);
	assert_int_equal(w->attaches, 1);
	assert_int_equal(w->detaches, 1);
	assert_false(dworld_attached(w, "web"));
	dguest_expect_eof(fd);
	close(fd);
	w->bad_fd = false;
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

static void test_refused_by_the_data_path(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	fd = dguest_connect(w, "web");
	dguest_send_attach(fd);
	w->dp.fail_at = w->dp.calls + 1;
	dworld_settle(w);
	dguest_expect_refused(fd, FAKE_DP_ERROR, "the fake refuses fake_guest_attach");
	assert_int_equal(w->attaches, 1);
	assert_int_equal(w->detaches, 0);
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

/* ---- the kernel still holds the last guest's sockets ---- */

static void test_retry(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd, other;

	(void)state;
	dworld_vport(w, "web", 0);
	w->again = 10;
	fd = dguest_connect(w, "web");
	dguest_send_attach(fd);
	dworld_settle(w);
	assert_int_equal(w->attaches, 1);
	dworld_advance(w, BROKER_RETRY_MS - 1);
	assert_int_equal(w->attaches, 1);
	dworld_advance(w, 1);
	assert_int_equal(w->attaches, 2);
	/* Who asks while another is on its way is not first. */
	other = dguest_connect(w, "web");
	dguest_send_attach(other);
	dworld_settle(w);
	dguest_expect_refused(other, -EBUSY, "a guest is attached already");
	for (int i = 0; i < 8; i++)
		dworld_advance(w, BROKER_RETRY_MS);
	dguest_expect_none(fd);
	dworld_advance(w, BROKER_RETRY_MS);
	assert_int_equal(w->attaches, 11);
	assert_true(dworld_attached(w, "web"));
	/* Neither the timer of the retries nor that of the first message is left. */
	dworld_advance(w, BROKER_HELLO_MS + BROKER_RETRY_TOTAL_MS);
	assert_int_equal(w->attaches, 11);
	assert_true(dworld_attached(w, "web"));
	close(fd);
	dworld_free(w);
}

static void test_retry_gives_up(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	w->again = DWORLD_FOR_EVER;
	fd = dguest_connect(w, "web");
	/* Late, so that the timer of the first message would come in the midst of the retries. */
	dworld_advance(w, BROKER_HELLO_MS - 1);
	dguest_send_attach(fd);
	dworld_settle(w);
	for (int ms = BROKER_RETRY_MS; ms < BROKER_RETRY_TOTAL_MS; ms += BROKER_RETRY_MS)
		dworld_advance(w, BROKER_RETRY_MS);
	dguest_expect_none(fd);
	assert_int_equal(w->attaches, BROKER_RETRY_TOTAL_MS / BROKER_RETRY_MS);
	dworld_advance(w, BROKER_RETRY_MS);
	dguest_expect_refused(fd, -EAGAIN, "the fake still holds the last guest's socket");
	w->again = 0;
	close(dguest_attached(w, "web"));
	dworld_free(w);
}

static void test_gone_while_retrying(void **state)
{
	struct dworld *w = dworld_new(NULL);
	struct dguest_msg m;
	int fd, next;

	(void)state;
	dworld_vport(w, "web", 0);
	w->again = DWORLD_FOR_EVER;
	fd = dguest_connect(w, "web");
	dguest_send_attach(fd);
	dworld_settle(w);
	next = dguest_connect(w, "web");
	dworld_settle(w);
	/* The next one's message is seen first: it comes before the end in the loop or with it. */
	dguest_send_attach(next);
	close(fd);
	dworld_settle(w);
	dguest_expect_none(next);
	w->again = 0;
	dworld_advance(w, BROKER_RETRY_MS);
	dguest_recv(next, &m);
	assert_int_equal(m.msg.type, BROKER_ATTACHED);
	dguest_close_fds(&m);
	close(next);
	dworld_settle(w);
	assert_int_equal(w->detaches, 1);
	dworld_free(w);
}

static void test_sends_while_retrying(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int fd;

	(void)state;
	dworld_vport(w, "web", 0);
	w->again = DWORLD_FOR_EVER;
	fd = dguest_connect(w, "web");
	dguest_send_attach(fd);
	dworld_settle(w);
	dguest_send_attach(fd);
	dworld_settle(w);
	dguest_expect_eof(fd);
	close(fd);
	w->again = 0;
	dworld_advance(w, BROKER_RETRY_TOTAL_MS);
	assert_false(dworld_attached(w, "web"));
	dworld_free(w);
}

/* ---- the end ---- */

static void test_vport_deleted(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int guest, waits, retries;

	(void)state;
	dworld_vport(w, "web", 0);
	dworld_vport(w, "slow", 0);
	guest = dguest_attached(w, "web");
	waits = dguest_connect(w, "web");
	retries = dguest_connect(w, "slow");
	dguest_send_attach(retries);
	w->again = DWORLD_FOR_EVER;
	dworld_settle(w);
	dworld_vport_del(w, "web");
	dworld_vport_del(w, "slow");
	dguest_expect_eof(guest);
	dguest_expect_eof(waits);
	dguest_expect_eof(retries);
	assert_int_equal(access(dworld_path(w, "web"), F_OK), -1);
	w->again = 0;
	dworld_advance(w, BROKER_HELLO_MS);
	assert_int_equal(w->attaches, 2);
	assert_int_equal(w->detaches, 0);
	/* The name is free again. */
	dworld_vport(w, "web", 0);
	close(guest);
	guest = dguest_attached(w, "web");
	close(guest);
	close(waits);
	close(retries);
	dworld_free(w);
}

static void test_switch_deleted(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int a, b;

	(void)state;
	dworld_vport(w, "a", 0);
	dworld_vport(w, "b", 0);
	dworld_filter(w, "a", 1);
	a = dguest_attached(w, "a");
	b = dguest_attached(w, "b");
	assert_int_equal(model_switch_del(w->m, "s0", &w->err), 0);
	dworld_settle(w);
	dguest_expect_eof(a);
	dguest_expect_eof(b);
	close(a);
	close(b);
	dworld_free(w);
}

/* The daemon stops: sockets and connections go, the guest's data path stays. */
static void test_broker_freed(void **state)
{
	struct dworld *w = dworld_new(NULL);
	int guest, waits;

	(void)state;
	dworld_vport(w, "web", 0);
	guest = dguest_attached(w, "web");
	waits = dguest_connect(w, "web");
	dworld_settle(w);
	dworld_filter(w, "web", 1);
	dworld_free_broker(w);
	dguest_expect_eof(guest);
	dguest_expect_eof(waits);
	assert_true(dworld_attached(w, "web"));
	assert_int_equal(w->detaches, 0);
	assert_int_equal(access(dworld_path(w, "web"), F_OK), -1);
	close(guest);
	close(waits);
	broker_free(NULL);
	dworld_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_socket_file),
		cmocka_unit_test(test_no_socket),
		cmocka_unit_test(test_second_guest),
		cmocka_unit_test(test_attach_again_at_once),
		cmocka_unit_test(test_dies_before_the_answer),
		cmocka_unit_test(test_hand_over_fails),
		cmocka_unit_test(test_refused_by_the_data_path),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_retry_gives_up),
		cmocka_unit_test(test_gone_while_retrying),
		cmocka_unit_test(test_sends_while_retrying),
		cmocka_unit_test(test_vport_deleted),
		cmocka_unit_test(test_switch_deleted),
		cmocka_unit_test(test_broker_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
