/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xvsw-guest tap: a TAP interface in the caller's network namespace, with the VPort's first MAC and
 * MTU. No offloads, so that every frame read from it is complete.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/cmd.h"

#define TUN_PATH "/dev/net/tun"
#define ETH_HLEN 14
#define VLAN_HLEN 4

struct tap {
	struct cmd_run *run;
	int fd;	 /* the TAP queue, non-blocking */
	int ctl; /* socket for ioctls */
	uint8_t mac[6];
	struct xvsw_frame spare[CMD_BURST]; /* allocated, to read into */
	uint32_t n_spare;
};

/* What linux/ipv6.h calls in6_ifreq; that header does not go together with netinet/in.h. */
struct v6_ifreq {
	struct in6_addr addr;
	uint32_t plen;
	int ifindex;
};

static void name_set(struct ifreq *ifr, const char *name)
{
	memset(ifr, 0, sizeof(*ifr));
	memcpy(ifr->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
}

static int tap_open(struct tap *tap, const char *name)
{
	struct ifreq ifr;

	name_set(&ifr, name);
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(tap->fd, TUNSETIFF, &ifr) || ioctl(tap->fd, TUNSETOFFLOAD, 0UL))
		return -errno;
	tap->ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return tap->ctl < 0 ? -errno : 0;
}

static int tap_set_mac(struct tap *tap, const uint8_t *mac)
{
	struct ifreq ifr;

	if (memcmp(tap->mac, mac, sizeof(tap->mac)) == 0)
		return 0;
	name_set(&ifr, tap->run->args->ifname);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	if (ioctl(tap->ctl, SIOCSIFHWADDR, &ifr))
		return -errno;
	memcpy(tap->mac, mac, sizeof(tap->mac));
	return 0;
}

static int tap_set_up(struct tap *tap, uint32_t mtu)
{
	struct ifreq ifr;

	name_set(&ifr, tap->run->args->ifname);
	ifr.ifr_mtu = (int)mtu;
	if (ioctl(tap->ctl, SIOCSIFMTU, &ifr))
		return -errno;
	if (ioctl(tap->ctl, SIOCGIFFLAGS, &ifr))
		return -errno;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(tap->ctl, SIOCSIFFLAGS, &ifr) ? -errno : 0;
}

static int tap_add_v4(struct tap *tap, const struct addr *a)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr;

	name_set(&ifr, tap->run->args->ifname);
	memcpy(&sin.sin_addr, a->b, 4);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	if (ioctl(tap->ctl, SIOCSIFADDR, &ifr))
		return -errno;
	sin.sin_addr.s_addr = a->plen ? htonl(UINT32_MAX << (32 - a->plen)) : 0;
	memcpy(&ifr.ifr_netmask, &sin, sizeof(sin));
	return ioctl(tap->ctl, SIOCSIFNETMASK, &ifr) ? -errno : 0;
}

static int tap_add_v6(const struct tap *tap, const struct addr *a)
{
	struct v6_ifreq req = { .plen = a->plen,
				.ifindex = (int)if_nametoindex(tap->run->args->ifname) };
	int r = 0, fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	memcpy(&req.addr, a->b, sizeof(req.addr));
	if (ioctl(fd, SIOCSIFADDR, &req) && errno != EEXIST)
		r = -errno;
	close(fd);
	return r;
}

static int tap_fail(const char *what, int error)
{
	int code = error == -EPERM || error == -EACCES ? CMD_DENIED : CMD_FAILED;

	return cmd_fail(code, "%s: %s", what, strerror(-error));
}

/* CMD_OK, or what to exit with. */
static int tap_setup(struct tap *tap)
{
	const struct xvsw_guest_info *info = &tap->run->info;
	const struct addr_list *list = &tap->run->args->addrs;
	const char *name = tap->run->args->ifname;
	int r;

	if (info->mtu + ETH_HLEN + VLAN_HLEN > xvsw_guest_room(tap->run->g))
		return cmd_fail(CMD_FAILED, "the MTU of VPort '%s' does not fit a frame's memory",
				info->name);
	tap->fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0)
		return tap_fail(TUN_PATH, -errno);
	r = tap_open(tap, name);
	if (r == 0 && info->n_macs)
		r = tap_set_mac(tap, info->mac[0]);
	if (r == 0)
		r = tap_set_up(tap, info->mtu);
	for (unsigned int i = 0; i < list->n && r == 0; i++)
		r = list->addr[i].family == AF_INET ? tap_add_v4(tap, &list->addr[i])
						    : tap_add_v6(tap, &list->addr[i]);
	return r ? tap_fail(name, r) : CMD_OK;
}

/* Frames that the interface does not take (down, no memory) are lost, as on a NIC. */
static int to_tap(struct tap *tap)
{
	struct xvsw_frame frames[CMD_BURST];
	int n = xvsw_guest_recv(tap->run->g, frames, CMD_BURST);

	for (int i = 0; i < n; i++) {
		ssize_t done;

		do {
			done = write(tap->fd, frames[i].data, frames[i].len);
		} while (done < 0 && errno == EINTR);
	}
	if (n > 0)
		xvsw_guest_release(tap->run->g, frames, (uint32_t)n);
	return n < 0 ? n : 0;
}

/* Reads into spare frames, sends those, keeps the others for the next time. */
static int from_tap(struct tap *tap)
{
	uint32_t n = 0;
	int r;

	if (tap->n_spare < CMD_BURST) {
		r = xvsw_guest_alloc(tap->run->g, tap->spare + tap->n_spare,
				     CMD_BURST - tap->n_spare);
		if (r < 0)
			return r;
		tap->n_spare += (uint32_t)r;
	}
	while (n < tap->n_spare) {
		ssize_t len = read(tap->fd, tap->spare[n].data, xvsw_guest_room(tap->run->g));

		if (len < ETH_HLEN)
			break;
		tap->spare[n++].len = (uint32_t)len;
	}
	r = n ? cmd_send_all(tap->run->g, tap->spare, n) : 0;
	tap->n_spare -= n;
	memmove(tap->spare, tap->spare + n, tap->n_spare * sizeof(tap->spare[0]));
	return r;
}

static int tap_step(struct tap *tap)
{
	/* Frames that the kernel would not take yet are sent by the library's next calls. */
	bool busy = xvsw_guest_flush(tap->run->g, 0) == -ETIMEDOUT;
	struct pollfd fds[] = { { .fd = xvsw_guest_fd(tap->run->g), .events = POLLIN },
				{ .fd = tap->fd, .events = POLLIN } };
	struct xvsw_guest_info info;
	int r;

	if (poll(fds, 2, busy ? 1 : CMD_WAIT_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	r = xvsw_guest_info(tap->run->g, &info);
	if (r)
		return r;
	if (info.n_macs)
		tap_set_mac(tap, info.mac[0]);
	r = to_tap(tap);
	return r == 0 && fds[1].revents ? from_tap(tap) : r;
}

int tap_run(struct cmd_run *run)
{
	struct tap tap = { .run = run, .fd = -1, .ctl = -1 };
	int code = tap_setup(&tap), r = 0;

	if (code)
		goto out;
	puts("ready");
	fflush(stdout);
	while (!*run->stop && r == 0)
		r = tap_step(&tap);
	if (r)
		code = cmd_fail_guest(run, r);
out:
	if (tap.fd >= 0)
		close(tap.fd);
	if (tap.ctl >= 0)
		close(tap.ctl);
	return code;
}
