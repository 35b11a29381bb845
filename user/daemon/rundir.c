// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/rundir.h"

/* -ENAMETOOLONG cannot come while options.c limits the base and name_check() the instance. */
static int path_join(char out[RUNDIR_PATH_SIZE], const char *dir, const char *name)
{
	int n = snprintf(out, RUNDIR_PATH_SIZE, "%s/%s", dir, name);

	return n < RUNDIR_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* One level. What is there already must be a directory of the daemon's own user. */
static int make_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;

	if (!mkdir(path, mode)) {
		/* Whatever the umask was. */
		if (chmod(path, mode))
			return err_set(err, -errno, 0, "chmod %s: %s", path, strerror(errno));
		return 0;
	}
	if (errno != EEXIST)
		return err_set(err, -errno, 0, "mkdir %s: %s", path, strerror(errno));
	if (lstat(path, &st))
		return err_set(err, -errno, 0, "stat %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, 0, "%s is not a directory", path);
	if (st.st_uid != geteuid())
		return err_set(err, -EPERM, 0, "%s belongs to uid %u", path, st.st_uid);
	return 0;
}

static int refuse_locked(int fd, const char *instance, struct err *err)
{
	char buf[16] = "";
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
	long pid = n > 0 ? strtol(buf, NULL, 10) : 0;

	/* The holder may be between taking the lock and writing its pid. */
	if (pid <= 0)
		return err_set(err, -EBUSY, 0, "instance '%s' has a running xvswd already",
			       instance);
	return err_set(err, -EBUSY, 0, "instance '%s' has a running xvswd already (pid %ld)",
		       instance, pid);
}

/* 1: locked; 0: the file was removed by its last holder while we waited for nothing, try again. */
static int try_lock(const char *path, const char *instance, int *out, struct err *err)
{
	struct stat here, there;
	int fd, r;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_set(err, -errno, 0, "open %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		r = errno == EWOULDBLOCK
			    ? refuse_locked(fd, instance, err)
			    : err_set(err, -errno, 0, "lock %s: %s", path, strerror(errno));
		goto out;
	}
	r = 0;
	if (fstat(fd, &here) || stat(path, &there) || here.st_ino != there.st_ino ||
	    here.st_dev != there.st_dev)
		goto out;
	*out = fd;
	return 1;
out:
	close(fd);
	return r;
}

static int write_pid(int fd, struct err *err)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%d\n", getpid());

	if (ftruncate(fd, 0) || pwrite(fd, buf, len, 0) != len)
		return err_set(err, -errno, 0, "write the lock file: %s", strerror(errno));
	return 0;
}

/* Sockets of a daemon that was killed; nobody can be listening there, we hold the lock. */
static void remove_stale_sockets(const char *guest)
{
	DIR *dir = opendir(guest);
	struct dirent *ent;
	size_t len;

	if (!dir)
		return;
	while ((ent = readdir(dir))) {
		len = strlen(ent->d_name);
		if (len <= 5 || strcmp(ent->d_name + len - 5, ".sock"))
			continue;
		if (unlinkat(dirfd(dir), ent->d_name, 0))
			log_warn("remove %s/%s: %s", guest, ent->d_name, strerror(errno));
	}
	closedir(dir);
}

static int make_dirs(const char *base, struct rundir *r, struct err *err)
{
	char netns[RUNDIR_PATH_SIZE];
	int ret;

	if (path_join(netns, r->path, "netns"))
		return err_set(err, -ENAMETOOLONG, 0, "run-dir '%s' is too long", base);
	ret = make_dir(base, 0755, err);
	if (!ret)
		ret = make_dir(r->path, 0755, err);
	if (!ret)
		ret = make_dir(r->guest, 0755, err);
	if (!ret)
		ret = make_dir(netns, 0700, err);
	return ret;
}

int rundir_open(const char *base, const char *instance, struct rundir *out, struct err *err)
{
	char lock[RUNDIR_PATH_SIZE];
	struct rundir r = { .lock_fd = -1 };
	int ret = 0;

	if (path_join(r.path, base, instance) || path_join(r.guest, r.path, "guest") ||
	    path_join(lock, r.path, "lock"))
		return err_set(err, -ENAMETOOLONG, 0, "run-dir '%s' is too long", base);
	/* Another daemon's flush may remove the directories between our steps; that ends soon. */
	for (int i = 0; i < 10 && !ret; i++) {
		ret = make_dirs(base, &r, err);
		if (ret)
			return ret;
		ret = try_lock(lock, instance, &r.lock_fd, err);
		if (ret == -ENOENT)
			ret = 0;
	}
	if (ret < 0)
		return ret;
	if (!ret)
		return err_set(err, -EAGAIN, 0, "%s keeps vanishing", lock);
	ret = write_pid(r.lock_fd, err);
	if (ret) {
		close(r.lock_fd);
		return ret;
	}
	remove_stale_sockets(r.guest);
	*out = r;
	return 0;
}

/* Our own and the data path's. What is not empty stays: something below still needs it. */
static void remove_empty_dirs(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *ent;

	if (!dir)
		return;
	while ((ent = readdir(dir)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			unlinkat(dirfd(dir), ent->d_name, AT_REMOVEDIR);
	closedir(dir);
}

void rundir_close(struct rundir *r, bool remove)
{
	char path[RUNDIR_PATH_SIZE];

	if (r->lock_fd < 0)
		return;
	if (ftruncate(r->lock_fd, 0))
		log_debug("clear the lock file: %s", strerror(errno));
	if (remove) {
		remove_empty_dirs(r->path);
		if (!path_join(path, r->path, "lock"))
			unlink(path);
		rmdir(r->path);
	}
	close(r->lock_fd);
	r->lock_fd = -1;
}
