/* SPDX-License-Identifier: GPL-2.0-only */
/* The control socket: requests of the tool become calls of the model, its events go to monitors. */
#ifndef XVSW_DAEMON_CONTROL_H
#define XVSW_DAEMON_CONTROL_H

#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/info.h"

struct broker;
struct control;
struct model;

/* @loop, @model and @broker outlive it. Errors: EADDRINUSE and whatever proto_server_new() says. */
int control_new(sd_event *loop, const char *instance, struct model *model, struct broker *broker,
		struct control **control, struct err *err);
/* NULL accepted. */
void control_free(struct control *c);

void control_event_switch(struct control *c, enum xevent ev, const struct info_switch *info);
void control_event_vport(struct control *c, enum xevent ev, const struct info_vport *info);
void control_event_filter(struct control *c, enum xevent ev, const struct info_filter *info);

#endif
