// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/broker_conn.h"

#define MS 1000ULL
/* Connections taken from one VPort, and guests told their MACs, before the loop looks elsewhere. */
#define ACCEPT_BUDGET 4
#define MACS_BUDGET 16

static struct broker_vport *find(struct broker *b, const char *name)
{
	struct broker_vport *vp;

	HASH_FIND_STR(b->vports, name, vp);
	return vp;
}

/* ---- the listening sockets ---- */

static int on_listen(void *ctx)
{
	struct broker_vport *vp = ctx;
	int fd;

	for (int i = 0; i < ACCEPT_BUDGET; i++) {
		fd = accept4(vp->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			/* A peer that gave up meanwhile is no error of ours. */
			return errno == ECONNABORTED ? 0 : -errno;
		conn_start(vp, fd);
	}
	return 0;
}

static int set_addr(struct broker *b, struct broker_vport *vp, struct err *err)
{
	int n;

	vp->addr.sun_family = AF_UNIX;
	n = snprintf(vp->addr.sun_path, sizeof(vp->addr.sun_path), "%s/%s.sock", b->guest_dir,
		     vp->name);
	if (n >= (int)sizeof(vp->addr.sun_path))
		return err_set(err, -ENAMETOOLONG, XATTR_NAME,
			       "broker socket %s/%s.sock: the path is longer than %zu bytes",
			       b->guest_dir, vp->name, sizeof(vp->addr.sun_path) - 1);
	return 0;
}

/* Nobody but root can connect before the owner is set, and nobody at all before listen(). */
static int open_listener(struct broker_vport *vp, struct err *err)
{
	const char *path = vp->addr.sun_path;
	mode_t mask;
	int r;

	vp->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (vp->fd < 0)
		return err_set(err, -errno, 0, "broker socket: %s", strerror(errno));
	/* One that we lost track of: nobody else may make files in this directory. */
	unlink(path);
	mask = umask(0177);
	r = bind(vp->fd, (struct sockaddr *)&vp->addr, sizeof(vp->addr)) ? -errno : 0;
	umask(mask);
	if (r)
		return err_set(err, r, 0, "bind %s: %s", path, strerror(-r));
	if (lchown(path, vp->owner, (gid_t)-1))
		r = err_set(err, -errno, XATTR_OWNER, "chown %s: %s", path, strerror(errno));
	else if (listen(vp->fd, BROKER_PENDING_MAX))
		r = err_set(err, -errno, 0, "listen on %s: %s", path, strerror(errno));
	if (r)
		unlink(path);
	return r;
}

/* Of one that is in no hash. The connections are closed; their data path is not touched. */
static void vport_free(struct broker_vport *vp)
{
	struct broker_conn *c, *tmp;

	DL_FOREACH_SAFE(vp->conns, c, tmp)
	conn_close(c, false);
	loop_io_del(&vp->io);
	if (vp->fd >= 0)
		close(vp->fd);
	free(vp);
}

int broker_vport_add(struct broker *b, const struct info_vport *info, struct err *err)
{
	struct broker_vport *vp;
	int r;

	if (find(b, info->name))
		return err_set(err, -EEXIST, XATTR_NAME, "vport '%s' has a broker socket already",
			       info->name);
	vp = calloc(1, sizeof(*vp));
	if (!vp)
		return err_set(err, -ENOMEM, 0, "out of memory");
	vp->broker = b;
	vp->fd = -1;
	vp->id = info->id;
	vp->owner = info->has_owner ? info->owner : 0;
	snprintf(vp->name, sizeof(vp->name), "%.*s", (int)sizeof(vp->name) - 1, info->name);
	r = set_addr(b, vp, err);
	if (!r)
		r = open_listener(vp, err);
	if (r)
		goto out;
	r = loop_io_add(b->loop, vp->fd, "broker socket", on_listen, vp, &vp->io, err);
	if (r) {
		unlink(vp->addr.sun_path);
		goto out;
	}
	HASH_ADD_STR(b->vports, name, vp);
	return 0;
out:
	vport_free(vp);
	return r;
}

static void vport_remove(struct broker *b, struct broker_vport *vp)
{
	if (unlink(vp->addr.sun_path) && errno != ENOENT)
		log_warn("remove %s: %s", vp->addr.sun_path, strerror(errno));
	HASH_DEL(b->vports, vp);
	vport_free(vp);
}

static void vport_set_owner(struct broker_vport *vp, uid_t owner)
{
	struct broker_conn *c;

	if (lchown(vp->addr.sun_path, owner, (gid_t)-1))
		log_error("chown %s: %s", vp->addr.sun_path, strerror(errno));
	vp->owner = owner;
	/* The last owner's: their end arrives as an event, outside the model's call. */
	DL_FOREACH(vp->conns, c)
	if (c->uid && c->uid != owner)
		shutdown(c->fd, SHUT_RDWR);
}

void broker_event_vport(struct broker *b, enum xevent ev, const struct info_vport *info)
{
	struct broker_vport *vp = find(b, info->name);

	if (!vp)
		return;
	if (ev == XEVENT_DEL)
		vport_remove(b, vp);
	else if (info->has_owner && info->owner != vp->owner)
		vport_set_owner(vp, info->owner);
}

/* ---- MACs ---- */

static int on_macs(sd_event_source *s, uint64_t usec, void *ctx);

static void arm_macs(struct broker *b)
{
	uint64_t now = loop_now_us(b->loop), at = b->macs_last_us + BROKER_MACS_EVERY_MS * MS;
	int r;

	if (b->macs_armed)
		return;
	r = loop_timer(b->loop, at > now ? at - now : 0, on_macs, b, &b->macs_timer);
	/* ESTALE: the loop has ended and a flush takes everything down, guests included. */
	if (r < 0 && r != -ESTALE)
		log_error("timer of the guests' MACs: %s", strerror(-r));
	b->macs_armed = r >= 0;
}

/*
 * A batch of thousands of filters must not walk a VPort's filters thousands of times: the first
 * change is told in this iteration of the loop, those that follow together a little later.
 */
static int on_macs(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct broker *b = ctx;
	struct broker_vport *vp, *tmp;
	unsigned int told = 0;
	bool more = false;

	(void)s;
	(void)usec;
	b->macs_armed = false;
	HASH_ITER (hh, b->vports, vp, tmp) {
		vp->dirty = (vp->dirty || b->all_dirty) && vp->guest;
		if (!vp->dirty)
			continue;
		if (told == MACS_BUDGET) {
			more = true;
			continue;
		}
		vp->dirty = false;
		told++;
		conn_send_macs(vp->guest);
	}
	b->all_dirty = false;
	b->macs_last_us = more ? 0 : loop_now_us(b->loop);
	if (more)
		arm_macs(b);
	return 0;
}

void broker_event_filter(struct broker *b, enum xevent ev, const struct info_filter *info)
{
	struct broker_vport *vp;

	if (ev == XEVENT_MOVE) {
		/* The event names where it went, not whence; guests whose MACs stayed hear nothing.
		 */
		b->all_dirty = true;
		arm_macs(b);
		return;
	}
	vp = find(b, info->vport);
	if (!vp || !vp->guest)
		return;
	vp->dirty = true;
	arm_macs(b);
}

/* ---- the whole ---- */

int broker_new(sd_event *loop, struct model *model, const char *guest_dir, struct broker **out,
	       struct err *err)
{
	struct broker *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(err, -ENOMEM, 0, "out of memory");
	b->loop = loop;
	b->model = model;
	b->guest_dir = guest_dir;
	*out = b;
	return 0;
}

void broker_free(struct broker *b)
{
	struct broker_vport *vp, *tmp;

	if (!b)
		return;
	HASH_ITER (hh, b->vports, vp, tmp)
		vport_remove(b, vp);
	sd_event_source_disable_unref(b->macs_timer);
	free(b);
}
