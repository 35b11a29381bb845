/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the bench programs share: options, namespaces, pinning, time. Programs are single-threaded
 * and end the process on a bad option, so errors are printed here.
 */
#ifndef XVSW_BENCH_H
#define XVSW_BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Local experimental ethertype (IEEE 802): no stack, no netfilter hook takes it. */
#define BENCH_ETHERTYPE 0x88b5
/* Frame check sequence: `--size` counts it, the frames in memory do not have it. */
#define BENCH_FCS 4

static volatile sig_atomic_t bench_stop;

static inline void bench_on_signal(int sig)
{
	(void)sig;
	bench_stop = 1;
}

/* SIGTERM and SIGINT end the measurement; without SA_RESTART, so that poll() returns. */
static inline void bench_signals(void)
{
	struct sigaction sa = { .sa_handler = bench_on_signal };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

__attribute__((noreturn, format(printf, 2, 3))) static inline void bench_die(int code,
									     const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(code);
}

static inline uint64_t bench_u64(const char *option, const char *s, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t v;

	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno || end == s || *end || *s == '-' || v < min || v > max)
		bench_die(2, "%s %s: wants a number from %llu to %llu", option, s,
			  (unsigned long long)min, (unsigned long long)max);
	return v;
}

static inline double bench_seconds(const char *option, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || *end || !(v > 0) || v > 86400)
		bench_die(2, "%s %s: wants seconds, at most a day", option, s);
	return v;
}

/* 0 or -EINVAL. */
static inline int bench_mac_parse(const char *s, uint8_t mac[6])
{
	unsigned int b[6];
	int used = 0;

	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &used) != 6 ||
	    used != 17 || (s[used] && s[used] != '\n'))
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		mac[i] = b[i];
	return 0;
}

static inline void bench_mac(const char *option, const char *s, uint8_t mac[6])
{
	if (bench_mac_parse(s, mac))
		bench_die(2, "%s %s: not a MAC address", option, s);
}

/* NS is a name under /run/netns or a path. Only the network namespace changes, mounts stay. */
static inline void bench_netns(const char *ns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s%s", strchr(ns, '/') ? "" : "/run/netns/", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		bench_die(1, "network namespace %s: %s", ns, strerror(errno));
	close(fd);
}

static inline void bench_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_die(1, "cpu %d: %s", cpu, strerror(errno));
}

static inline unsigned int bench_ifindex(const char *name)
{
	unsigned int ifindex = if_nametoindex(name);

	if (!ifindex)
		bench_die(1, "device %s: %s", name, strerror(errno));
	return ifindex;
}

/* Monotonic, seconds. */
static inline double bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Tell the caller (a script) that everything is attached. */
static inline void bench_ready(void)
{
	fputs("ready\n", stderr);
	fflush(stderr);
}

#endif
