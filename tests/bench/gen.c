// SPDX-License-Identifier: GPL-2.0-only
/*
 * gen - send frames as fast as one core can, and print what was sent as one JSON object.
 *
 *   --dev IF        live frames: each is put into IF's transmit function, i.e. its peer receives it
 *   --socket PATH   as an AF_XDP guest of xvsw, by libxvsw-guest
 *   --xsk IF        as a bare AF_XDP socket on queue 0 of IF
 *
 * "packets" is what was handed to the device: frames may be lost behind it, so rates are taken
 * from the receiver's count over "seconds".
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>

#include "gen.skel.h"
#include "port.h"

#define FRAME_MIN 60   /* an Ethernet frame without FCS */
#define FRAME_MAX 3400 /* what live frames have room for in a page */
#define BATCH_MAX 256  /* the kernel's limit */

struct options {
	const char *dev, *socket, *xsk, *dsts, *netns;
	uint8_t header[16];
	uint32_t size; /* with FCS */
	double seconds;
	uint64_t count;
	uint32_t batch;
	int cpu;
	bool seq, random, by_map;
};

struct result {
	uint64_t packets;
	double seconds;
};

static int load_dsts(const char *path, uint64_t **macs, uint32_t *n)
{
	FILE *f = fopen(path, "re");
	uint32_t room = 0;
	char line[64];
	int err = 0;

	if (!f)
		return -errno;
	while (!err && fgets(line, sizeof(line), f)) {
		if (*n == room) {
			room = room ? room * 2 : 1024;
			*macs = realloc(*macs, room * sizeof(**macs));
			if (!*macs)
				bench_die(1, "out of memory");
		}
		(*macs)[*n] = 0;
		err = bench_mac_parse(line, (uint8_t *)&(*macs)[*n]);
		(*n)++;
	}
	fclose(f);
	return err ? err : *n ? 0 : -ENODATA;
}

static void fill_dsts(struct gen_bpf *skel, const uint64_t *macs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.dsts), &i, &macs[i], 0))
			bench_die(1, "target MACs: %s", strerror(errno));
	}
}

static struct gen_bpf *load(const struct options *o)
{
	uint32_t n = 0, zero = 0, ifindex = bench_ifindex(o->dev);
	struct gen_bpf *skel = gen_bpf__open();
	uint64_t *macs = NULL;
	int err;

	if (!skel)
		bench_die(1, "BPF object: %s", strerror(errno));
	err = o->dsts ? load_dsts(o->dsts, &macs, &n) : 0;
	if (err)
		bench_die(1, "%s: %s", o->dsts, strerror(-err));
	memcpy((void *)skel->rodata->header, o->header, sizeof(o->header));
	skel->rodata->ifindex = ifindex;
	skel->rodata->n_dsts = n;
	skel->rodata->pick_random = o->random;
	skel->rodata->with_seq = o->seq;
	skel->rodata->by_map = o->by_map;
	if (n)
		bpf_map__set_max_entries(skel->maps.dsts, n);
	err = gen_bpf__load(skel);
	if (err)
		bench_die(1, "BPF load: %s", strerror(-err));
	fill_dsts(skel, macs, n);
	free(macs);
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.out), &zero, &ifindex, 0))
		bench_die(1, "%s: %s", o->dev, strerror(errno));
	return skel;
}

static bool more(const struct options *o, const struct result *r)
{
	return !bench_stop && r->seconds < o->seconds && (!o->count || r->packets < o->count);
}

/* Calls of about 50 ms, so that time and signals are looked at between them. */
static void run_live(const struct options *o, struct result *r)
{
	struct gen_bpf *skel = load(o);
	uint8_t frame[FRAME_MAX] = { 0 };
	double start, call;
	uint64_t chunk = 16384, left;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = o->size - BENCH_FCS,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = o->batch);

	memcpy(frame, o->header, sizeof(o->header));
	start = call = bench_now();
	while (more(o, r)) {
		left = o->count ? o->count - r->packets : UINT32_MAX;
		opts.repeat = chunk < left ? chunk : left;
		if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.gen_live), &opts) &&
		    errno != EINTR)
			bench_die(1, "live frames: %s", strerror(errno));
		r->packets = skel->bss->seq;
		r->seconds = bench_now() - start;
		chunk = opts.repeat * 0.05 / (start + r->seconds - call + 1e-6);
		if (chunk < 1024)
			chunk = 1024;
		call = start + r->seconds;
	}
	gen_bpf__destroy(skel);
}

static uint32_t burst(const struct options *o, const struct result *r)
{
	uint64_t left = o->count ? o->count - r->packets : PORT_BURST;

	return left < PORT_BURST ? left : PORT_BURST;
}

