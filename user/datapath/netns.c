/* SPDX-License-Identifier: GPL-2.0-only */
#include "datapath/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"

#define NETNS_SELF "/proc/thread-self/ns/net"

static int netns_create_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int netns_create_pinned(const char *path)
{
	int home, err, fd;

	err = netns_create_file(path);
	if (err)
		return err;
	home = open(NETNS_SELF, O_RDONLY | O_CLOEXEC);
	if (home < 0 || unshare(CLONE_NEWNET)) {
		err = -errno;
		if (home >= 0)
			close(home);
		goto out_unlink;
	}
	err = mount(NETNS_SELF, path, NULL, MS_BIND, NULL) ? -errno : 0;
	netns_leave(home);
	if (err)
		goto out_unlink;
	fd = netns_open_path(path);
	if (fd < 0)
		netns_remove_pinned(path);
	return fd;

out_unlink:
	unlink(path);
	return err;
}

int netns_remove_pinned(const char *path)
{
	/* Once for each mount: a file under a mount cannot be deleted. */
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno == ENOENT)
		return 0;
	if (errno != EINVAL)
		return -errno;
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

int netns_enter(int fd, int *saved)
{
	int err, home = open(NETNS_SELF, O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET)) {
		err = -errno;
		close(home);
		return err;
	}
	*saved = home;
	return 0;
}

int netns_leave(int saved)
{
	if (setns(saved, CLONE_NEWNET)) {
		log_error("cannot return to the own network namespace: %s", strerror(errno));
		abort();
	}
	close(saved);
	return 0;
}

int netns_inode(int fd, uint32_t *inum)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*inum = st.st_ino;
	return 0;
}

bool netns_same(int a, int b)
{
	struct stat sa, sb;

	return !fstat(a, &sa) && !fstat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}
