// SPDX-License-Identifier: GPL-2.0-only
#include "daemon_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define US_PER_S 1000000ULL
/* More than any test has to do at once: a loop that is never done spins. */
#define STEPS_MAX 20000

/* ---- the clock; 0: the kernel's ---- */

static uint64_t clock_us;

/*
 * In place of libc's, for the event loop too: CLOCK_MONOTONIC stands still while a world is open.
 * The loop's timers fire by comparing with it, whenever the loop is run.
 */
int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!clock_us || id != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, id, ts);
	ts->tv_sec = (time_t)(clock_us / US_PER_S);
	ts->tv_nsec = (long)(clock_us % US_PER_S) * 1000;
	return 0;
}

static void clock_stop(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	clock_us = (uint64_t)ts.tv_sec * US_PER_S + (uint64_t)ts.tv_nsec / 1000 + US_PER_S;
}

/* ---- the data path: the fake, with descriptors, and busy for a while when asked ---- */

static int make_fd(const char *content)
{
	int fd = memfd_create(content, MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	return fd;
}

static int guest_attach(void *ctx, struct dp_vport *vp, const struct dp_guest_req *req,
			struct dp_guest *guest, struct err *err)
{
	struct dworld *w = ctx;
	int r;

	w->attaches++;
	w->req = *req;
	if (w->again) {
		if (w->again != DWORLD_FOR_EVER)
			w->again--;
		return err_set(err, -EAGAIN, 0, "the fake still holds the last guest's socket");
	}
	r = fake_dp_ops.guest_attach(ctx, vp, req, guest, err);
	if (r)
		return r;
	*guest = (struct dp_guest){
		.frames = 4096,
		.frame_size = 2048,
		.rx_size = 512,
		.tx_size = 256,
		.fill_size = 1024,
		.comp_size = 128,
		.mtu = vp->info.mtu,
		.n_queues = 1,
		.sock_fd = { make_fd("socket") },
		.umem_fd = w->bad_fd ? -1 : make_fd("umem"),
	};
	return 0;
}

static void guest_detach(void *ctx, struct dp_vport *vp)
{
	struct dworld *w = ctx;

	w->detaches++;
	fake_dp_ops.guest_detach(ctx, vp);
}

/* ---- events, handed on as the daemon does ---- */

static void on_switch(void *ctx, enum xevent ev, const struct info_switch *info)
{
	struct dworld *w = ctx;

	if (w->c)
		control_event_switch(w->c, ev, info);
}

static void on_vport(void *ctx, enum xevent ev, const struct info_vport *info)
{
	struct dworld *w = ctx;

	if (w->c)
		control_event_vport(w->c, ev, info);
	if (w->b)
		broker_event_vport(w->b, ev, info);
}

static void on_filter(void *ctx, enum xevent ev, const struct info_filter *info)
{
	struct dworld *w = ctx;

	if (w->c)
		control_event_filter(w->c, ev, info);
	if (w->b)
		broker_event_filter(w->b, ev, info);
}

static const struct model_events events = {
	.on_switch = on_switch,
	.on_vport = on_vport,
	.on_filter = on_filter,
};

/* ---- the world ---- */

unsigned int dworld_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static unsigned int fds_before;

struct dworld *dworld_new(const char *instance)
{
	struct dworld *w = calloc(1, sizeof(*w));
	struct conf_switch sw = switch_conf("s0", "eth9");

	assert_non_null(w);
	fds_before = dworld_count_fds();
	clock_stop();
	strcpy(w->dir, "/tmp/xvsw-unit-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	/* Other users' processes must get as far as the socket. */
	assert_int_equal(chmod(w->dir, 0755), 0);
	fake_dp_init(&w->dp);
	w->ops = fake_dp_ops;
	w->ops.guest_attach = guest_attach;
	w->ops.guest_detach = guest_detach;
	assert_true(sd_event_new(&w->loop) >= 0);
	w->m = model_new(&w->ops, &w->dp, &events, w);
	assert_non_null(w->m);
	assert_int_equal(broker_new(w->loop, w->m, w->dir, &w->b, &w->err), 0);
	if (instance && control_new(w->loop, instance, w->m, w->b, &w->c, &w->err))
		fail_msg("control: %s", w->err.text);
	assert_int_equal(model_switch_add(w->m, &sw, &w->err), 0);
	return w;
}

void dworld_free_broker(struct dworld *w)
{
	struct broker *b = w->b;

	w->b = NULL;
	broker_free(b);
}

void dworld_free(struct dworld *w)
{
	control_free(w->c);
	w->c = NULL;
	dworld_free_broker(w);
	model_free(w->m);
	fake_dp_free(&w->dp);
	sd_event_unref(w->loop);
	/* Refused when a socket is left. */
	assert_int_equal(rmdir(w->dir), 0);
	free(w);
	clock_us = 0;
	assert_int_equal(dworld_count_fds(), fds_before);
}

void dworld_settle(struct dworld *w)
{
	unsigned int n = 0;
	int r;

	while ((r = sd_event_run(w->loop, 0)) > 0)
		assert_true(++n < STEPS_MAX);
	assert_int_equal(r, 0);
}

void dworld_advance(struct dworld *w, unsigned int ms)
{
	clock_us += ms * 1000ULL;
	dworld_settle(w);
}

int dworld_serve_child(struct dworld *w, pid_t pid)
{
	pid_t done;
	int status;

	/* The time-out is the kernel's: it does not move the clock. */
	while ((done = waitpid(pid, &status, WNOHANG)) == 0)
		assert_true(sd_event_run(w->loop, 2000) >= 0);
	assert_int_equal(done, pid);
	assert_true(WIFEXITED(status));
	dworld_settle(w);
	return WEXITSTATUS(status);
}

uint32_t dworld_vport(struct dworld *w, const char *name, uid_t owner)
{
	struct conf_vport conf = vport_conf(name, "s0", XKIND_XSK);
	struct info_vport info;
	uint64_t cursor = 0;
	uint32_t id = 0;

	conf.owner = owner ? owner : geteuid();
	conf.set |= XBIT(XATTR_OWNER);
	if (model_vport_add(w->m, &conf, &id, &w->err))
		fail_msg("vport add %s: %s", name, w->err.text);
	assert_int_equal(model_vport_next(w->m, name, 0, &cursor, &info, &w->err), 1);
	if (broker_vport_add(w->b, &info, &w->err))
		fail_msg("broker socket of %s: %s", name, w->err.text);
	return id;
}

void dworld_vport_del(struct dworld *w, const char *name)
{
	if (model_vport_del(w->m, name, &w->err))
		fail_msg("vport del %s: %s", name, w->err.text);
}

uint32_t dworld_filter(struct dworld *w, const char *vport, uint32_t mac_number)
{
	struct conf_filter c = { .mac = mac_no(mac_number) };
	uint32_t id = 0;

	snprintf(c.vport, sizeof(c.vport), "%s", vport);
	if (model_filter_add(w->m, &c, &id, &w->err))
		fail_msg("filter add on %s: %s", vport, w->err.text);
	return id;
}

bool dworld_attached(struct dworld *w, const char *vport)
{
	const struct dp_vport *vp = fake_dp_vport(&w->dp, vport);

	assert_non_null(vp);
	return vp->attached;
}

const char *dworld_path(struct dworld *w, const char *name)
{
	static char path[108];

	assert_true(snprintf(path, sizeof(path), "%s/%s.sock", w->dir, name) < (int)sizeof(path));
	return path;
}
