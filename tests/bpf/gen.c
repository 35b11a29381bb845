// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "gen.h"

#define INSN(op, d, s, o, i)                                                                       \
	((struct bpf_insn){ .code = (op), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOVI(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADDI(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ANDI(d, i) INSN(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, o, s) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define STOREI(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define JEQI(d, i, o) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, i)
#define JGT(d, s, o) INSN(BPF_JMP | BPF_JGT | BPF_X, d, s, o, 0)
#define CALL(f) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MAP_FD(d, fd)                                                                              \
	INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

static int load(const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_HAS_FRAGS);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xt_gen", "GPL", insns, n, &opts);

	return fd < 0 ? -errno : fd;
}

int gen_peek(void)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, 2, 1, offsetof(struct xdp_md, data_meta)),
		LOAD(BPF_W, 3, 1, offsetof(struct xdp_md, data)),
		ADDI(2, 8),
		JGT(2, 3, 2),
		MOVI(2, -8),
		CALL(BPF_FUNC_xdp_adjust_head),
		MOVI(0, XDP_PASS),
		EXIT,
	};

	return load(insns, sizeof(insns) / sizeof(insns[0]));
}

int gen_mix(unsigned int ifindex, int broadcast_first)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xt_count", 4, 8, 1, NULL), r;
	const struct bpf_insn insns[] = {
		MOV(6, 1),
		STOREI(BPF_W, 10, -4, 0),
		MAP_FD(1, map),
		MOV(2, 10),
		ADDI(2, -4),
		CALL(BPF_FUNC_map_lookup_elem),
		JEQI(0, 0, 17),
		LOAD(BPF_DW, 7, 0, 0),
		MOV(8, 7),
		ADDI(8, 1),
		STORE(BPF_DW, 0, 0, 8),
		LOAD(BPF_W, 2, 6, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, 3, 6, offsetof(struct xdp_md, data_end)),
		MOV(4, 2),
		ADDI(4, 14),
		JGT(4, 3, 8),
		ANDI(7, 1),
		JEQI(7, broadcast_first ? 1 : 0, 2),
		STOREI(BPF_W, 2, 0, -1),
		STOREI(BPF_H, 2, 4, -1),
		MOVI(1, (int)ifindex),
		MOVI(2, 0),
		CALL(BPF_FUNC_redirect),
		EXIT,
		MOVI(0, XDP_ABORTED),
		EXIT,
	};

	if (map < 0)
		return -errno;
	r = load(insns, sizeof(insns) / sizeof(insns[0]));
	close(map);
	return r;
}
