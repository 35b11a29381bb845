// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive filters in the maps: all in the hash `filters`, and in its index (maps/index.h) where
 * they fit. The programs look into the index first, so one store there adds, moves or deletes a
 * filter; of one that is in the hash alone, one store there does. The order below keeps every
 * moment in between right: a frame finds the old VPort or the new, never none and never two.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "datapath/int.h"
#include "maps/index.h"

#define INDEX_SIZE (sizeof(struct xvsw_bucket) * XVSW_INDEX_BUCKETS)

int filters_map(struct progs *p)
{
	void *map = mmap(NULL, INDEX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->filter_index, 0);

	if (map == MAP_FAILED)
		return -errno;
	p->index = map;
	return 0;
}

void filters_unmap(struct progs *p)
{
	if (p->index)
		munmap(p->index, INDEX_SIZE);
	p->index = NULL;
}

static __u64 key_word(const struct xvsw_filter_key *key)
{
	__u64 word;

	_Static_assert(sizeof(*key) == sizeof(word), "a key is one word");
	memcpy(&word, key, sizeof(word));
	return word;
}

static __u64 *index_find(const struct progs *p, const struct xvsw_filter_key *key)
{
	const __u64 mixed = xvsw_index_mix(key_word(key)), want = xvsw_index_tag(mixed);
	struct xvsw_bucket *b = &p->index[xvsw_index_bucket(mixed)];
	int i;

	for (i = 0; i < XVSW_INDEX_SLOTS; i++)
		if (!((b->slot[i] ^ want) & XVSW_INDEX_MATCH))
			return &b->slot[i];
	return NULL;
}

/* One store of 8 bytes; the overflow mark of the bucket's first slot stays. */
static void index_store(__u64 *slot, __u64 value)
{
	__atomic_store_n(slot, (*slot & XVSW_INDEX_OVERFLOW) | value, __ATOMIC_RELEASE);
}

static void index_add(const struct progs *p, const struct xvsw_filter_key *key, __u32 vport)
{
	const __u64 mixed = xvsw_index_mix(key_word(key));
	struct xvsw_bucket *b = &p->index[xvsw_index_bucket(mixed)];
	int i;

	for (i = 0; i < XVSW_INDEX_SLOTS; i++) {
		if (b->slot[i] & XVSW_INDEX_IN_USE)
			continue;
		index_store(&b->slot[i], xvsw_index_tag(mixed) | vport);
		return;
	}
	__atomic_fetch_or(&b->slot[0], XVSW_INDEX_OVERFLOW, __ATOMIC_RELEASE);
}

int filters_add(const struct progs *p, const struct xvsw_filter_key *key,
		const struct xvsw_filter *f)
{
	int r = map_update(p->filters, key, f, MAP_NEW);

	if (!r)
		index_add(p, key, f->vport);
	return r;
}

int filters_move(const struct progs *p, const struct xvsw_filter_key *key,
		 const struct xvsw_filter *f)
{
	__u64 *slot = index_find(p, key);
	int r = map_update(p->filters, key, f, MAP_EXIST);

	if (!r && slot)
		index_store(slot, (*slot & XVSW_INDEX_MATCH) | f->vport);
	return r;
}

int filters_del(const struct progs *p, const struct xvsw_filter_key *key)
{
	__u64 *slot = index_find(p, key);
	int r = map_delete(p->filters, key);

	if (!r && slot)
		index_store(slot, 0);
	return r;
}
