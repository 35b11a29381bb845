// SPDX-License-Identifier: GPL-2.0-only
/* The dp_ops of the real data path, and its life. Events from the kernel are in watch.c. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "base/log.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/netdev.h"
#include "datapath/netns.h"
#include "datapath/nl.h"
#include "datapath/progs.h"
#include "datapath/watch.h"

/* Both libraries talk much about what we try and handle ourselves. */
static int lib_print(const char *fmt, va_list args)
{
	char line[512];
	size_t len;

	if (!log_enabled(LOG_LEVEL_DEBUG))
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	len = strlen(line);
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	log_debug("%s", line);
	return 0;
}

static int libbpf_line(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : lib_print(fmt, args);
}

static int libxdp_line(enum libxdp_print_level level, const char *fmt, va_list args)
{
	return level == LIBXDP_DEBUG ? 0 : lib_print(fmt, args);
}

void datapath_quiet_libraries(void)
{
	libbpf_set_print(libbpf_line);
	libxdp_set_print(libxdp_line);
}

static int own_netns(uint32_t *inum)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = netns_inode(fd, inum);
	close(fd);
	return r;
}

static int watch_fd(struct datapath *dp, struct nl_sock *s)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(dp->epoll_fd, EPOLL_CTL_ADD, nl_fd(s), &ev) ? -errno : 0;
}

static int open_sockets(struct datapath *dp)
{
	int r = nl_open(NETLINK_ROUTE, &dp->rt);

	r = r ? r : nl_open(NETLINK_GENERIC, &dp->genl);
	r = r ? r : link_monitor_open(&dp->links);
	if (r)
		return r;
	dp->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (dp->epoll_fd < 0)
		return -errno;
	r = watch_fd(dp, dp->links);
	if (r)
		return r;
	r = netdev_monitor_open(&dp->netdevs);
	if (r) { /* before Linux 6.3: features are taken for granted */
		log_info("this kernel does not tell XDP features of devices");
		dp->netdevs = NULL;
		return 0;
	}
	return watch_fd(dp, dp->netdevs);
}

int datapath_new(const struct datapath_conf *conf, const struct dp_events *events, void *ctx,
		 struct datapath **out, struct err *err)
{
	struct datapath *dp = calloc(1, sizeof(*dp));
	char netns_dir[PATH_MAX];
	int r;

	if (!dp)
		return err_set(err, -ENOMEM, 0, "no memory");
	dp->epoll_fd = -1;
	dp->events = events;
	dp->ctx = ctx;
	datapath_quiet_libraries();
	snprintf(dp->instance, sizeof(dp->instance), "%s", conf->instance);
	snprintf(dp->run_dir, sizeof(dp->run_dir), "%s", conf->run_dir);
	snprintf(netns_dir, sizeof(netns_dir), "%s/netns", dp->run_dir);
	r = own_netns(&dp->netns);
	r = r ? r : open_sockets(dp);
	r = r ? r : pins_mkdir(netns_dir);
	if (r) {
		err_set(err, r, 0, "cannot reach the kernel's network configuration: %s",
			strerror(-r));
		goto fail;
	}
	if (record_any(dp->run_dir)) {
		r = err_set(
			err, -EEXIST, 0,
			"instance %s has a data path left running; take it down with --flush-only",
			conf->instance);
		goto fail;
	}
	r = pins_open(dp, conf, err);
	if (r)
		goto fail;
	*out = dp;
	return 0;
fail:
	datapath_free(dp);
	return r;
}

static void forget_vport(struct dp_vport *vp)
{
	const int fds[] = { vp->link_fd, vp->netns_fd, vp->guest_link_fd, vp->xsks_fd,
			    vp->sock_fd };
	size_t i;

	xsk_drop_pending(vp);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(vp);
}

static void forget_switch(struct dp_switch *sw)
{
	struct dp_vport *vp, *tmp;

	HASH_CLEAR(hh_index, sw->dp->by_index);
	HASH_ITER (hh, sw->vports, vp, tmp) {
		HASH_DEL(sw->vports, vp);
		forget_vport(vp);
	}
	fdb_free(sw, false);
	if (sw->leg.link_fd >= 0)
		close(sw->leg.link_fd);
	if (sw->flood.link_fd >= 0)
		close(sw->flood.link_fd);
	progs_close(sw);
	HASH_DEL(sw->dp->switches, sw);
	free(sw);
}

void datapath_free(struct datapath *dp)
{
	struct dp_switch *sw, *tmp;

	if (!dp)
		return;
	HASH_ITER (hh, dp->switches, sw, tmp)
		forget_switch(sw);
	nl_close(dp->netdevs);
	nl_close(dp->links);
	nl_close(dp->genl);
	nl_close(dp->rt);
	if (dp->epoll_fd >= 0)
		close(dp->epoll_fd);
	if (dp->pin_dir[0] && !rmdir(dp->pin_dir)) /* only when empty */
		pins_unmount(dp->run_dir);
	free(dp);
}

