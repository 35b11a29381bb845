/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's inside for tests: real model, broker and (when asked for) control socket over the
 * fake data path, in an event loop that the test steps, with a clock that only the test moves.
 * Guests are ends of real SOCK_SEQPACKET sockets in the same process.
 */
#ifndef XVSW_TESTS_DAEMON_WORLD_H
#define XVSW_TESTS_DAEMON_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "daemon/broker.h"
#include "daemon/control.h"
#include "fake_dp.h"
#include "proto/broker.h"
#include "switch/model.h"

#define DWORLD_FOR_EVER UINT32_MAX
#define DWORLD_FDS 8
/* Nobody in particular, and somebody else. */
#define DWORLD_OWNER 65534
#define DWORLD_STRANGER 65533

struct dworld {
	struct fake_dp dp; /* first: what the operations get */
	struct dp_ops ops;
	uint32_t again;	   /* attaches to refuse with EAGAIN before one is tried */
	bool bad_fd;	   /* attaches give a descriptor that the kernel will not hand over */
	uint32_t attaches; /* that the model asked for, those refused too */
	uint32_t detaches;
	struct dp_guest_req req; /* of the last */
	sd_event *loop;
	struct model *m;
	struct broker *b;
	struct control *c; /* NULL: none */
	struct err err;
	char dir[64];
};

/* What came to a guest in one recvmsg(). */
struct dguest_msg {
	bool eof, none;
	struct broker_msg msg;
	int fds[DWORLD_FDS];
	unsigned int n_fds;
};

/* A switch "s0" stands already. @instance: with a control socket of that name; NULL: without. */
struct dworld *dworld_new(const char *instance);
/* Checks that every descriptor opened since dworld_new() is closed and no socket file is left. */
void dworld_free(struct dworld *w);
void dworld_free_broker(struct dworld *w);

/* Run the loop until nothing is left to do now. */
void dworld_settle(struct dworld *w);
/* Move the clock, then settle. */
void dworld_advance(struct dworld *w, unsigned int ms);
/* Serve until the process @pid ends, and return its exit status. */
int dworld_serve_child(struct dworld *w, pid_t pid);

/* An xsk VPort of @owner (0: this process's) and its broker socket. Returns its id. */
uint32_t dworld_vport(struct dworld *w, const char *name, uid_t owner);
void dworld_vport_del(struct dworld *w, const char *name);
uint32_t dworld_filter(struct dworld *w, const char *vport, uint32_t mac_number);
bool dworld_attached(struct dworld *w, const char *vport);
/* DIR/NAME.sock; good until the next call. */
const char *dworld_path(struct dworld *w, const char *name);

unsigned int dworld_count_fds(void);

/* A guest's end: all non-blocking, and nothing settles by itself but dguest_attached(). */
int dguest_connect(struct dworld *w, const char *name);
void dguest_send(int fd, const void *buf, size_t len);
void dguest_send_attach(int fd);
void dguest_recv(int fd, struct dguest_msg *m);
/* Connect, attach, and close the descriptors that came. */
int dguest_attached(struct dworld *w, const char *name);
void dguest_close_fds(struct dguest_msg *m);

/* The next that came is this, and no descriptor with it. */
void dguest_expect_none(int fd);
void dguest_expect_eof(int fd);
/* REFUSED with @part in its sentence, then the end; closes @fd. */
void dguest_expect_refused(int fd, int code, const char *part);
void dguest_expect_macs(int fd, uint32_t total, uint32_t n);

#endif
