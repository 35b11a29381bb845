/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The broker's messages on the wire (little-endian, fixed offsets):
 *
 *   head      0 u16 type   2 u16 version   4 u32 length of all
 *   ATTACH    8 u32 frames  12 frame_size  16 rx_size  20 tx_size
 *   ATTACHED  8 u32 vport_id  12 name[32], filled up with zeros  44 mtu  48 n_queues  52 frames
 *             56 frame_size  60 rx_size  64 tx_size  68 fill_size  72 comp_size  76 MACs
 *   REFUSED   8 i32 code  12 text up to the end, without a zero byte
 *   MACS      8 MACs
 *   MACs      0 u32 total  4 u32 n  8 n times 6 bytes
 *
 * A decoder accepts exactly what an encoder makes: no byte less, none more, nothing ambiguous.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "proto/broker.h"

#define ERRNO_MAX 4095

/* Writes that do not fit only set `bad`, so that an encoder checks once, at its end. */
struct writer {
	uint8_t *p;
	size_t size, at;
	bool bad;
};

/* The same for reads: a read past the end gives zeros and sets `bad`. */
struct reader {
	const uint8_t *p;
	size_t size, at;
	bool bad;
};

static void put_bytes(struct writer *w, const void *bytes, size_t n)
{
	if (w->bad || n > w->size - w->at) {
		w->bad = true;
		return;
	}
	if (n)
		memcpy(w->p + w->at, bytes, n);
	w->at += n;
}

static void put_u16(struct writer *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	put_bytes(w, b, sizeof(b));
}

static void put_u32(struct writer *w, uint32_t v)
{
	put_u16(w, (uint16_t)v);
	put_u16(w, (uint16_t)(v >> 16));
}

static void put_name(struct writer *w, const char name[BROKER_NAME_SIZE])
{
	char field[BROKER_NAME_SIZE] = "";
	size_t len = strnlen(name, BROKER_NAME_SIZE);

	if (len == 0 || len == BROKER_NAME_SIZE) {
		w->bad = true;
		return;
	}
	memcpy(field, name, len);
	put_bytes(w, field, sizeof(field));
}

static void put_macs(struct writer *w, const struct broker_macs *macs)
{
	if (macs->n > BROKER_MACS_MAX) {
		w->bad = true;
		return;
	}
	put_u32(w, macs->total > macs->n ? macs->total : macs->n);
	put_u32(w, macs->n);
	put_bytes(w, macs->mac, (size_t)macs->n * sizeof(macs->mac[0]));
}

static void put_attached(struct writer *w, const struct broker_msg *msg)
{
	put_u32(w, msg->attached.vport_id);
	put_name(w, msg->attached.name);
	put_u32(w, msg->attached.mtu);
	put_u32(w, msg->attached.n_queues);
	put_u32(w, msg->attached.frames);
	put_u32(w, msg->attached.frame_size);
	put_u32(w, msg->attached.rx_size);
	put_u32(w, msg->attached.tx_size);
	put_u32(w, msg->attached.fill_size);
	put_u32(w, msg->attached.comp_size);
	put_macs(w, &msg->attached.macs);
}

static void put_body(struct writer *w, const struct broker_msg *msg)
{
	size_t len;

	switch (msg->type) {
	case BROKER_ATTACH:
		put_u32(w, msg->attach.frames);
		put_u32(w, msg->attach.frame_size);
		put_u32(w, msg->attach.rx_size);
		put_u32(w, msg->attach.tx_size);
		return;
	case BROKER_ATTACHED:
		put_attached(w, msg);
		return;
	case BROKER_REFUSED:
		len = strnlen(msg->refused.text, BROKER_TEXT_SIZE);
		if (len == BROKER_TEXT_SIZE)
			len--;
		put_u32(w, (uint32_t)msg->refused.code);
		put_bytes(w, msg->refused.text, len);
		return;
	case BROKER_MACS:
		put_macs(w, &msg->macs);
		return;
	}
	w->bad = true;
}

/* msg->version is the decoder's to fill: what is sent is always BROKER_VERSION. */
int broker_encode(const struct broker_msg *msg, void *buf, size_t size)
{
	struct writer w = { .p = buf, .size = size };
	struct writer head = { .p = buf, .size = size };

	put_u16(&w, (uint16_t)msg->type);
	put_u16(&w, BROKER_VERSION);
	put_u32(&w, 0);
	put_body(&w, msg);
	if (w.bad || w.at > BROKER_MSG_MAX)
		return -EMSGSIZE;
	head.at = 4;
	put_u32(&head, (uint32_t)w.at);
	return (int)w.at;
}

