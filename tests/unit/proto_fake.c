// SPDX-License-Identifier: GPL-2.0-only
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/sock.h"
#include "tests/unit/proto_fake.h"

uint32_t proto_fake_protocol = PROTO_VERSION;
static char name[CONF_NAME_SIZE];

const char *proto_fake_name(void)
{
	if (!name[0])
		snprintf(name, sizeof(name), "unit-%d", (int)getpid());
	return name;
}

static int fake_hello(struct proto_answer *a)
{
	struct proto_data d = { .type = PROTO_HELLO };

	d.value.set = XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL);
	strcpy(d.value.version, "test");
	d.value.protocol = proto_fake_protocol;
	return proto_answer_add(a, &d);
}

void proto_fake_filter(struct proto_data *d, uint32_t id)
{
	d->filter.id = id;
	d->filter.mac.b[0] = 2;
	memcpy(&d->filter.mac.b[2], &id, sizeof(id));
	strcpy(d->filter.vport, "web");
	strcpy(d->filter.sw, "sw0");
}

/* "once": another generation from the second page on; "always": on each page. */
static int fake_list(struct proto_fake *f, const struct proto_req *req, struct proto_answer *a)
{
	struct proto_data d = { .type = PROTO_FILTER_SHOW };
	uint64_t cursor = req->args.cursor;

	if (!strcmp(req->args.vport, "always") ||
	    (!strcmp(req->args.vport, "once") && cursor && f->generation == 1))
		f->generation++;
	proto_answer_list(a, f->generation);
	while (cursor < PROTO_FAKE_FILTERS) {
		proto_fake_filter(&d, cursor + 1);
		if (proto_answer_add(a, &d)) {
			proto_answer_more(a, cursor);
			return 0;
		}
		cursor++;
	}
	return 0;
}

static int fake_id(struct proto_fake *f, const struct proto_req *req, struct proto_answer *a)
{
	struct proto_data d = { .type = req->cmd };

	d.value.set = XBIT(XATTR_ID);
	d.value.id = ++f->next_id;
	return proto_answer_add(a, &d);
}

void proto_fake_event(struct proto_fake *f, enum xevent event, uint32_t id)
{
	struct proto_data d = { .type = PROTO_EVENT_FILTER, .event = event };

	proto_fake_filter(&d, id);
	proto_server_event(f->server, &d);
}

int proto_fake_handler(void *ctx, const struct proto_req *req, struct proto_answer *a,
		       struct err *err)
{
	struct proto_fake *f = ctx;

	switch ((unsigned int)req->cmd) {
	case PROTO_HELLO:
		return fake_hello(a);
	case PROTO_FILTER_ADD:
		return fake_id(f, req, a);
	case PROTO_FILTER_SHOW:
		return fake_list(f, req, a);
	case PROTO_FILTER_DEL:
		for (uint32_t i = 0; i < req->args.id; i++)
			proto_fake_event(f, XEVENT_DEL, i + 1);
		return 0;
	case PROTO_VPORT_ADD:
		fake_id(f, req, a); /* data, and then a refusal: the data must not arrive */
		return err_set(err, -EEXIST, XATTR_SWITCH, "vport '%s' exists", req->vport.name);
	case PROTO_VPORT_DEL:
		return -ENOENT; /* a handler without a sentence */
	}
	return 0;
}

static void serve(int ready_fd)
{
	struct proto_fake f = { .generation = 1 };
	struct pollfd p = { .events = POLLIN };
	struct err err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (proto_server_new(proto_fake_name(), proto_fake_handler, &f, &f.server, &err))
		_exit(1);
	p.fd = proto_server_fd(f.server);
	if (write(ready_fd, "r", 1) != 1)
		_exit(1);
	while (poll(&p, 1, -1) > 0)
		if (proto_server_process(f.server, 64) < 0)
			_exit(1);
	_exit(1);
}

pid_t proto_fake_start(uid_t uid)
{
	int fds[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (uid && setuid(uid))
			_exit(1);
		serve(fds[1]);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	return pid;
}

void proto_fake_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int proto_fake_setup(void **state)
{
	static pid_t pid;

	if (geteuid() != 0)
		return 0;
	pid = proto_fake_start(0);
	*state = &pid;
	return 0;
}

int proto_fake_teardown(void **state)
{
	if (*state)
		proto_fake_stop(*(pid_t *)*state);
	return 0;
}

void proto_raw_open(struct proto_raw *r)
{
	struct err err;

	memset(r, 0, sizeof(*r));
	assert_int_equal(proto_server_new(proto_fake_name(), proto_fake_handler, &r->fake,
					  &r->fake.server, &err),
			 0);
	r->fd = proto_sock_open(0);
	assert_true(r->fd >= 0);
}

void proto_raw_close(struct proto_raw *r)
{
	close(r->fd);
	proto_server_free(r->fake.server);
}

/* Runs @check as @uid in a process of its own; its exit status is 0 when it returns true. */
void proto_as_uid(uid_t uid, bool (*check)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(setuid(uid) || !check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct proto_client *proto_fake_client(void)
{
	struct proto_client *c = NULL;
	struct err err;

	if (proto_client_new(proto_fake_name(), &c, &err))
		fail_msg("%s", err.text);
	return c;
}
