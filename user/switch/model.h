/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: switches, VPorts and receive filters of one instance, and every rule about them. It
 * does no I/O: it acts through dp_ops (dp.h) and tells of changes through model_events. Each call
 * is all or nothing. On failure it returns -errno and a sentence in @err that names the argument.
 *
 * Common errors: EINVAL bad value, EEXIST, ENOENT, ENOSPC (names the limit), EBUSY, EOPNOTSUPP, and
 * whatever the data path says. Single-threaded.
 */
#ifndef XVSW_SWITCH_MODEL_H
#define XVSW_SWITCH_MODEL_H

#include "base/conf.h"
#include "base/err.h"
#include "base/info.h"
#include "switch/dp.h"

struct model;

/* Told after the change is done. @info lives for the call. `del` carries the last state. */
struct model_events {
	void (*on_switch)(void *ctx, enum xevent ev, const struct info_switch *info);
	void (*on_vport)(void *ctx, enum xevent ev, const struct info_vport *info);
	void (*on_filter)(void *ctx, enum xevent ev, const struct info_filter *info);
};

/* NULL: no memory. @ops and @events outlive the model. */
struct model *model_new(const struct dp_ops *ops, void *dp, const struct model_events *events,
			void *ctx);
/* Frees memory only and leaves the data path running; NULL is accepted. */
void model_free(struct model *m);
/* Take every switch down, host put back (xvswd --flush). */
void model_flush(struct model *m);

/* Changes with every command and state change that changed something visible. */
uint32_t model_generation(const struct model *m);

int model_switch_add(struct model *m, const struct conf_switch *conf, struct err *err);
/* Deletes its VPorts and filters too. */
int model_switch_del(struct model *m, const char *name, struct err *err);

/* @id_out (may be NULL) gets the VPort's id. */
int model_vport_add(struct model *m, const struct conf_vport *conf, uint32_t *id_out,
		    struct err *err);
int model_vport_set(struct model *m, const struct conf_vport *conf, struct err *err);
int model_vport_del(struct model *m, const char *name, struct err *err);

int model_filter_add(struct model *m, const struct conf_filter *conf, uint32_t *id,
		     struct err *err);
int model_filter_del(struct model *m, uint32_t id, struct err *err);
int model_filter_move(struct model *m, uint32_t id, const char *to, struct err *err);
/* All filters of @from to @to, one store each; @count (may be NULL): how many. Rolled back whole.
 */
int model_filter_move_all(struct model *m, const char *from, const char *to, uint32_t *count,
			  struct err *err);

/*
 * Walks, in order of creation. @cursor: 0 to begin; each call fills @info, advances @cursor and
 * returns 1, or returns 0 at the end. A cursor stays good when objects come and go between calls.
 * @name / @vport: NULL or "" for all, else only that one (ENOENT as -errno when it does not exist;
 * "default" and "SW/default" are understood).
 * @want: XWANT_STATS, XWANT_REASONS.
 */
int model_switch_next(struct model *m, const char *name, uint64_t *cursor, struct info_switch *info,
		      struct err *err);
int model_vport_next(struct model *m, const char *name, uint32_t want, uint64_t *cursor,
		     struct info_vport *info, struct err *err);
int model_filter_next(struct model *m, const char *vport, uint64_t *cursor,
		      struct info_filter *info, struct err *err);

/* For the broker: an AF_XDP guest comes and goes. @name of an xsk VPort. See dp_ops for errors. */
int model_guest_attach(struct model *m, const char *name, const struct dp_guest_req *req,
		       struct dp_guest *guest, struct err *err);
void model_guest_detach(struct model *m, const char *name);

/* Wire these into dp_events; @cookie is what the model passed to switch_add and vport_add. */
void model_dp_switch_changed(void *model, void *cookie, const struct dp_switch_info *info);
void model_dp_vport_changed(void *model, void *cookie, const struct dp_vport_info *info);

#endif
