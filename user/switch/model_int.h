/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the model. Ownership: the model owns switches, a switch its VPorts, a VPort its
 * filters; the tables only point. Tables are uthash, whose application order is the order of
 * creation.
 *
 * How a command works: check everything, enter the new object into the tables (that can fail for
 * memory), ask the data path, and on refusal leave the tables as they were. Events come last.
 */
#ifndef XVSW_SWITCH_MODEL_INT_H
#define XVSW_SWITCH_MODEL_INT_H

/* A failed insertion leaves hh.tbl NULL instead of ending the process. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "base/mac.h"
#include "maps/limits.h"
#include "switch/model.h"

#define ID_WORD_BITS 64

struct mvport;

struct mfilter {
	uint32_t id; /* of the instance, counts up, never used again */
	struct dp_filter_key key;
	struct mvport *vport;
	struct mfilter *prev, *next; /* the VPort's list */
	UT_hash_handle hh_id;	     /* model.filters */
	UT_hash_handle hh_key;	     /* mswitch.filters */
};

struct mvport {
	char name[CONF_NAME_SIZE * 2];
	uint64_t seq; /* creation order in the instance; the cursor of walks */
	uint32_t id;
	struct mswitch *sw;
	struct dp_vport *dp;
	struct dp_vport_conf conf; /* as the data path last accepted it */
	struct dp_vport_info info; /* as the data path last told */
	char alias[CONF_ALIAS_SIZE];
	bool announced; /* its `add` event is out */
	/* In order of ids once vport_filters() was called; moves append and set `unsorted`. */
	struct mfilter *filters;
	bool unsorted;
	unsigned int n_filters;
	UT_hash_handle hh_name; /* model.vports */
	UT_hash_handle hh_seq;	/* model.vports_by_seq */
	UT_hash_handle hh_id;	/* mswitch.vports */
};

struct mswitch {
	uint64_t seq;
	struct conf_switch conf; /* defaults filled in */
	struct dp_switch *dp;
	struct dp_switch_info info;
	struct info_switch told; /* what listeners know, to tell changes only */
	bool announced;
	struct mvport *host;   /* the default VPort */
	struct mvport *vports; /* by id, the default one first */
	unsigned int n_vports;
	uint64_t ids[XVSW_VPORT_SLOTS / ID_WORD_BITS]; /* VPort ids in use */
	struct mfilter *filters;		       /* by (MAC, VLAN) */
	unsigned int n_filters;
	/* Filters that have the uplink's own MAC since that changed, and the first of them. */
	unsigned int n_own_mac;
	uint32_t own_mac_filter;
	UT_hash_handle hh; /* model.switches, by name */
};

struct model {
	const struct dp_ops *ops;
	void *dp;
	const struct model_events *events;
	void *ctx;
	uint32_t generation;
	uint32_t last_filter_id;
	uint64_t last_seq;
	struct mswitch *switches;
	struct mvport *vports, *vports_by_seq;
	struct mfilter *filters; /* by id */
};

/* ---- model.c: finding, telling ---- */

/* Copies with a closing zero, cut to @size. */
void text_copy(char *to, size_t size, const char *from);

/* ENOENT names @name; @attr is the argument it came from. */
int find_switch(struct model *m, const char *name, uint16_t attr, struct mswitch **sw,
		struct err *err);
/* Understands "default" and "SW/default". EINVAL: "default" is ambiguous. */
int find_vport(struct model *m, const char *name, uint16_t attr, struct mvport **vp,
	       struct err *err);

static inline bool vport_is_host(const struct mvport *vp)
{
	return vp->id == XVSW_VPORT_HOST;
}

/* The VPort's filters, first to last by id. */
struct mfilter *vport_filters(struct mvport *vp);

void switch_fill(const struct mswitch *sw, struct info_switch *info);
void vport_fill(const struct mvport *vp, struct info_vport *info);
void filter_fill(const struct mfilter *f, struct info_filter *info);

void tell_switch(struct model *m, enum xevent ev, struct mswitch *sw);
void tell_vport(struct model *m, enum xevent ev, const struct mvport *vp);
void tell_filter(struct model *m, enum xevent ev, const struct mfilter *f);
/* XEVENT_STATE when something visible of the switch differs from what was told last. */
void tell_switch_state(struct model *m, struct mswitch *sw);

/* ---- vport.c ---- */

/*
 * Enter a VPort into the tables and ask the data path for it; no event. @vp is zeroed but for conf,
 * name, id and alias. On failure the tables are as before and @vp is still the caller's.
 */
int vport_install(struct model *m, struct mswitch *sw, struct mvport *vp, struct err *err);
/* Out of the tables, freed; no data path, no event. Filters are gone. */
void vport_remove(struct model *m, struct mvport *vp);
/*
 * The end of a VPort when nothing may stop it: filters, VPort, events. What the data path refuses
 * to forget here goes with the switch's maps.
 */
void vport_teardown(struct model *m, struct mvport *vp);

/* ---- vport_check.c: rules about arguments, no change of anything ---- */

int vport_check_add(struct model *m, const struct conf_vport *conf, struct err *err);
int vport_check_set(const struct mvport *vp, const struct conf_vport *conf, struct err *err);

/* ---- filter.c ---- */

int filter_check_mac(const struct mswitch *sw, const struct xmac *mac, struct err *err);
int filter_check_free(struct mswitch *sw, const struct dp_filter_key *key, struct err *err);
/* @n more filters on @sw. */
int filter_check_room(const struct model *m, const struct mswitch *sw, unsigned int n,
		      struct err *err);
/* Enter a filter into the tables with a new id, then into the data path; no event. */
int filter_install(struct model *m, struct mvport *vp, const struct dp_filter_key *key,
		   struct mfilter **out, struct err *err);
/* Out of the tables, freed; no data path, no event. */
void filter_remove(struct model *m, struct mfilter *f);
/* Take all filters of @vp out of the data path alone; all or nothing. */
int filters_withdraw(struct model *m, struct mvport *vp, struct err *err);
/* filter_remove() and the event, for all filters of @vp. */
void filters_forget(struct model *m, struct mvport *vp);
/* Count again which filters have the uplink's own MAC. */
void filters_count_own_mac(struct mswitch *sw);

#endif
