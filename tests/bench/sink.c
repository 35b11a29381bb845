// SPDX-License-Identifier: GPL-2.0-only
/*
 * sink - receive the bench's frames, throw them away, and print the count as one JSON object after
 * --seconds or on SIGTERM. Writes "ready" to stderr once frames would be counted.
 *
 *   --dev IF [--hook xdp|tc]   a program on IF counts and drops; other frames are passed on
 *   --socket PATH              as an AF_XDP guest of xvsw, by libxvsw-guest
 *   --xsk IF                   a bare AF_XDP socket and a bare XSKMAP redirect on queue 0 of IF
 *
 * --spin: readers of AF_XDP never sleep in poll().
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>
#include <linux/if_link.h>

#include "port.h"
#include "sink.skel.h"

#define POLL_MS 100
/* How long a spinning reader goes on before it looks at the clock, in empty polls. */
#define SPINS 4096

struct options {
	const char *dev, *socket, *xsk, *netns;
	double seconds;
	int cpu;
	bool tc, spin;
};

struct result {
	uint64_t packets, bytes, dropped;
	double first, last; /* times of the first and the latest frame, to some milliseconds */
};

static void result_add(struct result *r, uint64_t packets, uint64_t bytes)
{
	r->packets += packets;
	r->bytes += bytes;
}

/* Called now and then, not for each frame. @before: count at the last call. */
static void result_mark(struct result *r, uint64_t *before)
{
	if (r->packets == *before)
		return;
	r->last = bench_now();
	if (!*before)
		r->first = r->last;
	*before = r->packets;
}

static void read_counts(int fd, struct result *r)
{
	int n = libbpf_num_possible_cpus();
	struct {
		uint64_t packets, bytes;
	} *c = calloc(n, sizeof(*c));
	uint32_t key = 0;

	if (!c || bpf_map_lookup_elem(fd, &key, c))
		bench_die(1, "counts: %s", strerror(errno));
	r->packets = r->bytes = 0;
	for (int i = 0; i < n; i++)
		result_add(r, c[i].packets, c[i].bytes);
	free(c);
}

static struct sink_bpf *load(void)
{
	struct sink_bpf *skel = sink_bpf__open_and_load();

	if (!skel)
		bench_die(1, "BPF object: %s", strerror(errno));
	return skel;
}

static void attach_xdp(unsigned int ifindex, const struct bpf_program *prog)
{
	int err = bpf_xdp_attach(ifindex, bpf_program__fd(prog),
				 XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);

	if (err)
		bench_die(1, "XDP attach: %s", strerror(-err));
}

static void run_prog(const struct options *o, struct result *r)
{
	unsigned int ifindex = bench_ifindex(o->dev);
	double end = bench_now() + o->seconds;
	struct sink_bpf *skel = load();
	struct timespec tick = { .tv_nsec = 5000000 };
	uint64_t before = 0;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, tc, .prog_fd = bpf_program__fd(skel->progs.sink_tc));
	int err;

	if (o->tc) {
		err = bpf_tc_hook_create(&hook);
		if (!err)
			err = bpf_tc_attach(&hook, &tc);
		if (err)
			bench_die(1, "tc attach: %s", strerror(-err));
	} else {
		attach_xdp(ifindex, skel->progs.sink_xdp);
	}
	bench_ready();
	while (!bench_stop && bench_now() < end) {
		nanosleep(&tick, NULL);
		read_counts(bpf_map__fd(skel->maps.counts), r);
		result_mark(r, &before);
	}
	if (o->tc) {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		bpf_tc_hook_destroy(&hook);
	} else {
		bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	}
	read_counts(bpf_map__fd(skel->maps.counts), r);
	sink_bpf__destroy(skel);
}

/* Nothing came: now and then time for the clock, and for a sleep. False: the end. */
static bool reader_idle(const struct options *o, struct result *r, uint64_t *before, int *spins,
			double end)
{
	if (o->spin && ++*spins < SPINS)
		return true;
	*spins = 0;
	result_mark(r, before);
	return bench_now() < end;
}

