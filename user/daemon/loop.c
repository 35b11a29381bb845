// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/log.h"
#include "daemon/loop.h"

#define MS 1000ULL

uint64_t loop_now_us(sd_event *loop)
{
	uint64_t now = 0;

	sd_event_now(loop, CLOCK_MONOTONIC, &now);
	return now;
}

int loop_timer(sd_event *loop, uint64_t delay_us, sd_event_time_handler_t handler, void *ctx,
	       sd_event_source **timer)
{
	int r;

	if (!*timer)
		return sd_event_add_time_relative(loop, timer, CLOCK_MONOTONIC, delay_us, 1 * MS,
						  handler, ctx);
	r = sd_event_source_set_time_relative(*timer, delay_us);
	if (r >= 0)
		r = sd_event_source_set_enabled(*timer, SD_EVENT_ONESHOT);
	return r;
}

static int on_rested(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct loop_io *io = ctx;

	(void)s;
	(void)usec;
	sd_event_source_set_enabled(io->io, SD_EVENT_ON);
	return 0;
}

static void io_rest(struct loop_io *io, int code)
{
	uint64_t now = loop_now_us(io->loop);

	if (!io->logged_us || now - io->logged_us >= LOOP_LOG_EVERY_MS * MS) {
		log_error("%s: %s", io->what, strerror(-code));
		io->logged_us = now;
	}
	if (loop_timer(io->loop, LOOP_REST_MS * MS, on_rested, io, &io->timer) >= 0)
		sd_event_source_set_enabled(io->io, SD_EVENT_OFF);
}

static int on_io(sd_event_source *s, int fd, uint32_t events, void *ctx)
{
	struct loop_io *io = ctx;
	int r = io->process(io->ctx);

	(void)s;
	(void)fd;
	(void)events;
	/* On 0 @io may be gone. */
	if (r < 0 && r != -EAGAIN && r != -EINTR)
		io_rest(io, r);
	return 0;
}

int loop_io_add(sd_event *loop, int fd, const char *what, int (*process)(void *ctx), void *ctx,
		struct loop_io *io, struct err *err)
{
	int r;

	*io = (struct loop_io){ .loop = loop, .what = what, .process = process, .ctx = ctx };
	r = sd_event_add_io(loop, &io->io, fd, EPOLLIN, on_io, io);
	/* The timer now: it wants a descriptor, and io_rest() comes when there may be none left. */
	if (r >= 0)
		r = loop_timer(loop, 0, on_rested, io, &io->timer);
	if (r >= 0)
		return 0;
	loop_io_del(io);
	return err_set(err, r, 0, "event loop: %s: %s", what, strerror(-r));
}

void loop_io_del(struct loop_io *io)
{
	io->io = sd_event_source_disable_unref(io->io);
	io->timer = sd_event_source_disable_unref(io->timer);
}
