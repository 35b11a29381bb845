// SPDX-License-Identifier: GPL-2.0-only
/*
 * One handler per command, in a table. What reaches a handler has passed the protocol's policy
 * (types, lengths, ranges) and came from root. A handler calls the model and adds its answer's
 * data; a refusal is a return value and a sentence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/broker.h"
#include "daemon/control.h"
#include "daemon/loop.h"
#include "proto/proto.h"
#include "switch/model.h"

/* Requests handled before the loop looks at its other descriptors. */
#define CONTROL_BUDGET 64

struct control {
	struct model *model;
	struct broker *broker;
	struct proto_server *server;
	struct loop_io io;
};

typedef int (*control_handler)(struct control *c, const struct proto_req *req,
			       struct proto_answer *answer, struct err *err);

static int answer_id(struct proto_answer *answer, enum proto_cmd type, uint32_t id)
{
	struct proto_data data = { .type = type };

	data.value.set = XBIT(XATTR_ID);
	data.value.id = id;
	return proto_answer_add(answer, &data);
}

static int handle_hello(struct control *c, const struct proto_req *req, struct proto_answer *answer,
			struct err *err)
{
	struct proto_data data = { .type = PROTO_HELLO };

	(void)c;
	if (XHAS(&req->args, XATTR_PROTOCOL) && req->args.protocol != PROTO_VERSION)
		return err_set(err, -EPROTONOSUPPORT, XATTR_PROTOCOL,
			       "protocol version %u is not spoken by this xvswd (%u)",
			       req->args.protocol, PROTO_VERSION);
	data.value.set = XBIT(XATTR_VERSION) | XBIT(XATTR_PROTOCOL);
	data.value.protocol = PROTO_VERSION;
	snprintf(data.value.version, sizeof(data.value.version), "%s", XVSW_VERSION);
	return proto_answer_add(answer, &data);
}

static int handle_switch_add(struct control *c, const struct proto_req *req,
			     struct proto_answer *answer, struct err *err)
{
	(void)answer;
	return model_switch_add(c->model, &req->sw, err);
}

static int handle_switch_del(struct control *c, const struct proto_req *req,
			     struct proto_answer *answer, struct err *err)
{
	(void)answer;
	return model_switch_del(c->model, req->args.name, err);
}

static int handle_switch_show(struct control *c, const struct proto_req *req,
			      struct proto_answer *answer, struct err *err)
{
	struct proto_data data = { .type = PROTO_SWITCH_SHOW };
	uint64_t cursor = req->args.cursor, here;
	int r;

	proto_answer_list(answer, model_generation(c->model));
	do {
		here = cursor;
		r = model_switch_next(c->model, req->args.name, &cursor, &data.sw, err);
		if (r == 1 && proto_answer_add(answer, &data)) {
			proto_answer_more(answer, here);
			return 0;
		}
	} while (r == 1);
	return r;
}

/* An xsk VPort without its broker socket would be half a VPort: both or none. */
static int add_broker_socket(struct control *c, const char *name, struct err *err)
{
	struct info_vport info;
	struct err ignored = { 0 };
	uint64_t cursor = 0;
	int r;

	r = model_vport_next(c->model, name, 0, &cursor, &info, err);
	if (r == 1)
		r = broker_vport_add(c->broker, &info, err);
	else if (!r)
		r = err_set(err, -ENOENT, XATTR_NAME, "vport '%s' is gone already", name);
	if (r < 0 && model_vport_del(c->model, name, &ignored))
		log_error("take vport '%s' back: %s", name, ignored.text);
	return r < 0 ? r : 0;
}

static int handle_vport_add(struct control *c, const struct proto_req *req,
			    struct proto_answer *answer, struct err *err)
{
	uint32_t id;
	int r;

	r = model_vport_add(c->model, &req->vport, &id, err);
	if (!r && req->vport.kind == XKIND_XSK)
		r = add_broker_socket(c, req->vport.name, err);
	if (r)
		return r;
	return answer_id(answer, PROTO_VPORT_ADD, id);
}

static int handle_vport_set(struct control *c, const struct proto_req *req,
			    struct proto_answer *answer, struct err *err)
{
	(void)answer;
	return model_vport_set(c->model, &req->vport, err);
}

static int handle_vport_del(struct control *c, const struct proto_req *req,
			    struct proto_answer *answer, struct err *err)
{
	(void)answer;
	return model_vport_del(c->model, req->args.name, err);
}

static int handle_vport_show(struct control *c, const struct proto_req *req,
			     struct proto_answer *answer, struct err *err)
{
	struct proto_data data = { .type = PROTO_VPORT_SHOW };
	uint64_t cursor = req->args.cursor, here;
	int r;

	proto_answer_list(answer, model_generation(c->model));
	do {
		here = cursor;
		r = model_vport_next(c->model, req->args.name, req->args.want, &cursor, &data.vport,
				     err);
		if (r == 1 && proto_answer_add(answer, &data)) {
			proto_answer_more(answer, here);
			return 0;
		}
	} while (r == 1);
	return r;
}

