/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon_world.h with a control socket, and a tool's end of it: one request, one answer. */
#ifndef XVSW_TESTS_DAEMON_ASK_H
#define XVSW_TESTS_DAEMON_ASK_H

#include "daemon_world.h"
#include "proto/answer.h"

struct control_world {
	struct dworld *w;
	int fd; /* the tool's */
	uint32_t seq;
	/* The last answer. */
	struct proto_end end;
	size_t data_len;
	uint64_t buf[PROTO_PAGE_BYTES / sizeof(uint64_t) + 1];
};

/* *state gets a struct control_world; nothing when not root, whose word alone counts. */
int control_world_setup(void **state);
int control_world_teardown(void **state);

/* Send, run the loop, receive. Returns the verdict; its sentence is cw->end.text. */
int control_world_ask(struct control_world *cw, struct proto_req *req);
/* The attribute of @req that the last answer points at; 0: none. */
uint16_t control_world_attr(struct control_world *cw, const struct proto_req *req);
/* The only data message of the last answer; good until the next call. */
struct proto_data *control_world_data(struct control_world *cw);

#endif
