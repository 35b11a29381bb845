/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the broker: its VPorts (broker.c) and their connections (broker_conn.c).
 *
 * A connection is in one of three states. HELLO: nothing came yet, a timer closes it. RETRY: it
 * asked to attach and the kernel has not let go of the last guest's sockets, a timer asks again.
 * ATTACHED: it is the VPort's guest; anything it sends, and its end, detaches it. Whatever a guest
 * does, it holds at most BROKER_PENDING_MAX + 1 descriptors and one small socket buffer each.
 */
#ifndef XVSW_DAEMON_BROKER_CONN_H
#define XVSW_DAEMON_BROKER_CONN_H

#include <stdbool.h>
#include <sys/un.h>
#include <uthash.h>
#include <utlist.h>

#include "daemon/broker.h"
#include "daemon/loop.h"
#include "proto/broker.h"
#include "switch/dp.h"

struct broker_conn;

struct broker_vport {
	UT_hash_handle hh; /* in broker.vports, by name */
	struct broker *broker;
	char name[CONF_NAME_SIZE];
	uint32_t id;
	uid_t owner;
	int fd; /* listens */
	struct sockaddr_un addr;
	struct loop_io io;
	struct broker_conn *conns; /* all, the guest's too */
	struct broker_conn *guest; /* attached; NULL: none */
	unsigned int n_pending;	   /* all but the guest */
	bool dirty;		   /* filters changed since the guest was told */
};

struct broker {
	sd_event *loop;
	struct model *model;
	const char *guest_dir;
	struct broker_vport *vports;
	sd_event_source *macs_timer;
	uint64_t macs_last_us;
	bool macs_armed, all_dirty;
};

enum conn_state { CONN_HELLO, CONN_RETRY, CONN_ATTACHED };

struct broker_conn {
	struct broker_conn *prev, *next; /* in broker_vport.conns */
	struct broker_vport *vport;
	int fd;
	uid_t uid; /* of the peer, attested by the kernel at connect() */
	enum conn_state state;
	sd_event_source *io, *timer;
	struct dp_guest_req req;
	uint64_t retry_until_us;
	struct broker_macs told; /* what the guest knows */
};

/* Take over a fresh, accepted descriptor: refuse and close it, or wait for its ATTACH. */
void conn_start(struct broker_vport *vp, int fd);
/* Close and free; @detach: take the data path from it too, if it is the guest. */
void conn_close(struct broker_conn *c, bool detach);
/* Tell the guest its MACs unless it knows them. Never blocks: goes on when the guest reads. */
void conn_send_macs(struct broker_conn *c);

#endif
