// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: the control protocol's decoders. Whatever decodes must encode again, to what
 * decodes to the same. Build with clang -fsanitize=fuzzer,address,undefined.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/answer.h"
#include "proto/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(int ok)
{
	if (!ok)
		abort();
}

static void fuzz_request(const void *buf, size_t len)
{
	static uint64_t again[PROTO_REQUEST_MAX / 8];
	static struct proto_req a, b;
	struct err err = { 0 };
	uint32_t offs;
	int n;

	if (proto_decode_request(buf, len, &a, &err, &offs)) {
		check(err.code < 0 && err.text[0] && offs <= len);
		return;
	}
	n = proto_encode_request(&a, again, sizeof(again));
	check(n > 0);
	/* The encoder adds what a VLAN's mode calls for; the policy may refuse that, never more. */
	if ((a.cmd == PROTO_VPORT_ADD || a.cmd == PROTO_VPORT_SET) &&
	    a.vport.set & XBIT(XATTR_VLAN_MODE))
		return;
	check(!proto_decode_request(again, n, &b, &err, &offs));
	check(!memcmp(&a, &b, sizeof(a)));
}

static void fuzz_data(const struct nlmsghdr *nlh)
{
	static uint64_t again[2 * PROTO_PAGE_BYTES / 8];
	static struct proto_data a, b;
	size_t n = 0;

	if (proto_decode_data(nlh, &a))
		return;
	check(!proto_encode_data(&a, nlh->nlmsg_seq, again, sizeof(again), &n));
	check(!proto_decode_data(again, &b));
	check(!memcmp(&a, &b, sizeof(a)));
}

/* Any alignment of 4 and the exact size, so that the sanitizer sees each byte read beyond it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct nlmsghdr *nlh;
	struct proto_end end;
	size_t data_len;
	char *buf = malloc(len ? len : 1);

	if (!buf)
		return 0;
	memcpy(buf, bytes, len);
	fuzz_request(buf, len);
	nlh = (void *)buf;
	/* mnl_nlmsg_ok() takes lengths of 2 GiB and more for negative ones: not here. */
	if (len >= NLMSG_HDRLEN && nlh->nlmsg_len >= NLMSG_HDRLEN && nlh->nlmsg_len <= len)
		fuzz_data(nlh);
	if (len >= NLMSG_HDRLEN)
		proto_find_end(buf, len, nlh->nlmsg_seq, &end, &data_len);
	free(buf);
	return 0;
}
