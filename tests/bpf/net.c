// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "net.h"

#define FENCE_PROTO 0x88b6
#define VLAN_HLEN 4

static int write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	int r = 0;

	if (!f)
		return -errno;
	if (fputs(text, f) < 0)
		r = -errno;
	if (fclose(f) && !r)
		r = -errno;
	return r;
}

int net_enter(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || unshare(CLONE_NEWNET))
		return -errno;
	/* No router solicitations between our frames. A kernel without IPv6 is as good. */
	write_text("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1\n");
	return 0;
}

int net_veth(const char *name, const char *peer, unsigned int mtu, const uint8_t *mac)
{
	char cmd[512], addr[64] = "";

	if (mac)
		snprintf(addr, sizeof(addr), "address %02x:%02x:%02x:%02x:%02x:%02x", mac[0],
			 mac[1], mac[2], mac[3], mac[4], mac[5]);
	snprintf(cmd, sizeof(cmd),
		 "ip link add %s mtu %u %s type veth peer name %s mtu %u && "
		 "ip link set %s arp off up && ip link set %s arp off up",
		 name, mtu, addr, peer, mtu, name, peer);
	return system(cmd) ? -EIO : 0;
}

int net_set_up(const char *name, int up)
{
	struct ifreq req = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &req))
		r = -errno;
	req.ifr_flags = up ? req.ifr_flags | IFF_UP : req.ifr_flags & ~IFF_UP;
	if (!r && ioctl(fd, SIOCSIFFLAGS, &req))
		r = -errno;
	close(fd);
	return r;
}

int net_wait_running(const char *name)
{
	struct ifreq req = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = -ETIMEDOUT, tries;

	if (fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	for (tries = 0; tries < 5000 && r == -ETIMEDOUT; tries++) {
		if (ioctl(fd, SIOCGIFFLAGS, &req))
			r = -errno;
		else if (req.ifr_flags & IFF_RUNNING)
			r = 0;
		else
			poll(NULL, 0, 1);
	}
	close(fd);
	/* The kernel sets the flag and starts the queues under one lock: this takes it, too. */
	return r ? r : net_set_up(name, 1);
}

static int bind_to(int fd, unsigned int ifindex, uint16_t proto)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(proto),
				    .sll_ifindex = ifindex };

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

int net_listen(unsigned int ifindex)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1, room = 32 << 20, r;
	struct timeval patience = { .tv_sec = 5 };

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		r = -errno;
	else
		r = bind_to(fd, ifindex, ETH_P_ALL);
	if (!r)
		return fd;
	close(fd);
	return r;
}

static int send_by(int fd, unsigned int ifindex, const uint8_t *data, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = ifindex, .sll_halen = 6 };

	return sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len
		       ? 0
		       : -errno;
}

int net_send(unsigned int ifindex, const uint8_t *data, size_t len)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	r = send_by(fd, ifindex, data, len);
	close(fd);
	return r;
}

/* The stack takes the outer tag off before a packet socket sees the frame: put it back. */
static void retag(const struct msghdr *msg, struct net_frame *f)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;
	uint16_t be;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR((struct msghdr *)msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			return;
		memmove(f->data + 12 + VLAN_HLEN, f->data + 12, f->len - 12);
		be = htons(aux.tp_vlan_tpid);
		memcpy(f->data + 12, &be, 2);
		be = htons(aux.tp_vlan_tci);
		memcpy(f->data + 14, &be, 2);
		f->len += VLAN_HLEN;
		return;
	}
}

int net_receive(int fd, struct net_frame *f)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec iov = { f->data, sizeof(f->data) - VLAN_HLEN };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n < 0 && errno == ENETDOWN) /* told once that the device was down in between */
		n = recvmsg(fd, &msg, 0);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	f->len = n;
	if (n >= 14)
		retag(&msg, f);
	return 0;
}

int net_collect(int fd, unsigned int from_ifindex, struct net_frames *out)
{
	static const uint8_t fence[60] = {
		2, 0, 0, 0, 0, 0xfe, 2, 0, 0, 0, 0, 0xff, FENCE_PROTO >> 8, FENCE_PROTO & 0xff, 0xfe
	};
	int r = send_by(fd, from_ifindex, fence, sizeof(fence));

	if (r == -ENETDOWN) /* told once that its device was down in between */
		r = send_by(fd, from_ifindex, fence, sizeof(fence));
	for (out->n = 0; !r && out->n < NET_FRAMES_MAX; out->n++) {
		struct net_frame *f = &out->f[out->n];

		r = net_receive(fd, f);
		if (!r && f->len == sizeof(fence) && !memcmp(f->data, fence, sizeof(fence)))
			return 0;
	}
	return r ? r : -ENOBUFS;
}

int net_counter(const char *name, enum net_counter what, uint64_t *n)
{
	FILE *f = fopen("/proc/self/net/dev", "re");
	char line[512], *at;
	int r = -ENODEV;

	if (!f)
		return -errno;
	while (r == -ENODEV && fgets(line, sizeof(line), f)) {
		at = strchr(line, ':');
		if (!at)
			continue;
		*at = 0;
		if (strcmp(line + strspn(line, " "), name))
			continue;
		/* 8 numbers of what was received, 8 of what was sent: bytes, packets, errors... */
		r = 0;
		for (at = strtok(at + 1, " "); at && r < (int)what; r++)
			at = strtok(NULL, " ");
		*n = at ? strtoull(at, NULL, 10) : 0;
		r = at ? 0 : -EPROTO;
	}
	fclose(f);
	return r;
}

int net_wait_received(const char *name, uint64_t n)
{
	uint64_t have;
	int tries, r = 0;

	for (tries = 0; tries < 5000 && !r; tries++) {
		r = net_counter(name, NET_RX_PACKETS, &have);
		if (!r && have >= n)
			return 0;
		poll(NULL, 0, 1);
	}
	return r ? r : -ETIMEDOUT;
}

uint32_t net_inode(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}
