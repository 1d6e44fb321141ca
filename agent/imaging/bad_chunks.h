/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chunks of an image that a deploy found damaged or missing in the store: it goes on to find all of them. */
#ifndef SLIPWAY_AGENT_BAD_CHUNKS_H
#define SLIPWAY_AGENT_BAD_CHUNKS_H

#include <pthread.h>
#include <stddef.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

#define BAD_CHUNKS_LISTED 1024

struct bad_chunks {
    pthread_mutex_t lock;
    size_t count;                                             /* places on the disk that need one */
    char (*messages)[sizeof(((struct failure *)0)->message)]; /* of the first BAD_CHUNKS_LISTED */
};

/* Zero bad chunks. Release with bad_chunks_free. */
void bad_chunks_init(struct bad_chunks *b);
void bad_chunks_free(struct bad_chunks *b);

/* Adds one; f->message names the chunk and what it is part of. From any thread. */
void bad_chunks_add(struct bad_chunks *b, const struct failure *f);

/* Returns 0 when there are none. Else names all of them to `p` and returns -1 with *f: bad-chunk, how many there are
 * and the first one's message. */
int bad_chunks_result(const struct bad_chunks *b, const struct progress *p, struct failure *f);

#endif
