/* SPDX-License-Identifier: GPL-2.0-only */
#include "guest/cmd.h"

/* Frames that the full ring does not take are given up after this many tries of a millisecond. */
#define SEND_TRIES 20

int cmd_send_all(struct xvsw_guest *g, const struct xvsw_frame *frames, uint32_t n)
{
	uint32_t done = 0;

	for (int tries = 0; done < n && tries < SEND_TRIES;) {
		int r = xvsw_guest_send(g, frames + done, n - done);

		if (r < 0)
			return r;
		done += (uint32_t)r;
		if (r == 0 && ++tries)
			xvsw_guest_flush(g, 1);
	}
	xvsw_guest_release(g, frames + done, n - done);
	return 0;
}
