// SPDX-License-Identifier: GPL-2.0-only
/*
 * The uplink's unicast list: the NIC must let the guests' frames in. Counted by MAC, since filters
 * of several VLANs share one. An address that was there before is somebody else's and stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mac.h"
#include "datapath/int.h"
#include "datapath/link.h"

struct fdb_entry {
	struct xmac mac;
	unsigned int refs;
	bool ours, refused;
	UT_hash_handle hh;
};

static void fdb_install(struct dp_switch *sw, struct fdb_entry *e)
{
	char text[MAC_STR_SIZE];
	int r;

	if (!sw->info.ifindex)
		return; /* comes with the uplink */
	r = link_fdb_add(sw->dp->rt, sw->info.ifindex, &e->mac);
	e->ours = !r;
	if (r == -EEXIST)
		record_foreign_mac(sw, &e->mac);
	if (!r || r == -EEXIST)
		return;
	e->refused = true;
	if (sw->fdb_refused++)
		return;
	log_warn("%s: unicast address %s refused: %s", sw->uplink, mac_format(&e->mac, text),
		 strerror(-r));
	switch_refresh(sw, true);
}

int fdb_ref(struct dp_switch *sw, const struct xmac *mac, struct err *err)
{
	struct fdb_entry *e;

	HASH_FIND(hh, sw->fdb, mac, sizeof(*mac), e);
	if (e) {
		e->refs++;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return err_set(err, -ENOMEM, XATTR_MAC, "no memory");
	e->mac = *mac;
	e->refs = 1;
	HASH_ADD(hh, sw->fdb, mac, sizeof(e->mac), e);
	fdb_install(sw, e);
	return 0;
}

static void fdb_remove(struct dp_switch *sw, struct fdb_entry *e)
{
	int r = e->ours && sw->info.ifindex ? link_fdb_del(sw->dp->rt, sw->info.ifindex, &e->mac)
					    : 0;

	if (r && r != -ENOENT)
		log_warn("%s: unicast address not removed: %s", sw->uplink, strerror(-r));
	if (e->refused && --sw->fdb_refused == 0)
		switch_refresh(sw, true);
	HASH_DEL(sw->fdb, e);
	free(e);
}

void fdb_unref(struct dp_switch *sw, const struct xmac *mac)
{
	struct fdb_entry *e;

	HASH_FIND(hh, sw->fdb, mac, sizeof(*mac), e);
	if (e && --e->refs == 0)
		fdb_remove(sw, e);
}

/* The uplink came back: a new device knows none of them. */
void fdb_replug(struct dp_switch *sw)
{
	struct fdb_entry *e, *tmp;

	sw->fdb_refused = 0;
	HASH_ITER (hh, sw->fdb, e, tmp) {
		e->refused = false;
		fdb_install(sw, e);
	}
}

void fdb_free(struct dp_switch *sw, bool remove)
{
	struct fdb_entry *e, *tmp;

	HASH_ITER (hh, sw->fdb, e, tmp) {
		if (remove) {
			fdb_remove(sw, e);
		} else {
			HASH_DEL(sw->fdb, e);
			free(e);
		}
	}
}
