/* SPDX-License-Identifier: GPL-2.0-only */
/* The bare redirect: one devmap entry, no look at the frame. The upper bound of any switch. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} target SEC(".maps");

SEC("xdp")
int bare_xdp(struct xdp_md *ctx)
{
	return bpf_redirect_map(&target, 0, 0);
}

/* Pass all: gives a veth end its NAPI, so that its peer can be a redirect target. */
SEC("xdp")
int bare_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