static uint32_t send_burst(struct port *p, const void *frame, uint32_t len, uint32_t n)
{
	struct xvsw_frame frames[PORT_BURST];
	uint32_t sent = 0, got = port_alloc(p, frames, n);

	if (!got)
		port_flush(p);
	for (uint32_t i = 0; i < got; i++) {
		memcpy(frames[i].data, frame, len);
		frames[i].len = len;
	}
	while (sent < got && !bench_stop) {
		uint32_t k = port_send(p, frames + sent, got - sent);

		if (!k)
			port_flush(p);
		sent += k;
	}
	return sent;
}

static void run_port(const struct options *o, struct result *r)
{
	uint8_t frame[FRAME_MAX] = { 0 };
	struct port p;
	double start;

	memcpy(frame, o->header, sizeof(o->header));
	if (o->socket)
		port_open_guest(&p, o->socket);
	else
		port_open_xsk(&p, o->xsk);
	start = bench_now();
	while (more(o, r)) {
		r->packets += send_burst(&p, frame, o->size - BENCH_FCS, burst(o, r));
		r->seconds = bench_now() - start;
	}
	port_flush(&p);
	port_close(&p);
}

static const char usage[] =
	"usage: gen --dev IF | --socket PATH | --xsk IF   --dst MAC | --dsts FILE [--random]\n"
	"           [--src MAC] [--size BYTES] [--seconds S] [--count N] [--seq] [--cpu N]\n"
	"           [--batch N] [--map] [--netns NS]\n"
	"  --size    frame with its 4 bytes of FCS, as the industry counts (64: 60 in memory)\n"
	"  --dsts    one MAC a line, in turn or --random; --seq, --dsts: with --dev only\n"
	"  --map     redirect by devmap instead of bpf_redirect()\n";

static const struct option longs[] = {
	{ "dev", 1, NULL, 'd' },
	{ "socket", 1, NULL, 's' },
	{ "xsk", 1, NULL, 'x' },
	{ "dst", 1, NULL, 't' },
	{ "dsts", 1, NULL, 'T' },
	{ "src", 1, NULL, 'f' },
	{ "size", 1, NULL, 'z' },
	{ "seconds", 1, NULL, 'S' },
	{ "count", 1, NULL, 'n' },
	{ "seq", 0, NULL, 'q' },
	{ "cpu", 1, NULL, 'c' },
	{ "batch", 1, NULL, 'b' },
	{ "map", 0, NULL, 'm' },
	{ "netns", 1, NULL, 'N' },
	{ "random", 0, NULL, 'r' },
	{ "help", 0, NULL, 'h' },
	{ 0 },
};

static void parse(int argc, char **argv, struct options *o)
{
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
		case 't':
			bench_mac("--dst", optarg, o->header);
			break;
		case 'T':
			o->dsts = optarg;
			break;
		case 'f':
			bench_mac("--src", optarg, o->header + 6);
			break;
		case 'z':
			o->size = bench_u64("--size", optarg, FRAME_MIN + BENCH_FCS,
					    FRAME_MAX + BENCH_FCS);
			break;
		case 'S':
			o->seconds = bench_seconds("--seconds", optarg);
			break;
		case 'n':
			o->count = bench_u64("--count", optarg, 1, UINT64_MAX);
			break;
		case 'q':
			o->seq = true;
			break;
		case 'c':
			o->cpu = bench_u64("--cpu", optarg, 0, CPU_SETSIZE - 1);
			break;
		case 'b':
			o->batch = bench_u64("--batch", optarg, 1, BATCH_MAX);
			break;
		case 'm':
			o->by_map = true;
			break;
		case 'N':
			o->netns = optarg;
			break;
		case 'r':
			o->random = true;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (optind != argc || !!o->dev + !!o->socket + !!o->xsk != 1)
		bench_die(2, "wants one of --dev, --socket and --xsk; see --help");
	if (!o->dev && (o->seq || o->dsts))
		bench_die(2, "--seq and --dsts go with --dev");
}

int main(int argc, char **argv)
{
	struct options o = {
		.header = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0xfe, BENCH_ETHERTYPE >> 8,
			    BENCH_ETHERTYPE & 0xff },
		.size = FRAME_MIN + BENCH_FCS,
		.seconds = 86400,
		.batch = 128,
		.cpu = -1,
	};
	struct result r = { 0 };

	parse(argc, argv, &o);
	bench_signals();
	if (o.cpu >= 0)
		bench_cpu(o.cpu);
	if (o.netns)
		bench_netns(o.netns);
	if (o.dev)
		run_live(&o, &r);
	else
		run_port(&o, &r);
	printf("{\"packets\": %llu, \"seconds\": %.6f, \"pps\": %.0f, \"size\": %u, \"cpu\": %d}\n",
	       (unsigned long long)r.packets, r.seconds, r.seconds > 0 ? r.packets / r.seconds : 0,
	       o.size, o.cpu);
	return 0;
}
