/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/chunk_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "agent/image/chunk_pack.h"

struct chunk_fetcher {
    struct store *store;
    struct chunk_unpacker *unpacker;
    struct buffer frame;
};

struct chunk_fetcher *chunk_fetcher_new(struct store *s, struct failure *f)
{
    struct chunk_fetcher *c = calloc(1, sizeof(*c));

    if (!c) {
        fail(f, "out-of-memory", "no memory to fetch chunks");
        return NULL;
    }
    c->store = s;
    c->unpacker = chunk_unpacker_new(f);
    if (c->unpacker)
        return c;
    free(c);
    return NULL;
}

void chunk_fetcher_free(struct chunk_fetcher *c)
{
    if (!c)
        return;
    chunk_unpacker_free(c->unpacker);
    free(c->frame.data);
    free(c);
}

long chunk_fetch_unverified(struct chunk_fetcher *c, const uint8_t id[CHUNK_ID_SIZE], void *ret, size_t size,
                            bool *ret_good, struct failure *f)
{
    if (store_get_chunk(c->store, id, &c->frame, f))
        return -1;
    *ret_good = chunk_unpack(c->unpacker, c->frame.data, c->frame.size, ret, size);
    return (long)c->frame.size;
}

int chunk_fetch(struct chunk_fetcher *c, const uint8_t id[CHUNK_ID_SIZE], void *ret, size_t size, const char *what,
                struct failure *f)
{
    char hex[CHUNK_TEXT_SIZE];
    uint8_t found[CHUNK_ID_SIZE];
    bool good = false;

    chunk_id_format(id, hex);
    for (int tries = 0; tries < 2; tries++) {
        if (chunk_fetch_unverified(c, id, ret, size, &good, f) < 0)
            return strcmp(f->reason, "bad-chunk") ? -1
                                                  : fail(f, "bad-chunk", "%s: chunk %s: %.200s", what, hex, f->message);
        if (good)
            chunk_id_compute(ret, size, found);
        if (good && !memcmp(found, id, CHUNK_ID_SIZE))
            return 0;
    }
    return fail(f, "bad-chunk", "%s: chunk %s is damaged in the store (%s)", what, hex,
                good ? "its content has another hash" : "it does not decompress to its size");
}
