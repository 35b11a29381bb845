/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our programs on a device's tc hooks: one cls_bpf filter a direction, in direct-action mode, under
 * the clsact of the device, beside the filters of others. Ours are known by priority and handle;
 * they act in the calling thread's network namespace and need CAP_NET_ADMIN there.
 *
 * By rtnetlink and not by libbpf's bpf_tc_*(): that can give a filter no name and prints the
 * kernel's errors.
 */
#ifndef XVSW_DATAPATH_TC_H
#define XVSW_DATAPATH_TC_H

#include <stdbool.h>
#include <stdint.h>

#define TC_OUR_PRIORITY 0x7876 /* "xv": 30838 */
#define TC_OUR_HANDLE 1

/*
 * tc_clsact_present() - whether the device has the hooks already; ask before the first
 * tc_attach(), to tell tc_put_clsact() later who made them.
 * Returns 1, 0, or -errno; -EBUSY: another kind of qdisc ("ingress") sits in their place.
 */
int tc_clsact_present(uint32_t ifindex);

/*
 * tc_attach() - put @prog_fd on a hook, or replace our program there in one step; makes the clsact
 * where there is none.
 * @name: shown by `tc filter show`; at most 63 bytes; NULL or "": none.
 * Errors: EBUSY the device has an "ingress" qdisc of somebody else and @egress is asked for;
 * EINVAL a filter of another kind is at our priority, or @prog_fd is no tc program; ENODEV; EPERM.
 * A clsact that was made for nothing is taken away again.
 */
int tc_attach(uint32_t ifindex, bool egress, int prog_fd, const char *name);

/* tc_detach() - remove our filter; that it is not there, or the device is not, is fine. */
int tc_detach(uint32_t ifindex, bool egress);

/*
 * tc_put_clsact() - delete the clsact if we made it and nobody's filter is left on either side.
 * Returns 0 in all three cases, deleted, kept or absent, or -errno.
 */
int tc_put_clsact(uint32_t ifindex, bool created_by_us);

#endif
