// SPDX-License-Identifier: GPL-2.0-only
#include "base/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/conf.h"

static const char *const netns_dirs[] = { "/run/netns", "/var/run/netns" };

int netns_open_path(const char *path)
{
	/* Not to hang on a fifo that somebody put there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

static int netns_open_under(const char *dir, const char *name, const char *tail)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s%s", dir, name, tail);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return netns_open_path(path);
}

int netns_open(const char *name)
{
	unsigned int i;
	int fd;

	if (!name[0] || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	if (strchr(name, '/'))
		return netns_open_path(name);
	for (i = 0; i < sizeof(netns_dirs) / sizeof(netns_dirs[0]); i++) {
		fd = netns_open_under(netns_dirs[i], name, "");
		if (fd != -ENOENT)
			return fd;
	}
	if (name[strspn(name, "0123456789")])
		return -ENOENT;
	return netns_open_under("/proc", name, "/ns/net");
}

int netns_join(const char *name, struct err *err)
{
	int fd = netns_open(name), r = 0;

	if (fd < 0)
		return err_set(err, fd, XATTR_NETNS, "netns %s: %s", name,
			       fd == -ENOENT   ? "no such network namespace"
			       : fd == -EINVAL ? "it is not a network namespace"
					       : strerror(-fd));
	if (setns(fd, CLONE_NEWNET))
		r = err_set(err, -errno, XATTR_NETNS, "cannot enter netns %s: %s", name,
			    strerror(errno));
	close(fd);
	return r;
}
