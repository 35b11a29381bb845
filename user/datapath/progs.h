/* SPDX-License-Identifier: GPL-2.0-only */
/* BPF objects of a switch, for the files that load further ones. */
#ifndef XVSW_DATAPATH_PROGS_H
#define XVSW_DATAPATH_PROGS_H

struct bpf_object;
struct progs;
struct dp_switch;

/* Let @obj (opened, not loaded) use the switch's maps wherever a name is the same. */
int progs_reuse_maps(struct bpf_object *obj, const struct progs *p);
/* Close descriptors, leave the pins: the data path goes on. */
void progs_close(struct dp_switch *sw);

#endif