static int handle_filter_add(struct control *c, const struct proto_req *req,
			     struct proto_answer *answer, struct err *err)
{
	uint32_t id;
	int r = model_filter_add(c->model, &req->filter, &id, err);

	return r ? r : answer_id(answer, PROTO_FILTER_ADD, id);
}

static int handle_filter_del(struct control *c, const struct proto_req *req,
			     struct proto_answer *answer, struct err *err)
{
	(void)answer;
	return model_filter_del(c->model, req->args.id, err);
}

static int handle_filter_move(struct control *c, const struct proto_req *req,
			      struct proto_answer *answer, struct err *err)
{
	struct proto_data data = { .type = PROTO_FILTER_MOVE };
	bool by_id = XHAS(&req->args, XATTR_ID);
	uint32_t count = 1;
	int r;

	if (by_id == XHAS(&req->args, XATTR_FROM))
		return err_set(err, -EINVAL, by_id ? XATTR_FROM : XATTR_ID,
			       "a move is of one filter by id or of all from one vport");
	if (by_id)
		r = model_filter_move(c->model, req->args.id, req->args.vport, err);
	else
		r = model_filter_move_all(c->model, req->args.from, req->args.vport, &count, err);
	if (r)
		return r;
	data.value.set = XBIT(XATTR_COUNT);
	data.value.count = count;
	return proto_answer_add(answer, &data);
}

static int handle_filter_show(struct control *c, const struct proto_req *req,
			      struct proto_answer *answer, struct err *err)
{
	struct proto_data data = { .type = PROTO_FILTER_SHOW };
	uint64_t cursor = req->args.cursor, here;
	int r;

	proto_answer_list(answer, model_generation(c->model));
	do {
		here = cursor;
		r = model_filter_next(c->model, req->args.vport, &cursor, &data.filter, err);
		if (r == 1 && proto_answer_add(answer, &data)) {
			proto_answer_more(answer, here);
			return 0;
		}
	} while (r == 1);
	return r;
}

#define ROW(cmd) ((cmd)-PROTO_HELLO)

static const control_handler handlers[] = {
	[ROW(PROTO_HELLO)] = handle_hello,
	[ROW(PROTO_SWITCH_ADD)] = handle_switch_add,
	[ROW(PROTO_SWITCH_DEL)] = handle_switch_del,
	[ROW(PROTO_SWITCH_SHOW)] = handle_switch_show,
	[ROW(PROTO_VPORT_ADD)] = handle_vport_add,
	[ROW(PROTO_VPORT_SET)] = handle_vport_set,
	[ROW(PROTO_VPORT_DEL)] = handle_vport_del,
	[ROW(PROTO_VPORT_SHOW)] = handle_vport_show,
	[ROW(PROTO_FILTER_ADD)] = handle_filter_add,
	[ROW(PROTO_FILTER_DEL)] = handle_filter_del,
	[ROW(PROTO_FILTER_MOVE)] = handle_filter_move,
	[ROW(PROTO_FILTER_SHOW)] = handle_filter_show,
};

_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == ROW(PROTO_CMD_END),
	       "a handler for each command");

static int control_request(void *ctx, const struct proto_req *req, struct proto_answer *answer,
			   struct err *err)
{
	int r;

	if (req->cmd < PROTO_HELLO || req->cmd >= PROTO_CMD_END || !handlers[ROW(req->cmd)])
		return err_set(err, -EOPNOTSUPP, 0, "command %u is unknown", req->cmd);
	r = handlers[ROW(req->cmd)](ctx, req, answer, err);
	if (r < 0)
		log_debug("command %#x refused: %s", req->cmd, err->text);
	return r;
}

static int control_process(void *ctx)
{
	struct control *c = ctx;
	int r = proto_server_process(c->server, CONTROL_BUDGET);

	return r < 0 ? r : 0;
}

int control_new(sd_event *loop, const char *instance, struct model *model, struct broker *broker,
		struct control **out, struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_set(err, -ENOMEM, 0, "out of memory");
	c->model = model;
	c->broker = broker;
	r = proto_server_new(instance, control_request, c, &c->server, err);
	if (r)
		goto out;
	r = loop_io_add(loop, proto_server_fd(c->server), "control socket", control_process, c,
			&c->io, err);
	if (r)
		goto out;
	*out = c;
	return 0;
out:
	control_free(c);
	return r;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	loop_io_del(&c->io);
	proto_server_free(c->server);
	free(c);
}

void control_event_switch(struct control *c, enum xevent ev, const struct info_switch *info)
{
	struct proto_data data = { .type = PROTO_EVENT_SWITCH, .event = ev };

	data.sw = *info;
	proto_server_event(c->server, &data);
}

void control_event_vport(struct control *c, enum xevent ev, const struct info_vport *info)
{
	struct proto_data data = { .type = PROTO_EVENT_VPORT, .event = ev };

	data.vport = *info;
	proto_server_event(c->server, &data);
}

void control_event_filter(struct control *c, enum xevent ev, const struct info_filter *info)
{
	struct proto_data data = { .type = PROTO_EVENT_FILTER, .event = ev };

	data.filter = *info;
	proto_server_event(c->server, &data);
}
