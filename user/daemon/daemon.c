// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "base/log.h"
#include "daemon/broker.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/loop.h"
#include "daemon/rundir.h"
#include "switch/model.h"

/* STATUS= follows changes together and a little later: a write to the service manager can block. */
#define STATUS_DELAY_US 500000

struct daemon {
	const struct options *opt;
	const struct daemon_dp *dpt;
	struct rundir rundir;
	sd_event *loop;
	sd_event_source *status;
	bool status_armed;
	void *dp;
	struct loop_io dp_io;
	struct model *model;
	struct broker *broker;
	struct control *control;
	unsigned int n_switches, n_vports;
};

/* ---- from the data path to the model ---- */

static void dp_switch_changed(void *ctx, void *cookie, const struct dp_switch_info *info)
{
	struct daemon *d = ctx;

	if (d->model)
		model_dp_switch_changed(d->model, cookie, info);
}

static void dp_vport_changed(void *ctx, void *cookie, const struct dp_vport_info *info)
{
	struct daemon *d = ctx;

	if (d->model)
		model_dp_vport_changed(d->model, cookie, info);
}

static const struct dp_events dp_events = {
	.switch_changed = dp_switch_changed,
	.vport_changed = dp_vport_changed,
};

/* ---- from the model to everybody; must not call the model back ---- */

static int on_status(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct daemon *d = ctx;

	(void)s;
	(void)usec;
	d->status_armed = false;
	sd_notifyf(0, "STATUS=%u switches, %u VPorts", d->n_switches, d->n_vports);
	return 0;
}

static void count_event(struct daemon *d, enum xevent ev, unsigned int *n)
{
	if (ev != XEVENT_ADD && ev != XEVENT_DEL)
		return;
	*n += ev == XEVENT_ADD ? 1 : -1;
	if (!d->status_armed)
		d->status_armed =
			loop_timer(d->loop, STATUS_DELAY_US, on_status, d, &d->status) >= 0;
}

static void log_state(const char *object, const char *name, enum xstate state, const char *reason)
{
	enum log_level level = state == XSTATE_UP ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;

	log_write(level, "%s '%s' is %s%s%s", object, name, conf_state_name(state),
		  reason[0] ? ": " : "", reason);
}

static void on_switch(void *ctx, enum xevent ev, const struct info_switch *info)
{
	struct daemon *d = ctx;

	count_event(d, ev, &d->n_switches);
	if (ev == XEVENT_ADD || ev == XEVENT_DEL)
		log_info("switch '%s' %s (uplink %s)", info->name,
			 ev == XEVENT_ADD ? "added" : "deleted", info->uplink);
	if (ev == XEVENT_STATE || (ev == XEVENT_ADD && info->state != XSTATE_UP))
		log_state("switch", info->name, info->state, info->reason);
	if (d->control)
		control_event_switch(d->control, ev, info);
}

static void on_vport(void *ctx, enum xevent ev, const struct info_vport *info)
{
	struct daemon *d = ctx;

	count_event(d, ev, &d->n_vports);
	if (ev == XEVENT_ADD || ev == XEVENT_DEL)
		log_info("vport '%s' %s (id %u, switch '%s')", info->name,
			 ev == XEVENT_ADD ? "added" : "deleted", info->id, info->sw);
	/* The state of an xsk VPort changes as its guest likes: not a reason to fill the log. */
	if (ev == XEVENT_STATE && info->kind != XKIND_XSK)
		log_state("vport", info->name, info->state, info->reason);
	if (d->control)
		control_event_vport(d->control, ev, info);
	if (d->broker)
		broker_event_vport(d->broker, ev, info);
}

static void on_filter(void *ctx, enum xevent ev, const struct info_filter *info)
{
	struct daemon *d = ctx;

	if (d->control)
		control_event_filter(d->control, ev, info);
	if (d->broker)
		broker_event_filter(d->broker, ev, info);
}

static const struct model_events model_events = {
	.on_switch = on_switch,
	.on_vport = on_vport,
	.on_filter = on_filter,
};

/* ---- the parts, in the order in which they stand on each other ---- */

/* As far as our rights go: without CAP_SYS_RESOURCE up to the hard limit. */
static void raise_limit(int resource, const char *what, bool unlimited)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, lim;

	if (unlimited && !setrlimit(resource, &all))
		return;
	if (getrlimit(resource, &lim))
		return;
	lim.rlim_cur = lim.rlim_max;
	if (setrlimit(resource, &lim))
		log_warn("raise the limit of %s: %s", what, strerror(errno));
	else if (unlimited && lim.rlim_max != RLIM_INFINITY)
		log_debug("%s is limited to %llu", what, (unsigned long long)lim.rlim_max);
}

static int init_limits(struct daemon *d, struct err *err)
{
	(void)d;
	(void)err;
	/* Thousands of VPorts, each with a socket, a namespace and maps of its own. */
	raise_limit(RLIMIT_NOFILE, "open files", false);
	/* UMEMs of the guests are registered, so accounted, here. */
	raise_limit(RLIMIT_MEMLOCK, "locked memory in bytes", true);
	return 0;
}

