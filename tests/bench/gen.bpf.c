/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live-frame generator: runs under BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES and sends each
 * frame out of a device. The kernel recycles the frames with their content, so everything that a
 * receiver may have changed is written anew: the Ethernet header, each time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define HEADER_LEN 14
#define FRAME_MIN 60

const volatile __u8 header[16];	  /* target MAC, source MAC, ethertype, zeros */
const volatile __u32 ifindex;	  /* the device, when not by map */
const volatile __u32 n_dsts;	  /* entries of `dsts`; 0: target MAC of `header` */
const volatile __u32 pick_random; /* else round robin */
const volatile __u32 with_seq;
const volatile __u32 by_map;

/* Single CPU: the generator is pinned. */
__u64 seq;
__u32 next_dst;
__u32 rng = 2463534242;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u32);
	__type(value, __u64); /* MAC in the first six bytes */
} dsts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} out SEC(".maps");

static __always_inline __u32 pick(void)
{
	__u32 i;

	if (pick_random) {
		rng ^= rng << 13;
		rng ^= rng >> 17;
		rng ^= rng << 5;
		return rng % n_dsts;
	}
	i = next_dst;
	next_dst = i + 1 < n_dsts ? i + 1 : 0;
	return i;
}

SEC("xdp")
int gen_live(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	const volatile __u32 *h32 = (const volatile __u32 *)header;
	__u32 *f32 = data;
	__u16 *f16 = data;

	if (data + FRAME_MIN > data_end)
		return XDP_ABORTED;
	f32[0] = h32[0];
	f32[1] = h32[1];
	f32[2] = h32[2];
	f16[6] = *(const volatile __u16 *)&header[12];
	if (n_dsts) {
		__u32 i = pick();
		__u64 *mac = bpf_map_lookup_elem(&dsts, &i);

		if (!mac)
			return XDP_ABORTED;
		f32[0] = (__u32)*mac;
		f16[2] = (__u16)(*mac >> 32);
	}
	if (with_seq)
		__builtin_memcpy(data + HEADER_LEN + 2, &seq, sizeof(seq));
	seq++;
	if (by_map)
		return bpf_redirect_map(&out, 0, 0);
	return bpf_redirect(ifindex, 0);
}

char _license[] SEC("license") = "GPL";
