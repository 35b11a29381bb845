/* SPDX-License-Identifier: GPL-2.0-only */
/* Members of each object, into an item or an event that the caller began. Keys: see xvsw(8). */
#ifndef XVSW_CLI_PRINT_H
#define XVSW_CLI_PRINT_H

#include "base/info.h"
#include "cli/out.h"

void print_switch(struct out *out, const struct info_switch *sw);
/* @stats: in a table the counters take the place of switch, device, MTU and filters. */
void print_vport(struct out *out, const struct info_vport *vport, bool stats);
void print_filter(struct out *out, const struct info_filter *filter);
/* One entry of `stats`. */
void print_stats(struct out *out, const struct info_vport *vport);
/* One entry of `stats reasons`; in text without the zeros unless @zeros. */
void print_reasons(struct out *out, const struct info_vport *vport, bool zeros);

#endif
