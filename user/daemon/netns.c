// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/netns.h"

int daemon_netns_enter(const char *ns, struct err *err)
{
	char path[PATH_MAX];
	int fd, r = 0;

	snprintf(path, sizeof(path), "%s%s", strchr(ns, '/') ? "" : "/run/netns/", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, 0, "netns '%s': %s", ns, strerror(errno));
	if (setns(fd, CLONE_NEWNET)) {
		r = -errno;
		if (r == -EINVAL)
			err_set(err, r, 0, "netns '%s' is not a network namespace", ns);
		else
			err_set(err, r, 0, "enter netns '%s': %s", ns, strerror(-r));
	}
	close(fd);
	return r;
}
