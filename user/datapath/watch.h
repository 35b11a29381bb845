/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells: links that come, go and change, and their XDP features. */
#ifndef XVSW_DATAPATH_WATCH_H
#define XVSW_DATAPATH_WATCH_H

struct datapath;

/* Handle all that waits; 0 or -errno. */
int watch_process(struct datapath *dp);

#endif
