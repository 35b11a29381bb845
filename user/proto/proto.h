/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control protocol: netlink messages over NETLINK_USERSOCK between xvsw and xvswd.
 *
 * A request is one nlmsghdr (type = enum proto_cmd, NLM_F_REQUEST) with attributes (enum xattr).
 * The answer is an NLMSG_ERROR (code 0: done) in the kernel's layout with extended-ack attributes
 * (NLMSGERR_ATTR_MSG: the sentence, NLMSGERR_ATTR_OFFS: offset of the offending attribute),
 * preceded by data messages of the same sequence number. Lists are pulled page by page: a request
 * carries XATTR_CURSOR (0 first), the answer ends in NLMSG_DONE with XATTR_CURSOR (where the next
 * page starts; absent: the end) and XATTR_GENERATION; the client begins again when that changed.
 *
 * Before a handler sees a request: length, attribute types, lengths and ranges are checked against
 * a policy table by command; unknown and repeated attributes (but repeatable ones) are refused.
 */
#ifndef XVSW_PROTO_PROTO_H
#define XVSW_PROTO_PROTO_H

#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/info.h"

#define PROTO_VERSION 1
#define PROTO_PAGE_BYTES 7680 /* of one answer datagram */
#define PROTO_REQUEST_MAX 4096

enum proto_cmd {
	PROTO_HELLO = 0x20, /* answer: XATTR_VERSION, XATTR_PROTOCOL */
	PROTO_SWITCH_ADD,
	PROTO_SWITCH_DEL,  /* XATTR_NAME */
	PROTO_SWITCH_SHOW, /* XATTR_NAME optional; a list */
	PROTO_VPORT_ADD,   /* answer: XATTR_ID */
	PROTO_VPORT_SET,
	PROTO_VPORT_DEL,   /* XATTR_NAME */
	PROTO_VPORT_SHOW,  /* XATTR_NAME, XATTR_WANT optional; a list */
	PROTO_FILTER_ADD,  /* answer: XATTR_ID */
	PROTO_FILTER_DEL,  /* XATTR_ID */
	PROTO_FILTER_MOVE, /* XATTR_VPORT, and XATTR_ID or XATTR_FROM; answer: XATTR_COUNT */
	PROTO_FILTER_SHOW, /* XATTR_VPORT optional; a list */
	PROTO_CMD_END,
	/* Multicast. The same attributes as in a list, and XATTR_EVENT. */
	PROTO_EVENT_SWITCH = 0x80,
	PROTO_EVENT_VPORT,
	PROTO_EVENT_FILTER,
};

/* Multicast groups of NETLINK_USERSOCK (1 to 32). */
enum proto_group { PROTO_GROUP_SWITCH = 11, PROTO_GROUP_VPORT, PROTO_GROUP_FILTER };

/* A decoded request: what the tool fills and the daemon gets. */
struct proto_req {
	enum proto_cmd cmd;
	uint32_t seq;
	union {
		struct conf_switch sw;	   /* SWITCH_ADD */
		struct conf_vport vport;   /* VPORT_ADD, VPORT_SET */
		struct conf_filter filter; /* FILTER_ADD */
		struct {		   /* the others */
			uint64_t set;
			char name[CONF_NAME_SIZE * 2];	/* XATTR_NAME */
			char vport[CONF_NAME_SIZE * 2]; /* XATTR_VPORT */
			char from[CONF_NAME_SIZE * 2];	/* XATTR_FROM */
			uint32_t id;
			uint32_t want;
			uint64_t cursor;
			char version[CONF_NAME_SIZE];
			uint32_t protocol;
		} args;
	};
};

/* Data of an answer or an event. */
struct proto_data {
	enum proto_cmd type; /* PROTO_SWITCH_SHOW..., or PROTO_EVENT_* */
	enum xevent event;
	union {
		struct info_switch sw;
		struct info_vport vport;
		struct info_filter filter;
		struct {
			uint64_t set; /* of those below */
			uint32_t id;
			uint64_t count;
			char version[CONF_NAME_SIZE];
			uint32_t protocol;
		} value;
	};
};

/* Port id of an instance's daemon: a hash of the name, above pid_max. */
uint32_t proto_port_id(const char *instance);

/*
 * ---- codec: pure functions over buffers aligned to 4; fuzzed (user/proto/codec.c, policy.c) ----
 *
 * `set` of conf_* has the bits of optional members after decoding, that of args all that were
 * given.
 */

