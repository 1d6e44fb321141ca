/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of an image that is being captured: STORE/staging/JOB/, renamed to STORE/images/NAME when it is whole. The
 * caller holds the lock unless it says otherwise. */
#ifndef SLIPWAY_SERVER_STAGING_H
#define SLIPWAY_SERVER_STAGING_H

#include <stddef.h>
#include <stdint.h>

#include "server/refusal.h"
#include "server/server.h"

#define STAGING_PATH (SERVER_PATH + 128)

/* The folder of a job, or the file `name` in it when that is not NULL. */
void staging_path(const struct server *s, int64_t job, const char *name, char ret[STAGING_PATH]);

/* Writes a file of a job that has not ended, flushed, all at once. Takes the lock itself for the last step. Returns 0,
 * or -1 with *r: store-full, job-over. */
int staging_write(struct server *s, int64_t job, const char *name, const void *data, size_t size, struct refusal *r);

void staging_remove(struct server *s, int64_t job);

/* At start: makes the store's folders and removes what jobs that have ended left behind. Returns 0, or -1 with *r. */
int staging_prepare(struct server *s, struct refusal *r);

#endif
