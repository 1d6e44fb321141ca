/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removes chunks that no image names any more. */
#ifndef SLIPWAY_SERVER_SWEEP_H
#define SLIPWAY_SERVER_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "server/refusal.h"
#include "server/server.h"

struct sweep_result {
    bool done;       /* false: a capture runs, whose chunks belong to no image yet; the wish stays written down */
    uint64_t chunks; /* removed */
    uint64_t bytes;  /* freed */
};

/* Writes down that chunks may belong to no image any more, so that a crash cannot lose the wish. The caller holds the
 * lock and has begun a transaction; what makes the chunks superfluous happens before the lock is given back. Returns 0,
 * or -1 with *r. */
int sweep_want(struct server *s, struct refusal *r);

/* Marks what all images name and removes the rest, unless a capture runs. Chunk uploads wait meanwhile. An image that
 * cannot be read stops the sweep before anything is removed. Returns 0, or -1 with *r. Takes the locks itself. */
int sweep_if_idle(struct server *s, struct sweep_result *ret, struct refusal *r);

#endif
