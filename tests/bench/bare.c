// SPDX-License-Identifier: GPL-2.0-only
/*
 * bare - the control program: everything that arrives on --dev is redirected to --to, no question
 * asked, until SIGTERM. A program that was on the device (by netlink or by a bpf link) is swapped
 * out and put back at the end. Without --to: a program that passes everything, which gives a veth
 * end its NAPI.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <stdbool.h>

#include "bare.skel.h"
#include "bench.h"

struct swap {
	unsigned int ifindex;
	int old_fd;  /* program found there; -1: none */
	int link_fd; /* the link that holds it; -1: attached by netlink */
};

/* The XDP link on ifindex that holds the program; -1 if there is none. */
static int find_link(unsigned int ifindex, uint32_t prog_id)
{
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = { 0 };
		uint32_t len = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_LINK_TYPE_XDP &&
		    info.prog_id == prog_id && info.xdp.ifindex == ifindex)
			return fd;
		close(fd);
	}
	return -1;
}

static int swap_store(const struct swap *s, int old_fd, int new_fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old_fd);

	if (s->link_fd >= 0)
		return bpf_link_update(s->link_fd, new_fd, NULL);
	if (old_fd < 0)
		return bpf_xdp_attach(s->ifindex, new_fd,
				      XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	return bpf_xdp_attach(s->ifindex, new_fd, XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &opts);
}

static int swap_in(struct swap *s, unsigned int ifindex, int prog_fd)
{
	uint32_t id = 0;
	int err;

	*s = (struct swap){ .ifindex = ifindex, .old_fd = -1, .link_fd = -1 };
	err = bpf_xdp_query_id(ifindex, XDP_FLAGS_DRV_MODE, &id);
	if (err)
		return err;
	if (id) {
		s->old_fd = bpf_prog_get_fd_by_id(id);
		if (s->old_fd < 0)
			return -errno;
		s->link_fd = find_link(ifindex, id);
	}
	return swap_store(s, s->old_fd, prog_fd);
}

static int swap_out(struct swap *s, int prog_fd)
{
	return swap_store(s, prog_fd, s->old_fd);
}

static const char usage[] = "usage: bare --dev IF [--to IF] [--netns NS]\n";

static void parse(int argc, char **argv, const char **dev, const char **to)
{
	static const struct option longs[] = {
		{ "dev", 1, NULL, 'd' },
		{ "to", 1, NULL, 't' },
		{ "netns", 1, NULL, 'N' },
		{ "help", 0, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			*dev = optarg;
			break;
		case 't':
			*to = optarg;
			break;
		case 'N':
			bench_netns(optarg);
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (optind != argc || !*dev)
		bench_die(2, "wants --dev; see --help");
}

int main(int argc, char **argv)
{
	const char *dev = NULL, *to = NULL;
	struct bare_bpf *skel;
	struct swap swap;
	uint32_t zero = 0, target;
	int err, fd;

	parse(argc, argv, &dev, &to);
	bench_signals();
	skel = bare_bpf__open_and_load();
	if (!skel)
		bench_die(1, "BPF object: %s", strerror(errno));
	fd = bpf_program__fd(to ? skel->progs.bare_xdp : skel->progs.bare_pass);
	if (to) {
		target = bench_ifindex(to);
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.target), &zero, &target, 0))
			bench_die(1, "%s: %s", to, strerror(errno));
	}
	err = swap_in(&swap, bench_ifindex(dev), fd);
	if (err)
		bench_die(1, "%s: XDP attach: %s", dev, strerror(-err));
	bench_ready();
	while (!bench_stop)
		sleep(1);
	err = swap_out(&swap, fd);
	if (err)
		bench_die(1, "%s: XDP detach: %s", dev, strerror(-err));
	bare_bpf__destroy(skel);
	return 0;
}
