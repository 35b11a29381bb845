/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture files in the classic pcap format, Ethernet only. */
#ifndef XVSW_GUEST_PCAP_H
#define XVSW_GUEST_PCAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pcap {
	FILE *file;
	bool swapped; /* reading: the other byte order */
};

/* 0, -errno; reading also -EPROTO for what is no Ethernet capture. */
int pcap_create(struct pcap *p, const char *path);
int pcap_open(struct pcap *p, const char *path);
int pcap_write(struct pcap *p, const void *frame, uint32_t len);
/* The length of the next frame, 0 at the end; -EPROTO cut short, -EMSGSIZE over @size. */
int pcap_read(struct pcap *p, void *frame, uint32_t size);
/* 0 or -errno of writes that had been put off. */
int pcap_close(struct pcap *p);

#endif
