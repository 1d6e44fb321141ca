/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a crash: chunks that were in the page cache only may have a name and no content. */
#ifndef SLIPWAY_SERVER_RECOVER_H
#define SLIPWAY_SERVER_RECOVER_H

#include "server/refusal.h"
#include "server/server.h"

/* When the last run did not end with store_mark_clean: verifies every chunk written since the last flush that is known,
 * deletes those that are torn. Takes the lock itself. Returns 0, or -1 with *r. */
int store_recover(struct server *s, struct refusal *r);

/* Flushes the store and notes that it is clean. Takes the lock itself. Returns 0, or -1 with *r. */
int store_mark_clean(struct server *s, struct refusal *r);

#endif
