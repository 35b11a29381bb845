/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages between a guest's library and the daemon's broker, over a SOCK_SEQPACKET Unix socket
 * /run/xvsw/INSTANCE/guest/VPORT.sock. All integers little-endian at fixed offsets, encoded and
 * decoded by functions, never by casting a struct. A message is an 8-byte head {u16 type, u16
 * version, u32 length of all} and a body.
 *
 *   guest → daemon  ATTACH   sizes it would like
 *   daemon → guest  ATTACHED sizes it got, VPort id and name, MACs; with SCM_RIGHTS: the sockets of
 *                            the queues in order, then the UMEM's memfd
 *                   REFUSED  errno and a sentence; the daemon closes
 *                   MACS     the VPort's MACs changed
 *                   (close)  the VPort is gone, or the daemon is
 *   guest → daemon  (close)  the guest is gone
 *
 * The sockets are fresh, but for the fill rings: of F frames and N queues, queue i has frames
 * i*(F/2/N) to (i+1)*(F/2/N)-1 posted in order, so that nothing is lost until the guest looks. Each
 * frame that the kernel fills has struct xvsw_meta (maps/meta.h) before it.
 */
#ifndef XVSW_PROTO_BROKER_H
#define XVSW_PROTO_BROKER_H

#include <stddef.h>
#include <stdint.h>

#define BROKER_VERSION 1
#define BROKER_MSG_MAX 1024
#define BROKER_MACS_MAX 64 /* the first ones; `n_macs_total` tells how many there are */
#define BROKER_TEXT_SIZE 256
#define BROKER_NAME_SIZE 32
#define BROKER_QUEUES_MAX 64

enum broker_type { BROKER_ATTACH = 1, BROKER_ATTACHED, BROKER_REFUSED, BROKER_MACS };

struct broker_macs {
	uint32_t total;
	uint32_t n;
	uint8_t mac[BROKER_MACS_MAX][6];
};

struct broker_msg {
	enum broker_type type;
	uint16_t version;
	union {
		struct {
			uint32_t frames, frame_size, rx_size, tx_size; /* 0: default */
		} attach;
		struct {
			uint32_t vport_id;
			char name[BROKER_NAME_SIZE];
			uint32_t mtu;
			uint32_t n_queues;
			uint32_t frames, frame_size, rx_size, tx_size, fill_size, comp_size;
			struct broker_macs macs;
		} attached;
		struct {
			int32_t code; /* -errno */
			char text[BROKER_TEXT_SIZE];
		} refused;
		struct broker_macs macs;
	};
};

/* Returns the length, or -EMSGSIZE. @size >= BROKER_MSG_MAX always suffices. */
int broker_encode(const struct broker_msg *msg, void *buf, size_t size);
/* 0, -EPROTO malformed, -EPROTONOSUPPORT version. @msg is untouched on failure. */
int broker_decode(const void *buf, size_t len, struct broker_msg *msg);

#endif