/* The uplink's number names our own devices, also while the uplink is gone. */
static int find_number(struct dp_switch *sw, struct err *err)
{
	struct link_info li;
	int r = link_get(sw->dp->rt, sw->uplink, &li);

	if (r)
		return err_set(err, r, XATTR_UPLINK, "uplink %s: %s", sw->uplink,
			       r == -ENODEV ? "no such device" : strerror(-r));
	sw->number = li.ifindex;
	sw->group = DEVICE_GROUP | (li.ifindex & ~DEVICE_GROUP_MASK);
	return 0;
}

static int op_switch_add(void *dp_, const struct conf_switch *conf, void *cookie,
			 struct dp_switch **out, struct dp_switch_info *info, struct err *err)
{
	struct datapath *dp = dp_;
	struct dp_switch *sw = calloc(1, sizeof(*sw));
	char part[CONF_NAME_SIZE];
	int r;

	if (!sw)
		return err_set(err, -ENOMEM, 0, "no memory");
	sw->dp = dp;
	sw->cookie = cookie;
	sw->want = XHAS(conf, XATTR_MODE) ? conf->mode : XMODE_AUTO;
	sw->leg.link_fd = sw->flood.link_fd = -1;
	snprintf(sw->name, sizeof(sw->name), "%s", conf->name);
	snprintf(sw->uplink, sizeof(sw->uplink), "%s", conf->uplink);
	pins_component(conf->name, part, sizeof(part));
	snprintf(sw->pin_dir, sizeof(sw->pin_dir), "%s/%s", dp->pin_dir, part);
	r = find_number(sw, err);
	if (r)
		goto fail;
	r = record_switch(sw); /* before there are pins */
	if (r) {
		err_set(err, r, 0, "cannot write the record of the switch: %s", strerror(-r));
		goto fail;
	}
	r = progs_load(sw, err);
	if (r)
		goto fail_record;
	r = uplink_plug(sw, err);
	if (r)
		goto fail_progs;
	r = pairs_add(sw, err);
	if (r)
		goto fail_uplink;
	r = record_switch(sw);
	if (r) {
		err_set(err, r, 0, "cannot write the record of the switch: %s", strerror(-r));
		goto fail_pairs;
	}
	HASH_ADD_STR(dp->switches, name, sw);
	switch_refresh(sw, false);
	*info = sw->info;
	*out = sw;
	return 0;
fail_pairs:
	pairs_del(sw);
fail_uplink:
	uplink_unplug(sw, false);
fail_progs:
	progs_unload(sw);
fail_record:
	record_switch_del(sw);
fail:
	free(sw);
	return r;
}

/*
 * Own devices go in one bulk: a thousand, one by one, keep the daemon from its commands for twenty
 * seconds. The uplink first, so that it is the host's alone again before guests are cut.
 */
static void op_switch_closing(void *dp_, struct dp_switch *sw)
{
	struct datapath *dp = dp_;
	int r;

	sw->cookie = NULL;
	fdb_free(sw, true);
	uplink_unplug(sw, false);
	r = link_del_group(dp->rt, sw->group);
	if (r)
		log_warn("switch %s: deleting its devices at once: %s", sw->name, strerror(-r));
}

static void op_switch_del(void *dp, struct dp_switch *sw)
{
	(void)dp;
	sw->cookie = NULL;
	uplink_unplug(sw, false);
	pairs_del(sw);
	fdb_free(sw, true);
	progs_unload(sw);
	record_switch_del(sw);
	HASH_DEL(sw->dp->switches, sw);
	free(sw);
}

static int op_vport_add(void *dp, struct dp_switch *sw, const struct dp_vport_conf *conf,
			void *cookie, struct dp_vport **out, struct dp_vport_info *info,
			struct err *err)
{
	struct dp_vport *vp = calloc(1, sizeof(*vp));
	int r;

	(void)dp;
	if (!vp)
		return err_set(err, -ENOMEM, 0, "no memory");
	vp->sw = sw;
	vp->cookie = cookie;
	vp->conf = *conf;
	vp->link_fd = vp->netns_fd = vp->guest_link_fd = vp->xsks_fd = vp->sock_fd = -1;
	stats_clear(sw, conf->id);
	r = kind_add(vp, err);
	if (r)
		goto fail;
	r = port_plug(vp, err);
	if (r)
		goto fail_kind;
	r = record_vport(vp);
	if (r) {
		err_set(err, r, 0, "cannot write the record of VPort %s: %s", conf->name,
			strerror(-r));
		goto fail_port;
	}
	HASH_ADD(hh, sw->vports, conf.id, sizeof(vp->conf.id), vp);
	vport_refresh(vp, false);
	*info = vp->info;
	*out = vp;
	return 0;
fail_port:
	port_unplug(vp);
fail_kind:
	kind_del(vp);
fail:
	record_vport_del(vp);
	free(vp);
	return r;
}

