/* SPDX-License-Identifier: GPL-2.0-only */
/* Receivers: count and drop the bench's frames; everything else goes on as if we were not here. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BENCH_ETHERTYPE 0x88b5

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 4);
} xsks SEC(".maps");

static __always_inline int is_ours(void *data, void *data_end, __u64 len)
{
	struct count *c;
	__u32 key = 0;

	if (data + 14 > data_end || ((__u16 *)data)[6] != bpf_htons(BENCH_ETHERTYPE))
		return 0;
	c = bpf_map_lookup_elem(&counts, &key);
	if (c) {
		c->packets++;
		c->bytes += len;
	}
	return 1;
}

SEC("xdp")
int sink_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	return is_ours(data, data_end, data_end - data) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int sink_tc(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	return is_ours(data, data_end, skb->len) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/* The bare second hop: no look at the frame. */
SEC("xdp")
int sink_xsk(struct xdp_md *ctx)
{
	return bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
