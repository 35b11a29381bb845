/* SPDX-License-Identifier: GPL-2.0-only */
/* Random but valid requests and data messages, every member of theirs; see test_proto_*.c. */
#ifndef XVSW_TESTS_UNIT_PROTO_RANDOM_H
#define XVSW_TESTS_UNIT_PROTO_RANDOM_H

#include "proto/proto.h"

/* From XVSW_SEED or the time; printed, so that a failing run can be repeated. */
void proto_rnd_seed(void);
uint64_t proto_rnd(void);
void proto_rnd_request(struct proto_req *req, enum proto_cmd cmd);
void proto_rnd_data(struct proto_data *data, enum proto_cmd type);
/* Is there a data message of this type? */
bool proto_is_data(unsigned int type);

#endif
