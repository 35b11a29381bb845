/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A descriptor in the event loop whose handler can fail without harm: after an error it rests for a
 * tenth of a second, so that a lasting one (EMFILE on accept, a broken socket) neither spins nor
 * fills the log.
 */
#ifndef XVSW_DAEMON_LOOP_H
#define XVSW_DAEMON_LOOP_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/err.h"

#define LOOP_REST_MS 100
#define LOOP_LOG_EVERY_MS 10000

struct loop_io {
	sd_event *loop;
	sd_event_source *io, *timer;
	const char *what; /* for log lines; outlives this */
	int (*process)(void *ctx);
	void *ctx;
	uint64_t logged_us;
};

/*
 * loop_io_add() - call @process when @fd is readable (level-triggered). @process returns 0 or
 * -errno; -EAGAIN and -EINTR count as 0. It may call loop_io_del() on itself only if it returns 0.
 * @fd stays the caller's and must outlive this.
 */
int loop_io_add(sd_event *loop, int fd, const char *what, int (*process)(void *ctx), void *ctx,
		struct loop_io *io, struct err *err);
/* A zeroed struct is accepted. */
void loop_io_del(struct loop_io *io);

/* The loop's monotonic clock, in microseconds. */
uint64_t loop_now_us(sd_event *loop);
/* (Re)arm a one-shot timer @delay_us from now, to the millisecond; *timer is made when NULL. */
int loop_timer(sd_event *loop, uint64_t delay_us, sd_event_time_handler_t handler, void *ctx,
	       sd_event_source **timer);

#endif
