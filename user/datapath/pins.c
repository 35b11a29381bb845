// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "datapath/int.h"

void pins_component(const char *name, char *buf, size_t size)
{
	size_t i;

	for (i = 0; name[i] && i + 1 < size; i++)
		buf[i] = name[i] == '.' ? ':' : name[i]; /* ':' is in no name of ours */
	buf[i] = '\0';
}

int pins_mkdir(const char *path)
{
	char part[PATH_MAX];
	char *p;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (p = strchr(part + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(part, 0700) && errno != EEXIST ? -errno : 0;
}

void pins_remove_tree(const char *path)
{
	char sub[PATH_MAX];
	struct dirent *d;
	DIR *dir = opendir(path);

	if (!dir)
		return;
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (snprintf(sub, sizeof(sub), "%s/%s", path, d->d_name) >= (int)sizeof(sub))
			continue;
		if (unlink(sub) && (errno == EISDIR || errno == EPERM))
			pins_remove_tree(sub);
	}
	closedir(dir);
	if (rmdir(path))
		log_warn("%s: %s", path, strerror(errno));
}

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

void pins_unmount(const char *run_dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bpffs", run_dir);
	if (!umount2(path, MNT_DETACH))
		rmdir(path);
}

int pins_open(struct datapath *dp, const struct datapath_conf *conf, struct err *err)
{
	char mount_dir[PATH_MAX / 4], instance[CONF_NAME_SIZE];
	int r;

	snprintf(mount_dir, sizeof(mount_dir), "%s", conf->bpffs);
	snprintf(dp->bpffs, sizeof(dp->bpffs), "%s", conf->bpffs);
	if (!is_bpffs(mount_dir)) {
		snprintf(mount_dir, sizeof(mount_dir), "%s/bpffs", conf->run_dir);
		if (!is_bpffs(mount_dir)) {
			r = pins_mkdir(mount_dir);
			if (!r && mount("bpf", mount_dir, "bpf", 0, "mode=0700"))
				r = -errno;
			if (r)
				return err_set(err, r, 0,
					       "no bpffs at %s, and mounting one at %s failed: %s",
					       conf->bpffs, mount_dir, strerror(-r));
		}
		dp->private_bpffs = true;
		log_warn("no bpffs at %s: pins go to %s and die with that mount", conf->bpffs,
			 mount_dir);
	}
	/* libxdp keeps its dispatchers there too; who set the variable knows better. */
	setenv("LIBXDP_BPFFS", mount_dir, 0);
	pins_component(conf->instance, instance, sizeof(instance));
	snprintf(dp->pin_dir, sizeof(dp->pin_dir), "%s/xvsw/%s", mount_dir, instance);
	r = pins_mkdir(dp->pin_dir);
	if (r)
		return err_set(err, r, 0, "cannot make %s: %s", dp->pin_dir, strerror(-r));
	return 0;
}