static void op_vport_del(void *dp, struct dp_vport *vp)
{
	struct dp_switch *sw = vp->sw;

	(void)dp;
	vp->cookie = NULL;
	port_unplug(vp);
	kind_del(vp);
	record_vport_del(vp);
	HASH_DEL(sw->vports, vp);
	free(vp);
}

static int op_vport_set(void *dp, struct dp_vport *vp, const struct dp_vport_conf *conf,
			uint64_t set, struct dp_vport_info *info, struct err *err)
{
	const struct dp_vport_conf old = vp->conf;
	const uint32_t old_mtu = vp->info.mtu;
	int r = 0;

	(void)dp;
	vp->conf = *conf;
	if (set & XBIT(XATTR_MTU)) {
		vp->info.mtu = vport_mtu(vp);
		r = kind_set_mtu(vp, vp->info.mtu, err);
		if (r)
			goto back;
	}
	r = port_tables_update(vp);
	if (!r) {
		record_vport(vp);
		vport_refresh(vp, false);
		*info = vp->info;
		return 0;
	}
	err_set(err, r, 0, "storing VPort %s in the maps failed: %s", conf->name, strerror(-r));
	if (set & XBIT(XATTR_MTU))
		kind_set_mtu(vp, old_mtu, NULL);
back:
	vp->conf = old;
	vp->info.mtu = old_mtu;
	return r;
}

static struct xvsw_filter_key map_key(const struct dp_filter_key *key)
{
	struct xvsw_filter_key k = { .vlan = key->vlan };

	memcpy(k.mac, key->mac.b, sizeof(k.mac));
	return k;
}

/* The uplink takes the address in before frames are expected. */
static int op_filter_set(void *dp, struct dp_switch *sw, const struct dp_filter_key *key,
			 uint32_t id, struct dp_vport *to, bool move, struct err *err)
{
	const struct xvsw_filter_key k = map_key(key);
	const struct xvsw_filter f = { .vport = to->conf.id, .id = id };
	int r;

	(void)dp;
	if (!move) {
		r = fdb_ref(sw, &key->mac, err);
		if (r)
			return r;
	}
	r = move ? filters_move(&sw->progs, &k, &f) : filters_add(&sw->progs, &k, &f);
	if (!r)
		return 0;
	if (!move)
		fdb_unref(sw, &key->mac);
	if (r == -E2BIG)
		return err_set(err, -ENOSPC, XATTR_MAC, "the switch has %u filters, its limit",
			       XVSW_FILTERS_MAX);
	return err_set(err, r, XATTR_MAC, "the kernel refused the filter: %s", strerror(-r));
}

static int op_filter_del(void *dp, struct dp_switch *sw, const struct dp_filter_key *key,
			 struct err *err)
{
	const struct xvsw_filter_key k = map_key(key);
	int r = filters_del(&sw->progs, &k);

	(void)dp;
	if (r)
		return err_set(err, r, XATTR_ID, "the kernel refused to delete the filter: %s",
			       strerror(-r));
	fdb_unref(sw, &key->mac);
	return 0;
}

static int op_stats(void *dp, struct dp_vport *vp, struct info_stats *stats, struct err *err)
{
	(void)dp;
	return stats_read(vp, stats, err);
}

static int op_guest_attach(void *dp, struct dp_vport *vp, const struct dp_guest_req *req,
			   struct dp_guest *guest, struct err *err)
{
	(void)dp;
	return xsk_guest_attach(vp, req, guest, err);
}

static void op_guest_detach(void *dp, struct dp_vport *vp)
{
	(void)dp;
	xsk_guest_detach(vp);
}

const struct dp_ops datapath_ops = {
	.switch_add = op_switch_add,
	.switch_closing = op_switch_closing,
	.switch_del = op_switch_del,
	.vport_add = op_vport_add,
	.vport_set = op_vport_set,
	.vport_del = op_vport_del,
	.filter_set = op_filter_set,
	.filter_del = op_filter_del,
	.stats = op_stats,
	.guest_attach = op_guest_attach,
	.guest_detach = op_guest_detach,
};

int datapath_fd(const struct datapath *dp)
{
	return dp->epoll_fd;
}

int datapath_process(struct datapath *dp)
{
	return watch_process(dp);
}
