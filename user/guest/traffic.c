/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xvsw-guest rx and tx. `seconds` is the time between the first frame and the last, so that a rate
 * does not depend on how long nothing came.
 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "guest/cmd.h"
#include "guest/pcap.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define ETH_HLEN 14
#define ETHERTYPE_TEST 0x88b5
#define SIZE_DEFAULT 64
#define FLUSH_MS 2000
#define FRAME_MAX 4096 /* the largest frame of a UMEM */

struct totals {
	uint64_t packets, bytes, dropped;
	int64_t start_ns, first_ns, last_ns;
	/* Text mode's line of each second. */
	int64_t line_ns;
	uint64_t line_packets, line_bytes;
};

static void totals_init(struct totals *t)
{
	*t = (struct totals){ .start_ns = cmd_now_ns() };
	t->line_ns = t->start_ns;
}

static void totals_add(struct totals *t, uint64_t packets, uint64_t bytes, int64_t now)
{
	if (!packets)
		return;
	if (!t->packets)
		t->first_ns = now;
	t->last_ns = now;
	t->packets += packets;
	t->bytes += bytes;
}

static void totals_line(struct totals *t, int64_t now)
{
	int64_t ns = now - t->line_ns;

	if (ns < NS_PER_S)
		return;
	printf("%" PRId64 " s: %.0f pps %.0f bytes/s\n", (now - t->start_ns) / NS_PER_S,
	       (double)(t->packets - t->line_packets) * NS_PER_S / (double)ns,
	       (double)(t->bytes - t->line_bytes) * NS_PER_S / (double)ns);
	fflush(stdout);
	t->line_ns = now;
	t->line_packets = t->packets;
	t->line_bytes = t->bytes;
}

