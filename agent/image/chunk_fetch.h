/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chunks out of a store, verified. */
#ifndef SLIPWAY_AGENT_CHUNK_FETCH_H
#define SLIPWAY_AGENT_CHUNK_FETCH_H

#include "agent/image/chunk_id.h"
#include "agent/image/store.h"

struct chunk_fetcher;

/* `s` must outlive the fetcher and be used by the same thread. NULL with *f. */
struct chunk_fetcher *chunk_fetcher_new(struct store *s, struct failure *f);
void chunk_fetcher_free(struct chunk_fetcher *c);

/* Fetches and decompresses the chunk `id` of `size` bytes into `ret` without hashing it. *ret_good is false when it is
 * no frame of that size. Returns the bytes fetched, or -1 with *f. */
long chunk_fetch_unverified(struct chunk_fetcher *c, const uint8_t id[CHUNK_ID_SIZE], void *ret, size_t size,
                            bool *ret_good, struct failure *f);

/* Fetches, decompresses and verifies. A chunk that is not what its id says is fetched once more: it may have been
 * damaged on the way. Returns 0, or -1 with *f; "bad-chunk" names the id and `what` it is part of. */
int chunk_fetch(struct chunk_fetcher *c, const uint8_t id[CHUNK_ID_SIZE], void *ret, size_t size, const char *what,
                struct failure *f);

#endif
