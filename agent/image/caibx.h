/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A casync blob index (.caibx) with chunks of one fixed size: docs/image-format.md, "Index". The index is kept in
 * memory as the bytes of its file: 40 bytes for each MiB of the partition. */
#ifndef SLIPWAY_AGENT_CAIBX_H
#define SLIPWAY_AGENT_CAIBX_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/image/chunk_id.h"

struct caibx {
    uint64_t size;  /* bytes that the index describes; more than 0 */
    size_t count;   /* chunks: size / CHUNK_SIZE, rounded up */
    uint8_t *bytes; /* the file, owned */
    size_t bytes_size;
};

/* An index for `size` bytes (more than 0) whose ids are all zero bytes until they are set. Returns 0, or -1 with *f
 * (out-of-memory). */
int caibx_init(struct caibx *x, uint64_t size, struct failure *f);

/* Takes over `bytes` (malloc'ed, untrusted), whatever the result, and checks every field: the constants, the chunk
 * size, that the chunks have the fixed size and end at exactly `size`, the tail. `name` is for the message. Returns 0,
 * or -1 with *f (bad-image). */
int caibx_adopt(struct caibx *x, uint8_t *bytes, size_t bytes_size, uint64_t size, const char *name, struct failure *f);

/* Bytes of the index file for `size` bytes. */
uint64_t caibx_file_size(uint64_t size);

void caibx_free(struct caibx *x);

/* The same index as if it ended at `size`, which is at most what it was made for: whole chunks, or all of it. It uses x's
 * bytes. */
struct caibx caibx_part(const struct caibx *x, uint64_t size);

/* `i` must be less than x->count. Different chunks may be set from different threads. */
void caibx_set_id(struct caibx *x, size_t i, const uint8_t id[CHUNK_ID_SIZE]);
const uint8_t *caibx_id(const struct caibx *x, size_t i);

/* Bytes in chunk i: CHUNK_SIZE for all but the last. */
size_t caibx_chunk_size(const struct caibx *x, size_t i);

#endif