static void totals_print(const struct totals *t, bool json)
{
	double seconds = (double)(t->last_ns - t->first_ns) / NS_PER_S;
	double pps = seconds > 0 ? (double)t->packets / seconds : 0;
	struct json_object *o;
	char text[32];

	if (!json) {
		printf("total: %" PRIu64 " packets %" PRIu64 " bytes %.3f seconds %.0f pps %" PRIu64
		       " dropped\n",
		       t->packets, t->bytes, seconds, pps, t->dropped);
		return;
	}
	o = json_object_new_object();
	snprintf(text, sizeof(text), "%.6f", seconds);
	json_object_object_add(o, "packets", json_object_new_uint64(t->packets));
	json_object_object_add(o, "bytes", json_object_new_uint64(t->bytes));
	json_object_object_add(o, "seconds", json_object_new_double_s(seconds, text));
	json_object_object_add(o, "pps", json_object_new_uint64((uint64_t)pps));
	json_object_object_add(o, "dropped", json_object_new_uint64(t->dropped));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/* Nothing more to do: a signal, the time, or the count. */
static bool totals_done(const struct totals *t, const struct cmd_run *run, int64_t now)
{
	const struct cmd_args *args = run->args;

	if (*run->stop || (args->count && t->packets >= args->count))
		return true;
	return args->seconds && now - t->start_ns >= args->seconds * NS_PER_S;
}

/* How many frames the next burst may have. */
static uint32_t burst_max(const struct totals *t, const struct cmd_args *args)
{
	uint64_t left = args->count ? args->count - t->packets : CMD_BURST;

	return left < CMD_BURST ? (uint32_t)left : CMD_BURST;
}

static int wait_ms(const struct totals *t, const struct cmd_args *args, int64_t now)
{
	int64_t end = args->seconds ? t->start_ns + args->seconds * NS_PER_S : INT64_MAX;
	int64_t next = args->json ? INT64_MAX : t->line_ns + NS_PER_S;
	int64_t rest = (end < next ? end : next) - now;

	if (rest > CMD_WAIT_MS * NS_PER_MS)
		return CMD_WAIT_MS;
	return rest > 0 ? (int)(rest / NS_PER_MS) + 1 : 0;
}

/* 0 or a count, or -errno of the library; *file_error is -errno of the capture. */
static int rx_burst(struct cmd_run *run, struct totals *t, struct pcap *pcap, int *file_error)
{
	struct xvsw_frame frames[CMD_BURST];
	uint64_t bytes = 0;
	int n = xvsw_guest_recv(run->g, frames, burst_max(t, run->args));

	for (int i = 0; i < n; i++) {
		bytes += frames[i].len;
		if (pcap->file && *file_error == 0)
			*file_error = pcap_write(pcap, frames[i].data, frames[i].len);
	}
	if (n > 0) {
		totals_add(t, (uint64_t)n, bytes, cmd_now_ns());
		xvsw_guest_release(run->g, frames, (uint32_t)n);
	}
	return n;
}

/* Asked for now and then, since a deleted VPort cannot be asked any more. */
static void rx_dropped_update(struct cmd_run *run, struct totals *t)
{
	struct xvsw_guest_stats stats;

	if (xvsw_guest_stats(run->g, &stats) == 0)
		t->dropped = stats.rx_dropped;
}

static int rx_loop(struct cmd_run *run, struct totals *t, struct pcap *pcap, int *file_error)
{
	const struct cmd_args *args = run->args;
	int64_t now = t->start_ns, stats_ns = now;
	int r;

	while (!totals_done(t, run, now) && *file_error == 0) {
		r = rx_burst(run, t, pcap, file_error);
		now = cmd_now_ns();
		if (r < 0)
			return r;
		if (!args->json)
			totals_line(t, now);
		if (now - stats_ns >= NS_PER_S) {
			rx_dropped_update(run, t);
			stats_ns = now;
		}
		if (r || args->spin || totals_done(t, run, now))
			continue;
		r = xvsw_guest_poll(run->g, wait_ms(t, args, now));
		now = cmd_now_ns();
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

int rx_run(struct cmd_run *run)
{
	const struct cmd_args *args = run->args;
	struct pcap pcap = { 0 };
	int file_error = 0, r, closed;
	struct totals t;

	if (args->pcap && (r = pcap_create(&pcap, args->pcap)))
		return cmd_fail(CMD_FAILED, "%s: %s", args->pcap, strerror(-r));
	fputs("ready\n", stderr);
	totals_init(&t);
	r = rx_loop(run, &t, &pcap, &file_error);
	rx_dropped_update(run, &t);
	totals_print(&t, args->json);
	closed = pcap_close(&pcap);
	if (file_error == 0)
		file_error = closed;
	if (r)
		return cmd_fail_guest(run, r);
	if (file_error)
		return cmd_fail(CMD_FAILED, "%s: %s", args->pcap, strerror(-file_error));
	return t.packets < args->count ? CMD_FAILED : CMD_OK;
}

/* What tx sends: numbered frames from a template, or a capture. */
struct tx {
	struct cmd_run *run;
	struct totals t;
	struct pcap pcap;
	bool end; /* the capture's */
	int file_error;
	uint64_t seq;  /* frames made */
	uint32_t size; /* of the template */
	uint8_t template[FRAME_MAX];
	struct xvsw_frame frames[CMD_BURST]; /* made, not sent yet */
	uint32_t n;
};

static int template_init(struct tx *tx)
{
	const struct cmd_args *args = tx->run->args;
	const struct xvsw_guest_info *info = &tx->run->info;
	uint32_t max = info->mtu + ETH_HLEN, room = xvsw_guest_room(tx->run->g);

	tx->size = args->size ? args->size : SIZE_DEFAULT;
	if (max > room)
		max = room;
	if (tx->size > max || tx->size > sizeof(tx->template))
		return cmd_fail(CMD_FAILED, "size: %u is more than VPort '%s' can send (%u)",
				tx->size, info->name, max);
	if (!args->src.given && !info->n_macs)
		return cmd_fail(CMD_FAILED, "VPort '%s' has no MAC: give one by --src", info->name);
	memcpy(tx->template, args->dst.mac.b, 6);
	memcpy(tx->template + 6, args->src.given ? args->src.mac.b : info->mac[0], 6);
	tx->template[12] = ETHERTYPE_TEST >> 8;
	tx->template[13] = ETHERTYPE_TEST & 0xff;
	for (uint32_t i = ETH_HLEN + 8; i < tx->size; i++)
		tx->template[i] = (uint8_t)i;
	return CMD_OK;
}

/* The sequence number counts from 0, big-endian, after the Ethernet header. */
static void frame_number(struct tx *tx, struct xvsw_frame *frame)
{
	uint8_t *data = frame->data;

	memcpy(data, tx->template, tx->size);
	for (int i = 0; i < 8; i++)
		data[ETH_HLEN + i] = (uint8_t)(tx->seq >> (56 - 8 * i));
	frame->len = tx->size;
	tx->seq++;
}

static bool frame_make(struct tx *tx, struct xvsw_frame *frame)
{
	int r;

	if (!tx->pcap.file) {
		frame_number(tx, frame);
		return true;
	}
	r = pcap_read(&tx->pcap, frame->data, xvsw_guest_room(tx->run->g));
	if (r > 0 && r < ETH_HLEN)
		r = -EPROTO;
	if (r <= 0) {
		tx->end = true;
		tx->file_error = r;
		return false;
	}
	frame->len = (uint32_t)r;
	tx->seq++;
	return true;
}

/* Frames that may be sent now, by count and rate, those made already included. */
static uint32_t tx_allowed(const struct tx *tx, int64_t now)
{
	const struct cmd_args *args = tx->run->args;
	uint32_t max = burst_max(&tx->t, args);
	uint64_t due;

	if (!args->rate)
		return max;
	due = (uint64_t)((double)(now - tx->t.start_ns) * args->rate / NS_PER_S) + 1;
	due = due > tx->t.packets ? due - tx->t.packets : 0;
	return due < max ? (uint32_t)due : max;
}

static int tx_make(struct tx *tx, uint32_t allowed)
{
	int got;

	if (tx->end || tx->n >= allowed)
		return 0;
	got = xvsw_guest_alloc(tx->run->g, tx->frames + tx->n, allowed - tx->n);
	for (int i = 0; i < got; i++) {
		if (!frame_make(tx, &tx->frames[tx->n])) {
			xvsw_guest_release(tx->run->g, &tx->frames[tx->n], (uint32_t)(got - i));
			break;
		}
		tx->n++;
	}
	return got < 0 ? got : 0;
}

/* What comes in is not for us, but must not stay in the rings. */
static int tx_drain(struct tx *tx)
{
	struct xvsw_frame frames[CMD_BURST];
	int n = xvsw_guest_recv(tx->run->g, frames, CMD_BURST);

	if (n > 0)
		xvsw_guest_release(tx->run->g, frames, (uint32_t)n);
	return n < 0 ? n : 0;
}

/* The number sent, or -errno. */
static int tx_burst(struct tx *tx)
{
	uint64_t bytes = 0;
	int k, r = tx_make(tx, tx_allowed(tx, cmd_now_ns()));

	if (r)
		return r;
	if (!tx->n)
		return 0;
	k = xvsw_guest_send(tx->run->g, tx->frames, tx->n);
	if (k <= 0)
		return k;
	for (int i = 0; i < k; i++)
		bytes += tx->frames[i].len;
	tx->n -= (uint32_t)k;
	memmove(tx->frames, tx->frames + k, tx->n * sizeof(tx->frames[0]));
	totals_add(&tx->t, (uint64_t)k, bytes, cmd_now_ns());
	return k;
}

static int tx_loop(struct tx *tx)
{
	int64_t now = tx->t.start_ns;
	int r;

	while (!totals_done(&tx->t, tx->run, now) && !(tx->end && !tx->n)) {
		r = tx_burst(tx);
		if (r == 0) /* too early by the rate, or the ring is full */
			r = xvsw_guest_poll(tx->run->g, 1);
		if (r >= 0)
			r = tx_drain(tx);
		now = cmd_now_ns();
		if (r < 0 && r != -EINTR)
			return r;
		if (!tx->run->args->json)
			totals_line(&tx->t, now);
	}
	xvsw_guest_release(tx->run->g, tx->frames, tx->n);
	return xvsw_guest_flush(tx->run->g, FLUSH_MS);
}

static int tx_report(struct tx *tx, int r)
{
	const struct cmd_args *args = tx->run->args;
	struct xvsw_guest_stats stats = { 0 };

	if (xvsw_guest_stats(tx->run->g, &stats) == 0)
		tx->t.dropped = stats.tx_invalid;
	totals_print(&tx->t, args->json);
	if (r == -ETIMEDOUT)
		return cmd_fail(CMD_FAILED, "VPort '%s' does not take the last frames",
				tx->run->info.name);
	if (r)
		return cmd_fail_guest(tx->run, r);
	if (tx->file_error)
		return cmd_fail(CMD_FAILED, "%s: frame %" PRIu64 ": %s", args->pcap, tx->seq + 1,
				strerror(-tx->file_error));
	return !args->pcap && tx->t.packets < args->count ? CMD_FAILED : CMD_OK;
}

int tx_run(struct cmd_run *run)
{
	struct tx tx = { .run = run };
	int r;

	if (run->args->pcap) {
		r = pcap_open(&tx.pcap, run->args->pcap);
		if (r)
			return cmd_fail(CMD_FAILED, "%s: %s", run->args->pcap,
					r == -EPROTO ? "not an Ethernet capture" : strerror(-r));
	} else if (template_init(&tx)) {
		return CMD_FAILED;
	}
	totals_init(&tx.t);
	r = tx_report(&tx, tx_loop(&tx));
	pcap_close(&tx.pcap);
	return r;
}
