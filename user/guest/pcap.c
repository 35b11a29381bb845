/* SPDX-License-Identifier: GPL-2.0-only */
#include <byteswap.h>
#include <errno.h>
#include <time.h>

#include "guest/pcap.h"

#define MAGIC_US 0xa1b2c3d4
#define MAGIC_NS 0xa1b23c4d
#define LINKTYPE_ETHERNET 1
#define SNAPLEN 65535

struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

struct frame_head {
	uint32_t sec, usec, len, orig_len;
};

_Static_assert(sizeof(struct file_head) == 24, "pcap's file header");
_Static_assert(sizeof(struct frame_head) == 16, "pcap's frame header");

int pcap_create(struct pcap *p, const char *path)
{
	struct file_head head = { .magic = MAGIC_US,
				  .major = 2,
				  .minor = 4,
				  .snaplen = SNAPLEN,
				  .linktype = LINKTYPE_ETHERNET };

	p->swapped = false;
	p->file = fopen(path, "we");
	if (!p->file)
		return -errno;
	if (fwrite(&head, sizeof(head), 1, p->file) == 1)
		return 0;
	fclose(p->file);
	p->file = NULL;
	return -EIO;
}

int pcap_open(struct pcap *p, const char *path)
{
	struct file_head head;

	p->file = fopen(path, "re");
	if (!p->file)
		return -errno;
	if (fread(&head, sizeof(head), 1, p->file) != 1)
		goto bad;
	p->swapped = head.magic == bswap_32(MAGIC_US) || head.magic == bswap_32(MAGIC_NS);
	if (!p->swapped && head.magic != MAGIC_US && head.magic != MAGIC_NS)
		goto bad;
	if ((p->swapped ? bswap_32(head.linktype) : head.linktype) != LINKTYPE_ETHERNET)
		goto bad;
	return 0;
bad:
	fclose(p->file);
	p->file = NULL;
	return -EPROTO;
}

int pcap_write(struct pcap *p, const void *frame, uint32_t len)
{
	struct frame_head head = { .len = len, .orig_len = len };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	head.sec = (uint32_t)now.tv_sec;
	head.usec = (uint32_t)(now.tv_nsec / 1000);
	if (fwrite(&head, sizeof(head), 1, p->file) != 1)
		return -EIO;
	return len == 0 || fwrite(frame, len, 1, p->file) == 1 ? 0 : -EIO;
}

int pcap_read(struct pcap *p, void *frame, uint32_t size)
{
	struct frame_head head;
	size_t n = fread(&head, 1, sizeof(head), p->file);
	uint32_t len;

	if (n == 0)
		return 0;
	if (n != sizeof(head))
		return -EPROTO;
	len = p->swapped ? bswap_32(head.len) : head.len;
	if (len == 0)
		return -EPROTO;
	if (len > size)
		return -EMSGSIZE;
	return fread(frame, len, 1, p->file) == 1 ? (int)len : -EPROTO;
}

int pcap_close(struct pcap *p)
{
	int r;

	if (!p->file)
		return 0;
	r = fclose(p->file) ? -errno : 0;
	p->file = NULL;
	return r;
}