/* Encode into buf (size >= PROTO_REQUEST_MAX). Returns the length or -EMSGSIZE. */
int proto_encode_request(const struct proto_req *req, void *buf, size_t size);
/*
 * Check and decode one datagram of len bytes. On -errno, @err has the sentence and *offs the offset
 * of the offending attribute (0: none). req->seq is filled whenever a header was readable.
 */
int proto_decode_request(const void *buf, size_t len, struct proto_req *req, struct err *err,
			 uint32_t *offs);
/* Append one data message at buf + *len; -EMSGSIZE when it does not fit (nothing appended). */
int proto_encode_data(const struct proto_data *data, uint32_t seq, void *buf, size_t size,
		      size_t *len);
/* Decode one message (nlmsghdr *) of an answer or event. -EPROTO when it is malformed. */
int proto_decode_data(const void *nlh, struct proto_data *data);

/* ---- server: the daemon's end (server.c) ---- */

struct proto_server;

/* One request's answer under construction; the handler adds data and returns 0 or -errno + err. */
struct proto_answer;
/* -EMSGSIZE: the page is full; stop the walk, and call proto_answer_more() with the cursor. */
int proto_answer_add(struct proto_answer *a, const struct proto_data *data);
void proto_answer_more(struct proto_answer *a, uint64_t cursor);
/* Mark the answer as a page of a list (NLMSG_DONE) of this generation. */
void proto_answer_list(struct proto_answer *a, uint32_t generation);

typedef int (*proto_handler)(void *ctx, const struct proto_req *req, struct proto_answer *answer,
			     struct err *err);

/*
 * proto_server_new() - bind the instance's port id in the current network namespace.
 * Errors: EADDRINUSE: another daemon of this instance runs in this namespace.
 * Requests from a uid other than 0 are answered EPERM and never reach @handler.
 */
int proto_server_new(const char *instance, proto_handler handler, void *ctx,
		     struct proto_server **server, struct err *err);
void proto_server_free(struct proto_server *s);
int proto_server_fd(const struct proto_server *s);
/* Handle what is readable, at most @budget requests. Never blocks. Returns how many, or -errno. */
int proto_server_process(struct proto_server *s, unsigned int budget);
/* Multicast an event; nobody listening is no error. */
void proto_server_event(struct proto_server *s, const struct proto_data *data);

/* ---- client: the tool's end (client.c) ---- */

struct proto_client;

/*
 * proto_client_new() - connect() to the instance's daemon and say hello.
 * Errors: ECONNREFUSED no daemon of this instance in this network namespace (or not ours: a reply
 * not sent by uid 0); EPERM; EPROTONOSUPPORT other protocol version.
 */
int proto_client_new(const char *instance, struct proto_client **c, struct err *err);
void proto_client_free(struct proto_client *c);
/*
 * proto_client_call() - one request, its data to @on_data (may be NULL; not 0 stops and is
 * returned), the daemon's verdict returned with its sentence in @err. Lists are pulled to the end;
 * when the generation changes between pages the list is begun again (@on_restart, may be NULL, is
 * called so that the caller drops what it has), five times at most, then taken as it is.
 */
int proto_client_call(struct proto_client *c, struct proto_req *req,
		      int (*on_data)(void *ctx, const struct proto_data *data),
		      void (*on_restart)(void *ctx), void *ctx, struct err *err);

/* ---- monitor (monitor.c) ---- */

struct proto_monitor;
/* @groups: bits 1 << PROTO_GROUP_*. Errors: EPERM not root. */
int proto_monitor_new(const char *instance, uint32_t groups, struct proto_monitor **mon,
		      struct err *err);
void proto_monitor_free(struct proto_monitor *mon);
int proto_monitor_fd(const struct proto_monitor *mon);
/*
 * Next event: 1 filled, 0 nothing now, -errno. Events not sent by uid 0 from the daemon's port id
 * are skipped. A lost record gives one event XEVENT_OVERRUN, about no object whatever its type
 * says, after the records that were queued: who lists everything then has missed nothing. Call
 * until it returns 0 before waiting on the fd. -EPROTO: the daemon sent what cannot be understood.
 */
int proto_monitor_next(struct proto_monitor *mon, struct proto_data *data);

#endif
