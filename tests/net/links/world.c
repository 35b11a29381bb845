/* SPDX-License-Identifier: GPL-2.0-only */
#include "world.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "datapath/netns.h"

const struct xmac far_mac = { { 0x02, 0x78, 0x76, 0, 0, 1 } };

int world_group_setup(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) || mkdir("/run/netns", 0755)) {
		perror("cannot make own namespaces (not root?)");
		return -1;
	}
	return 0;
}

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct link_veth veth = {
		.name = "near", .peer = "far", .peer_mac = &far_mac, .mtu = 2000, .queues = 3
	};
	char text[128];
	int saved;

	assert_non_null(w);
	assert_int_equal(nl_open(NETLINK_ROUTE, &w->rt), 0);
	assert_int_equal(nl_open(NETLINK_GENERIC, &w->genl), 0);
	w->far_fd = netns_create_pinned("/run/netns/xt-nl-far");
	assert_true(w->far_fd >= 0);
	assert_int_equal(netns_enter(w->far_fd, &saved), 0);
	assert_int_equal(nl_open(NETLINK_ROUTE, &w->far_rt), 0);
	assert_int_equal(nl_open(NETLINK_GENERIC, &w->far_genl), 0);
	assert_int_equal(netns_leave(saved), 0);
	veth.peer_netns_fd = w->far_fd;
	assert_int_equal(link_veth_create(w->rt, &veth, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(link_get(w->rt, "near", &w->near), 0);
	assert_int_equal(link_get(w->far_rt, "far", &w->far), 0);
	*state = w;
	return 0;
}

int world_teardown(void **state)
{
	struct world *w = *state;
	struct link_info info;

	if (link_get(w->rt, "near", &info) == 0)
		assert_int_equal(link_del(w->rt, info.ifindex), 0);
	assert_int_equal(netns_remove_pinned("/run/netns/xt-nl-far"), 0);
	close(w->far_fd);
	nl_close(w->far_genl);
	nl_close(w->far_rt);
	nl_close(w->genl);
	nl_close(w->rt);
	free(w);
	return 0;
}

int load_prog(enum bpf_prog_type type, int verdict)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(type, "xt_nl", "GPL", insns, 2, NULL);

	assert_true(fd >= 0);
	return fd;
}

uint32_t prog_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	return info.id;
}

struct ethtool_channels channels(const char *name)
{
	struct ethtool_channels c = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq ifr = { .ifr_data = (void *)&c };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(ifr.ifr_name, name);
	assert_int_equal(ioctl(fd, SIOCETHTOOL, &ifr), 0);
	close(fd);
	return c;
}

double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}
