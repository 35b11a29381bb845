// SPDX-License-Identifier: GPL-2.0-only
/* Taking down what a daemon that is gone left running, by its record (record.c). */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mac.h"
#include "datapath/int.h"
#include "datapath/link.h"
#include "datapath/netns.h"
#include "datapath/nl.h"
#include "datapath/tc.h"

struct record {
	char uplink[CONF_IFNAME_SIZE];
	char pins[PATH_MAX], netns[PATH_MAX];
	uint32_t ifindex, group;
	bool allmulti, clsact;
};

static void record_line(struct record *r, const char *word, const char *value)
{
	if (!strcmp(word, "uplink"))
		snprintf(r->uplink, sizeof(r->uplink), "%s", value);
	else if (!strcmp(word, "pins"))
		snprintf(r->pins, sizeof(r->pins), "%s", value);
	else if (!strcmp(word, "netns"))
		snprintf(r->netns, sizeof(r->netns), "%s", value);
	else if (!strcmp(word, "ifindex"))
		r->ifindex = strtoul(value, NULL, 10);
	else if (!strcmp(word, "group"))
		r->group = strtoul(value, NULL, 10);
	else if (!strcmp(word, "allmulti"))
		r->allmulti = *value == '1';
	else if (!strcmp(word, "clsact"))
		r->clsact = *value == '1';
}

static int record_read(const char *path, struct record *r)
{
	char line[PATH_MAX + 32];
	FILE *f = fopen(path, "re");
	char *space;

	memset(r, 0, sizeof(*r));
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		space = strchr(line, ' ');
		if (!space)
			continue;
		*space = '\0';
		record_line(r, line, space + 1);
	}
	fclose(f);
	return 0;
}

/* Whether the address was on the uplink before our filter. */
static bool is_foreign(const char *dir_path, const struct xmac *mac)
{
	char path[PATH_MAX], line[64], text[MAC_STR_SIZE], want[sizeof(text) + 8];
	bool found = false;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/foreign", dir_path) >= (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	snprintf(want, sizeof(want), "mac %s\n", mac_format(mac, text));
	while (!found && fgets(line, sizeof(line), f))
		found = !strcmp(line, want);
	fclose(f);
	return found;
}

static int open_map(const struct record *r, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/maps/%s", r->pins, name);
	return bpf_obj_get(path);
}

/* The addresses that filters put on the uplink. */
static void drop_addresses(struct nl_sock *rt, const struct record *r, const char *dir_path)
{
	struct xvsw_filter_key key, *at = NULL;
	struct xmac mac;
	int fd = open_map(r, "filters");

	if (fd < 0)
		return;
	while (!bpf_map_get_next_key(fd, at, &key)) {
		at = &key;
		memcpy(mac.b, key.mac, sizeof(mac.b));
		if (!is_foreign(dir_path, &mac))
			link_fdb_del(rt, r->ifindex, &mac);
	}
	close(fd);
}

/*
 * By its number, which stays when it is renamed, or, when it has another one since a stay in
 * another namespace, by its name. What is on it must be this switch's: numbers and names are given
 * anew.
 */
static bool find_uplink(struct nl_sock *rt, struct record *r, struct link_info *li)
{
	int fd = open_map(r, "conf");
	uint32_t conf = fd < 0 ? 0 : map_id(fd);

	if (fd >= 0)
		close(fd);
	if (!link_get_by_index(rt, r->ifindex, li) &&
	    (!strcmp(li->name, r->uplink) || uplink_is_of(li->ifindex, conf)))
		return true;
	return !link_get(rt, r->uplink, li) && uplink_is_of(li->ifindex, conf);
}

static void restore_uplink(struct nl_sock *rt, struct record *r, const char *dir_path)
{
	struct link_info li;

	if (!find_uplink(rt, r, &li))
		return;
	r->ifindex = li.ifindex;
	uplink_detach_index(r->ifindex);
	tc_detach(r->ifindex, true);
	tc_detach(r->ifindex, false);
	tc_put_clsact(r->ifindex, r->clsact);
	if (r->allmulti)
		link_set_flag(rt, r->ifindex, IFF_ALLMULTI, false);
	drop_addresses(rt, r, dir_path);
}

/* Their devices went with the group; a dev VPort's is its owner's. */
static void flush_vports(const char *dir_path)
{
	char path[PATH_MAX];
	struct dirent *d;
	struct record r;
	DIR *dir = opendir(dir_path);

	if (!dir)
		return;
	while ((d = readdir(dir))) {
		if (strncmp(d->d_name, "vport-", 6) ||
		    snprintf(path, sizeof(path), "%s/%s", dir_path, d->d_name) >=
			    (int)sizeof(path) ||
		    record_read(path, &r))
			continue;
		if (r.netns[0])
			netns_remove_pinned(r.netns);
	}
	closedir(dir);
}

static int flush_switch(struct nl_sock *rt, const char *dir_path)
{
	char path[PATH_MAX];
	struct record r;

	if (snprintf(path, sizeof(path), "%s/switch", dir_path) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (record_read(path, &r))
		return 0;
	restore_uplink(rt, &r, dir_path);
	if (r.group)
		link_del_group(rt, r.group);
	flush_vports(dir_path);
	if (r.pins[0]) {
		pins_remove_tree(r.pins);
		rmdir(dirname(r.pins)); /* the instance's, when this was its last switch */
	}
	pins_remove_tree(dir_path);
	log_info("took down %s", strrchr(dir_path, '/') + 1);
	return 1;
}

int datapath_flush_leftovers(const struct datapath_conf *conf, struct err *err)
{
	char state[PATH_MAX / 2], path[PATH_MAX];
	struct nl_sock *rt = NULL;
	struct dirent *d;
	int n = 0, r;
	DIR *dir;

	datapath_quiet_libraries();
	snprintf(state, sizeof(state), "%s/state", conf->run_dir);
	dir = opendir(state);
	if (!dir) {
		pins_unmount(conf->run_dir);
		return 0;
	}
	r = nl_open(NETLINK_ROUTE, &rt);
	if (r) {
		closedir(dir);
		return err_set(err, r, 0, "rtnetlink: %s", strerror(-r));
	}
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", state, d->d_name);
		r = flush_switch(rt, path);
		if (r > 0)
			n++;
	}
	closedir(dir);
	nl_close(rt);
	pins_unmount(conf->run_dir);
	return n;
}
