/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The broker: one listening Unix socket for each xsk VPort, through which its guest gets the
 * VPort's AF_XDP socket and UMEM. proto/broker.h has the messages.
 */
#ifndef XVSW_DAEMON_BROKER_H
#define XVSW_DAEMON_BROKER_H

#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/info.h"

/* Connections of a VPort that have not attached yet; one more is refused. */
#define BROKER_PENDING_MAX 16
/* A connection that has not asked to attach by then is closed. */
#define BROKER_HELLO_MS 5000
/* How often and how long an attach is tried while the kernel still holds the last guest's sockets.
 */
#define BROKER_RETRY_MS 5
#define BROKER_RETRY_TOTAL_MS 3000
/* Least time between two passes that tell guests their MACs. */
#define BROKER_MACS_EVERY_MS 100

struct broker;
struct model;

/* @guest_dir: where the sockets are made. @loop and @model outlive it. */
int broker_new(sd_event *loop, struct model *model, const char *guest_dir, struct broker **broker,
	       struct err *err);
/* Removes the sockets and closes the guests' connections, but leaves their data path; NULL
 * accepted. */
void broker_free(struct broker *b);

/*
 * broker_vport_add() - make GUEST_DIR/NAME.sock, mode 0600, the owner's. All or nothing.
 * Errors: ENAMETOOLONG the path does not fit a Unix socket's address; EMFILE, ENOSPC, ...
 */
int broker_vport_add(struct broker *b, const struct info_vport *info, struct err *err);

/* From the model's events; neither calls the model back. */
void broker_event_vport(struct broker *b, enum xevent ev, const struct info_vport *info);
void broker_event_filter(struct broker *b, enum xevent ev, const struct info_filter *info);

#endif
