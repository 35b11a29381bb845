// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters in the lab's maps, by the data path's own code, which is taken in here: so the tests hold
 * it and the programs against each other.
 */
#include <stdlib.h>

#include "lab.h"

#include "datapath/filters.c"
#include "datapath/mapio.c"

int lab_filters_open(struct lab *lab)
{
	lab->filter_code = calloc(1, sizeof(*lab->filter_code));
	if (!lab->filter_code)
		return -ENOMEM;
	lab->filter_code->filters = lab->filters;
	lab->filter_code->filter_index = lab->filter_index;
	return filters_map(lab->filter_code);
}

void lab_filters_close(struct lab *lab)
{
	if (lab->filter_code)
		filters_unmap(lab->filter_code);
	free(lab->filter_code);
}

int lab_filter_add(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport)
{
	const struct xvsw_filter f = { .vport = vport, .id = 1 };

	return filters_add(lab->filter_code, key, &f);
}

int lab_filter_move(struct lab *lab, const struct xvsw_filter_key *key, uint32_t vport)
{
	const struct xvsw_filter f = { .vport = vport, .id = 1 };

	return filters_move(lab->filter_code, key, &f);
}

int lab_filter_del(struct lab *lab, const struct xvsw_filter_key *key)
{
	return filters_del(lab->filter_code, key);
}

struct xvsw_bucket *lab_bucket(struct lab *lab, const struct xvsw_filter_key *key)
{
	return &lab->filter_code->index[xvsw_index_bucket(xvsw_index_mix(key_word(key)))];
}
