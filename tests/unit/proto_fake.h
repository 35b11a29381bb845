/* SPDX-License-Identifier: GPL-2.0-only */
/* A daemon of the control protocol with canned answers, for test_proto_socket.c and _monitor.c. */
#ifndef XVSW_TESTS_UNIT_PROTO_FAKE_H
#define XVSW_TESTS_UNIT_PROTO_FAKE_H

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

#include "proto/proto.h"

#define PROTO_FAKE_FILTERS 1000
#define NOBODY 65534

#define NEED_ROOT()                                                                                \
	do {                                                                                       \
		if (geteuid() != 0) {                                                              \
			print_message("skipped: needs root\n");                                    \
			skip();                                                                    \
		}                                                                                  \
	} while (0)

/* This run's own; names itself after the process when first asked for. */
const char *proto_fake_name(void);

/* The version that the fake says it speaks. */
extern uint32_t proto_fake_protocol;

struct proto_fake {
	struct proto_server *server;
	uint32_t next_id;
	uint32_t generation;
};

/*
 * filter add: the next id. filter show: PROTO_FAKE_FILTERS of them. filter del N: N events. vport
 * add: data, then EEXIST. vport del: ENOENT without a sentence.
 */
int proto_fake_handler(void *ctx, const struct proto_req *req, struct proto_answer *a,
		       struct err *err);
void proto_fake_filter(struct proto_data *d, uint32_t id);
void proto_fake_event(struct proto_fake *f, enum xevent event, uint32_t id);

/* The fake in a process of its own, run by @uid; the set-up does nothing when not root. */
pid_t proto_fake_start(uid_t uid);
void proto_fake_stop(pid_t pid);
int proto_fake_setup(void **state);
int proto_fake_teardown(void **state);

/* A client of it; fails the test when there is none. */
struct proto_client *proto_fake_client(void);

/* The fake in this process, and a bare socket beside it. */
struct proto_raw {
	struct proto_fake fake;
	int fd;
	uint64_t buf[2048];
};

void proto_raw_open(struct proto_raw *r);
void proto_raw_close(struct proto_raw *r);

/* @check returns true when run by @uid in a process of its own. */
void proto_as_uid(uid_t uid, bool (*check)(void));

#endif