static void get_bytes(struct reader *r, void *out, size_t n)
{
	if (r->bad || n > r->size - r->at) {
		r->bad = true;
		memset(out, 0, n);
		return;
	}
	memcpy(out, r->p + r->at, n);
	r->at += n;
}

static uint16_t get_u16(struct reader *r)
{
	uint8_t b[2];

	get_bytes(r, b, sizeof(b));
	return (uint16_t)(b[0] | b[1] << 8);
}

static uint32_t get_u32(struct reader *r)
{
	uint32_t low = get_u16(r);

	return low | (uint32_t)get_u16(r) << 16;
}

static void get_name(struct reader *r, char name[BROKER_NAME_SIZE])
{
	get_bytes(r, name, BROKER_NAME_SIZE);
	if (!name[0] || name[BROKER_NAME_SIZE - 1])
		r->bad = true;
	for (size_t i = strnlen(name, BROKER_NAME_SIZE); i < BROKER_NAME_SIZE; i++)
		if (name[i])
			r->bad = true;
}

static void get_macs(struct reader *r, struct broker_macs *macs)
{
	macs->total = get_u32(r);
	macs->n = get_u32(r);
	if (macs->n > BROKER_MACS_MAX || macs->n > macs->total) {
		r->bad = true;
		return;
	}
	get_bytes(r, macs->mac, (size_t)macs->n * sizeof(macs->mac[0]));
}

static void get_attached(struct reader *r, struct broker_msg *msg)
{
	msg->attached.vport_id = get_u32(r);
	get_name(r, msg->attached.name);
	msg->attached.mtu = get_u32(r);
	msg->attached.n_queues = get_u32(r);
	msg->attached.frames = get_u32(r);
	msg->attached.frame_size = get_u32(r);
	msg->attached.rx_size = get_u32(r);
	msg->attached.tx_size = get_u32(r);
	msg->attached.fill_size = get_u32(r);
	msg->attached.comp_size = get_u32(r);
	get_macs(r, &msg->attached.macs);
	if (msg->attached.n_queues == 0 || msg->attached.n_queues > BROKER_QUEUES_MAX)
		r->bad = true;
}

static void get_refused(struct reader *r, struct broker_msg *msg)
{
	size_t len;

	msg->refused.code = (int32_t)get_u32(r);
	if (r->bad || msg->refused.code >= 0 || msg->refused.code < -ERRNO_MAX) {
		r->bad = true;
		return;
	}
	len = r->size - r->at;
	if (len >= BROKER_TEXT_SIZE || memchr(r->p + r->at, 0, len)) {
		r->bad = true;
		return;
	}
	get_bytes(r, msg->refused.text, len);
}

static void get_body(struct reader *r, unsigned int type, struct broker_msg *msg)
{
	msg->type = (enum broker_type)type;
	switch (type) {
	case BROKER_ATTACH:
		msg->attach.frames = get_u32(r);
		msg->attach.frame_size = get_u32(r);
		msg->attach.rx_size = get_u32(r);
		msg->attach.tx_size = get_u32(r);
		return;
	case BROKER_ATTACHED:
		get_attached(r, msg);
		return;
	case BROKER_REFUSED:
		get_refused(r, msg);
		return;
	case BROKER_MACS:
		get_macs(r, &msg->macs);
		return;
	}
	r->bad = true;
}

int broker_decode(const void *buf, size_t len, struct broker_msg *msg)
{
	struct reader r = { .p = buf, .size = len };
	struct broker_msg got;
	unsigned int type;
	uint32_t length;

	memset(&got, 0, sizeof(got));
	type = get_u16(&r);
	got.version = get_u16(&r);
	length = get_u32(&r);
	if (r.bad || length != len || len > BROKER_MSG_MAX)
		return -EPROTO;
	if (got.version != BROKER_VERSION)
		return -EPROTONOSUPPORT;
	get_body(&r, type, &got);
	if (r.bad || r.at != r.size)
		return -EPROTO;
	*msg = got;
	return 0;
}
