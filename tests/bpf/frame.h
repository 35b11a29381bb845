/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames for tables: a row names what matters, the builder fills in the rest. */
#ifndef XVSW_TESTS_BPF_FRAME_H
#define XVSW_TESTS_BPF_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_LEN 64	   /* when a row names no length */
#define FRAME_PROTO 0x88b5 /* local experimental: no stack of the host answers it */
#define FRAME_MAX 9300	   /* the largest frame a test builds, with room for two tags */
#define FRAME_TAGS 2
#define TPID_Q 0x8100
#define TPID_AD 0x88a8

/* The world's addresses; the same in every test. */
#define MAC_BROADCAST                                                                              \
	{                                                                                          \
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff                                                 \
	}
#define MAC_GROUP                                                                                  \
	{                                                                                          \
		0x01, 0x00, 0x5e, 0x01, 0x02, 0x03                                                 \
	}
#define MAC_LINK_LOCAL(x)                                                                          \
	{                                                                                          \
		0x01, 0x80, 0xc2, 0x00, 0x00, x                                                    \
	}
#define MAC_OF(x)                                                                                  \
	{                                                                                          \
		0x02, 0x00, 0x00, 0x00, 0x00, x                                                    \
	}
#define MAC_G1 MAC_OF(0x01)
#define MAC_G1_SECOND MAC_OF(0x11)
#define MAC_G2 MAC_OF(0x02)
#define MAC_ISO_A MAC_OF(0x03)
#define MAC_ISO_B MAC_OF(0x04)
#define MAC_JUMBO MAC_OF(0x05)
#define MAC_GONE MAC_OF(0x06)
#define MAC_HOST_FILTER MAC_OF(0x07)
#define MAC_PEER MAC_OF(0xaa)
#define MAC_UPLINK MAC_OF(0xee)

/* MAC_G1 as tc marks it in generic mode (bpf/host.bpf.c) */
#define MAC_G1_GROUP_BIT                                                                           \
	{                                                                                          \
		0x03, 0x00, 0x00, 0x00, 0x00, 0x01                                                 \
	}

struct frame_tag {
	uint16_t tpid; /* 0: no tag */
	uint16_t tci;
};

struct frame_spec {
	uint8_t dst[6];
	uint8_t src[6];
	struct frame_tag tags[FRAME_TAGS]; /* outer first */
	uint16_t proto;			   /* 0: FRAME_PROTO */
	uint32_t len;			   /* whole frame; cuts headers too; 0: FRAME_LEN */
};

/* Bytes written to @buf, which holds FRAME_MAX. The payload is a pattern that no shift hides. */
uint32_t frame_build(const struct frame_spec *spec, uint8_t *buf);

/* The same frame without its outer tag, or with one more in front; it has room for that. */
struct frame_spec frame_untagged(const struct frame_spec *spec);
struct frame_spec frame_tagged(const struct frame_spec *spec, uint16_t tpid, uint16_t tci);

/* Offset of the first difference, or -1 when both are equal. */
long frame_differs(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/* The first bytes as hexadecimal text, in a buffer of @size bytes. */
const char *frame_text(const uint8_t *data, size_t len, char *buf, size_t size);

#endif
