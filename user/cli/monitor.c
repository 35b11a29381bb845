// SPDX-License-Identifier: GPL-2.0-only
/* Events as they happen, until SIGINT or SIGTERM. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/print.h"
#include "cli/run.h"

#define GROUPS_ALL (1u << PROTO_GROUP_SWITCH | 1u << PROTO_GROUP_VPORT | 1u << PROTO_GROUP_FILTER)

static const char *object_name(const struct proto_data *data)
{
	switch ((unsigned int)data->type) {
	case PROTO_EVENT_SWITCH:
		return "switch";
	case PROTO_EVENT_VPORT:
		return "vport";
	case PROTO_EVENT_FILTER:
		return "filter";
	}
	return NULL;
}

static void print_event(struct out *out, const struct proto_data *data)
{
	const char *event = conf_event_name(data->event);

	/* Nobody knows whose events were lost. */
	if (data->event == XEVENT_OVERRUN) {
		out_event_begin(out, event, NULL);
		out_note(out, "reason", "events were lost, ask again with show");
		out_event_end(out);
		return;
	}
	if (!event || !object_name(data))
		return; /* of a later version */
	out_event_begin(out, event, object_name(data));
	if (data->type == PROTO_EVENT_SWITCH)
		print_switch(out, &data->sw);
	else if (data->type == PROTO_EVENT_VPORT)
		print_vport(out, &data->vport, false);
	else
		print_filter(out, &data->filter);
	out_event_end(out);
}

/* Print what has come. */
static int drain(struct proto_monitor *mon, struct out *out)
{
	struct proto_data data;
	int ret;

	while ((ret = proto_monitor_next(mon, &data)) > 0) {
		print_event(out, &data);
		ret = out_finish(out);
		if (ret)
			return ret;
	}
	return ret;
}

static int watch(struct proto_monitor *mon, int signal_fd, struct out *out, int out_fd)
{
	struct pollfd fds[] = {
		{ .fd = proto_monitor_fd(mon), .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = out_fd, .events = 0 }, /* the reader of our pipe went away */
	};
	int ret;

	for (;;) {
		ret = drain(mon, out);
		if (ret)
			return ret;
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents || (fds[2].revents & (POLLERR | POLLHUP)))
			return drain(mon, out);
	}
}

/* From here on SIGINT and SIGTERM are read from the descriptor returned; -errno. */
static int catch_signals(sigset_t *before)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, before))
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		fd = -errno;
		sigprocmask(SIG_SETMASK, before, NULL);
	}
	return fd;
}

/* A signal that is still pending would kill us the moment it is unblocked: it did its work. */
static void release_signals(int fd, const sigset_t *before)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	close(fd);
	sigprocmask(SIG_SETMASK, before, NULL);
}

int cli_run_monitor(struct cli *cli, struct cli_line *line, struct err *err)
{
	uint32_t groups = line->req.args.set ? line->req.args.want : GROUPS_ALL;
	struct proto_monitor *mon = NULL;
	struct out *out = NULL;
	sigset_t before;
	int signal_fd, ret;

	if (cli->file)
		return err_set(err, -EINVAL, 0, "it does not end, so it cannot be part of a batch");
	signal_fd = catch_signals(&before);
	if (signal_fd < 0)
		return signal_fd;
	/* Join before asking whether the daemon is there: no event falls between. */
	ret = proto_monitor_new(cli->opts.instance, groups, &mon, err);
	if (!ret)
		ret = cli_connect(cli, err);
	if (ret)
		goto out;
	/* It may go and come back: its events are multicast, they need no connection. */
	cli_close(cli);
	out = out_new(cli->out, cli->opts.json, false);
	ret = out ? watch(mon, signal_fd, out, fileno(cli->out)) : -ENOMEM;
	/* A reader that has seen enough is no failure. */
	if (ret == -EPIPE)
		ret = 0;
out:
	out_free(out);
	proto_monitor_free(mon);
	release_signals(signal_fd, &before);
	return ret;
}