static int init_rundir(struct daemon *d, struct err *err)
{
	return rundir_open(d->opt->run_dir, d->opt->instance, &d->rundir, err);
}

static void fini_rundir(struct daemon *d)
{
	rundir_close(&d->rundir, d->opt->flush);
}

static int on_stop_signal(sd_event_source *s, const struct signalfd_siginfo *si, void *ctx)
{
	struct daemon *d = ctx;

	(void)s;
	log_info("stopping on signal %u%s", si->ssi_signo, d->opt->flush ? ", with a flush" : "");
	return sd_event_exit(d->loop, 0);
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si, void *ctx)
{
	(void)s;
	(void)si;
	(void)ctx;
	log_info("SIGHUP is ignored: there is nothing to load again");
	return 0;
}

static int init_loop(struct daemon *d, struct err *err)
{
	int r = sd_event_new(&d->loop);

	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGTERM, on_stop_signal, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGINT, on_stop_signal, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGHUP, on_hangup, d);
	if (r >= 0)
		r = sd_event_set_watchdog(d->loop, true);
	if (r < 0)
		return err_set(err, r, 0, "event loop: %s", strerror(-r));
	return 0;
}

static void fini_loop(struct daemon *d)
{
	d->status = sd_event_source_disable_unref(d->status);
	d->loop = sd_event_unref(d->loop);
}

static int dp_process(void *ctx)
{
	struct daemon *d = ctx;

	return d->dpt->process(d->dp);
}

static int init_dp(struct daemon *d, struct err *err)
{
	int r = d->dpt->open(d->opt, d->rundir.path, &dp_events, d, &d->dp, err);

	if (r)
		return r;
	return loop_io_add(d->loop, d->dpt->fd(d->dp), "data path", dp_process, d, &d->dp_io, err);
}

static void fini_dp(struct daemon *d)
{
	loop_io_del(&d->dp_io);
	if (d->dp)
		d->dpt->close(d->dp);
	d->dp = NULL;
}

static int init_model(struct daemon *d, struct err *err)
{
	d->model = model_new(d->dpt->ops, d->dp, &model_events, d);
	return d->model ? 0 : err_set(err, -ENOMEM, 0, "out of memory");
}

static void fini_model(struct daemon *d)
{
	model_free(d->model);
	d->model = NULL;
}

static int init_broker(struct daemon *d, struct err *err)
{
	return broker_new(d->loop, d->model, d->rundir.guest, &d->broker, err);
}

static void fini_broker(struct daemon *d)
{
	broker_free(d->broker);
	d->broker = NULL;
}

static int init_control(struct daemon *d, struct err *err)
{
	return control_new(d->loop, d->opt->instance, d->model, d->broker, &d->control, err);
}

static void fini_control(struct daemon *d)
{
	control_free(d->control);
	d->control = NULL;
}

struct part {
	int (*init)(struct daemon *d, struct err *err);
	void (*fini)(struct daemon *d); /* also cleans up after an init that failed half-way */
};

static void fini_nothing(struct daemon *d)
{
	(void)d;
}

static const struct part parts[] = {
	{ init_limits, fini_nothing },	{ init_rundir, fini_rundir }, { init_loop, fini_loop },
	{ init_dp, fini_dp },		{ init_model, fini_model },   { init_broker, fini_broker },
	{ init_control, fini_control },
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static int serve(struct daemon *d, struct err *err)
{
	int r;

	log_info("xvswd " XVSW_VERSION ", instance '%s', run directory %s", d->opt->instance,
		 d->rundir.path);
	/* Users and tests wait for this very line. */
	log_info("ready");
	sd_notify(0, "READY=1");
	r = sd_event_loop(d->loop);
	sd_notify(0, "STOPPING=1");
	if (r < 0)
		err_set(err, r, 0, "event loop: %s", strerror(-r));
	if (d->opt->flush)
		model_flush(d->model);
	return r < 0 ? r : 0;
}

int daemon_run(const struct options *opt, const struct daemon_dp *dp, struct err *err)
{
	struct daemon d = { .opt = opt, .dpt = dp, .rundir.lock_fd = -1 };
	size_t done = 0;
	int r = 0;

	while (!r && done < N_PARTS)
		r = parts[done++].init(&d, err);
	if (!r)
		r = serve(&d, err);
	while (done)
		parts[--done].fini(&d);
	return r;
}

int daemon_flush_only(const struct options *opt, const struct daemon_dp *dp, struct err *err)
{
	struct rundir rundir;
	int r, n;

	r = rundir_open(opt->run_dir, opt->instance, &rundir, err);
	if (r)
		return r;
	n = dp->flush_leftovers(opt, rundir.path, err);
	rundir_close(&rundir, n >= 0);
	return n;
}
