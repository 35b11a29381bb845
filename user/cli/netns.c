// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/run.h"

/*
 * Only the network namespace is entered: the caller's mounts stay, and with them /sys/fs/bpf, which
 * `ip netns exec` would hide.
 */
int cli_netns_enter(const char *name, struct err *err)
{
	char path[PATH_MAX], quoted[CLI_QUOTE_SIZE];
	int fd, ret, len;

	len = snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	if (!*name || len >= (int)sizeof(path))
		return err_set(err, -EINVAL, XATTR_NETNS, "netns %s is not a name or a path",
			       cli_quote(name, quoted));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, XATTR_NETNS, "cannot open network namespace %s: %m",
			       cli_quote(path, quoted));
	ret = setns(fd, CLONE_NEWNET) ? -errno : 0;
	if (ret)
		err_set(err, ret, XATTR_NETNS, "cannot enter network namespace %s: %m",
			cli_quote(path, quoted));
	close(fd);
	return ret;
}
