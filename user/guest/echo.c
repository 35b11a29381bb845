/* SPDX-License-Identifier: GPL-2.0-only */
/* xvsw-guest echo: answers in place, in bursts, from the VPort's first MAC of the moment. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/cmd.h"

_Static_assert(sizeof(((struct xvsw_guest_info *)0)->mac) == sizeof(((struct echo_conf *)0)->mac),
	       "as many MACs in both");
_Static_assert((int)ADDR_LIST_MAX <= (int)ECHO_ADDRS_MAX, "all operands fit");

/* The headroom in front of a received frame is no room behind it: the kernel's and the daemon's. */
#define HEADROOM (256 + 16)

static void conf_init(struct echo_conf *conf, const struct addr_list *list)
{
	for (unsigned int i = 0; i < list->n; i++) {
		const struct addr *a = &list->addr[i];

		if (a->family == AF_INET)
			memcpy(conf->v4[conf->n_v4++], a->b, 4);
		else
			memcpy(conf->v6[conf->n_v6++], a->b, 16);
	}
}

/* MACs follow the switch; -ENODEV. */
static int conf_update(struct echo_conf *conf, struct xvsw_guest *g)
{
	struct xvsw_guest_info info;
	int r = xvsw_guest_info(g, &info);

	if (r)
		return r;
	conf->n_macs = info.n_macs;
	memcpy(conf->mac, info.mac, sizeof(conf->mac));
	return 0;
}

static int echo_burst(const struct echo_conf *conf, struct xvsw_guest *g)
{
	struct xvsw_frame frames[CMD_BURST], answers[CMD_BURST], rest[CMD_BURST];
	uint32_t room = xvsw_guest_room(g) - HEADROOM;
	uint32_t n_answers = 0, n_rest = 0;
	int n = xvsw_guest_recv(g, frames, CMD_BURST);

	for (int i = 0; i < n; i++) {
		uint32_t len = echo_reply(conf, frames[i].data, frames[i].len, room);

		if (len) {
			frames[i].len = len;
			answers[n_answers++] = frames[i];
		} else {
			rest[n_rest++] = frames[i];
		}
	}
	xvsw_guest_release(g, rest, n_rest);
	return n < 0 ? n : cmd_send_all(g, answers, n_answers);
}

int echo_run(struct cmd_run *run)
{
	struct echo_conf conf = { 0 };
	int r = 0;

	conf_init(&conf, &run->args->addrs);
	puts("ready");
	fflush(stdout);
	while (!*run->stop) {
		r = xvsw_guest_poll(run->g, CMD_WAIT_MS);
		if (r == 0 || r == -EINTR)
			continue;
		if (r > 0)
			r = conf_update(&conf, run->g);
		if (r == 0)
			r = echo_burst(&conf, run->g);
		if (r < 0)
			return cmd_fail_guest(run, r);
	}
	xvsw_guest_flush(run->g, CMD_WAIT_MS);
	return CMD_OK;
}