/* As the XDP sink: other frames are not counted. A guest looks at its frames, so do we. */
static bool is_ours(const struct xvsw_frame *f)
{
	const uint8_t *eth = f->data;

	return f->len >= 14 && eth[12] == BENCH_ETHERTYPE >> 8 &&
	       eth[13] == (BENCH_ETHERTYPE & 0xff);
}

/* One loop for both kinds of socket, so that a ratio of rates is one of switches. */
static void read_port(const struct options *o, struct port *p, struct result *r)
{
	double end = bench_now() + o->seconds;
	struct xvsw_frame frames[PORT_BURST];
	uint64_t before = 0;
	int spins = 0;
	uint32_t n;

	bench_ready();
	while (!bench_stop) {
		n = port_recv(p, frames, PORT_BURST);
		for (uint32_t i = 0; i < n; i++)
			if (is_ours(&frames[i]))
				result_add(r, 1, frames[i].len);
		if (n) {
			port_release(p, frames, n);
			continue;
		}
		if (!reader_idle(o, r, &before, &spins, end))
			break;
		if (!o->spin)
			port_poll(p, POLL_MS);
	}
	r->dropped = port_dropped(p);
}

static void run_xsk(const struct options *o, struct result *r)
{
	unsigned int ifindex = bench_ifindex(o->xsk);
	struct sink_bpf *skel = load();
	uint32_t key = 0;
	struct port p;

	port_open_xsk(&p, o->xsk);
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.xsks), &key, &p.xsk.fd, 0))
		bench_die(1, "XSKMAP: %s", strerror(errno));
	attach_xdp(ifindex, skel->progs.sink_xsk);
	read_port(o, &p, r);
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	port_close(&p);
	sink_bpf__destroy(skel);
}

static void run_guest(const struct options *o, struct result *r)
{
	struct port p;

	port_open_guest(&p, o->socket);
	read_port(o, &p, r);
	port_close(&p);
}

static const char usage[] = "usage: sink --dev IF [--hook xdp|tc] | --socket PATH | --xsk IF\n"
			    "            [--seconds S] [--spin] [--cpu N] [--netns NS]\n";

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "dev", 1, NULL, 'd' },  { "socket", 1, NULL, 's' },
		{ "xsk", 1, NULL, 'x' },  { "seconds", 1, NULL, 'S' },
		{ "cpu", 1, NULL, 'c' },  { "netns", 1, NULL, 'N' },
		{ "hook", 1, NULL, 'k' }, { "spin", 0, NULL, 'p' },
		{ "help", 0, NULL, 'h' }, { 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			o->dev = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'x':
			o->xsk = optarg;
			break;
		case 'S':
			o->seconds = bench_seconds("--seconds", optarg);
			break;
		case 'c':
			o->cpu = bench_u64("--cpu", optarg, 0, CPU_SETSIZE - 1);
			break;
		case 'N':
			o->netns = optarg;
			break;
		case 'k':
			o->tc = !strcmp(optarg, "tc");
			if (!o->tc && strcmp(optarg, "xdp"))
				bench_die(2, "--hook %s: wants xdp or tc", optarg);
			break;
		case 'p':
			o->spin = true;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (optind != argc || !!o->dev + !!o->socket + !!o->xsk != 1)
		bench_die(2, "wants one of --dev, --socket and --xsk; see --help");
}

int main(int argc, char **argv)
{
	struct options o = { .seconds = 86400, .cpu = -1 };
	struct result r = { 0 };
	double active;

	parse(argc, argv, &o);
	bench_signals();
	if (o.cpu >= 0)
		bench_cpu(o.cpu);
	if (o.netns)
		bench_netns(o.netns);
	if (o.dev)
		run_prog(&o, &r);
	else if (o.xsk)
		run_xsk(&o, &r);
	else
		run_guest(&o, &r);
	active = r.last - r.first;
	printf("{\"packets\": %llu, \"bytes\": %llu, \"dropped\": %llu, \"seconds\": %.6f, "
	       "\"pps\": %.0f}\n",
	       (unsigned long long)r.packets, (unsigned long long)r.bytes,
	       (unsigned long long)r.dropped, active, active > 0 ? r.packets / active : 0);
	return 0;
}
