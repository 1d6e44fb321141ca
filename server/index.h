/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's reader of casync blob indexes (docs/image-format.md, "Index"): every length is checked before it is
 * used. */
#ifndef SLIPWAY_SERVER_INDEX_H
#define SLIPWAY_SERVER_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "server/refusal.h"

#define CHUNK_SIZE 1048576u

struct index {
    const uint8_t *items; /* points into the bytes that were parsed */
    size_t count;         /* chunks */
    uint64_t blob_size;   /* bytes of what the index describes */
};

/* Parses `size` untrusted bytes, which must outlive *ret. `name` is for the message. Returns 0, or -1 with *r (400
 * bad-index) and *ret untouched. */
int index_parse(const char *name, const uint8_t *data, size_t size, struct index *ret, struct refusal *r);

/* The id of chunk `i` (below .count): 32 bytes. */
const uint8_t *index_chunk(const struct index *x, size_t i);

#endif
