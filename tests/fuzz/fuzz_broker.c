/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer over broker_decode(): what is accepted must encode to the very same bytes.
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -I. -Iuser tests/fuzz/fuzz_broker.c
 *	user/proto/broker.c; run it with tests/fuzz/corpus/broker
 */
#include <stdlib.h>
#include <string.h>

#include "proto/broker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[BROKER_MSG_MAX];
	struct broker_msg msg;

	if (broker_decode(data, size, &msg))
		return 0;
	if (broker_encode(&msg, again, sizeof(again)) != (int)size ||
	    memcmp(again, data, size) != 0)
		abort();
	return 0;
}
