// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record below RUN/state/SWITCH: what was changed on the host, so that --flush-only can put it
 * back for a daemon that is gone. One file for the switch, one for each VPort; lines of a word and
 * its value. Files are replaced by rename, so that a reader finds the old or the new one.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mac.h"
#include "datapath/int.h"

static int record_path(const struct dp_switch *sw, const char *file, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/state/%s%s%s", sw->dp->run_dir, sw->name, *file ? "/" : "",
			 file);

	return n >= (int)size ? -ENAMETOOLONG : 0;
}

static int record_open(const struct dp_switch *sw, const char *file, char *path, char *tmp,
		       FILE **f)
{
	int r = record_path(sw, "", path, PATH_MAX);

	r = r ? r : pins_mkdir(path);
	r = r ? r : record_path(sw, file, path, PATH_MAX);
	if (r)
		return r;
	if (snprintf(tmp, PATH_MAX, "%s.new", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	*f = fopen(tmp, "we");
	return *f ? 0 : -errno;
}

static int record_close(FILE *f, const char *tmp, const char *path)
{
	int r = ferror(f) ? -EIO : 0;

	if (fclose(f) && !r)
		r = -errno;
	if (!r && rename(tmp, path))
		r = -errno;
	if (r)
		unlink(tmp);
	return r;
}

int record_switch(const struct dp_switch *sw)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	FILE *f;
	int r = record_open(sw, "switch", path, tmp, &f);

	if (r)
		return r;
	fprintf(f, "uplink %s\nifindex %u\npins %s\nallmulti %d\nclsact %d\ngroup %u\n", sw->uplink,
		sw->info.ifindex, sw->pin_dir, sw->allmulti_set, sw->clsact_made, sw->group);
	return record_close(f, tmp, path);
}

void record_foreign_mac(const struct dp_switch *sw, const struct xmac *mac)
{
	char path[PATH_MAX], text[MAC_STR_SIZE];
	FILE *f;

	if (record_path(sw, "foreign", path, sizeof(path)))
		return;
	f = fopen(path, "ae");
	if (!f)
		return;
	fprintf(f, "mac %s\n", mac_format(mac, text));
	fclose(f);
}

static void vport_file(const struct dp_vport *vp, char *buf, size_t size)
{
	snprintf(buf, size, "vport-%u", vp->conf.id);
}

int record_vport(const struct dp_vport *vp)
{
	char path[PATH_MAX], tmp[PATH_MAX], file[32];
	FILE *f;
	int r;

	if (vp->conf.kind == XKIND_HOST)
		return 0; /* the leg is in the switch's */
	vport_file(vp, file, sizeof(file));
	r = record_open(vp->sw, file, path, tmp, &f);
	if (r)
		return r;
	fprintf(f, "dev %s\n", vp->info.dev);
	if (vp->netns_path[0])
		fprintf(f, "netns %s\n", vp->netns_path);
	return record_close(f, tmp, path);
}

void record_vport_del(const struct dp_vport *vp)
{
	char path[PATH_MAX], file[32];

	vport_file(vp, file, sizeof(file));
	if (!record_path(vp->sw, file, path, sizeof(path)))
		unlink(path);
}

void record_switch_del(const struct dp_switch *sw)
{
	char path[PATH_MAX];

	if (!record_path(sw, "", path, sizeof(path)))
		pins_remove_tree(path);
}

bool record_any(const char *run_dir)
{
	char path[PATH_MAX];
	struct dirent *d;
	bool any = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/state", run_dir);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!any && (d = readdir(dir)))
		any = d->d_name[0] != '.';
	closedir(dir);
	return any;
}
