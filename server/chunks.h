/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chunk store (docs/image-format.md, "Chunks"): STORE/chunks.castr/<4 hex>/<64 hex>.cacnk. Callers hold store_lock
 * for reading. A chunk is written to STORE/tmp and renamed, so a name always has its whole content while the machine
 * runs; it is flushed only by chunks_sync, and recover.c deletes what a power cut has torn. */
#ifndef SLIPWAY_SERVER_CHUNKS_H
#define SLIPWAY_SERVER_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "server/names.h"
#include "server/server.h"

#define CHUNK_FRAME_MAX (2u * 1024 * 1024)

#define CHUNK_BATCH                                                                                                    \
    8 /* chunks in one request, and its bytes: as many as zstd makes of chunks that cannot be compressed */
#define CHUNK_BATCH_BYTES (CHUNK_BATCH * (1024u * 1024 + 8 * 1024))

struct chunk_frame {
    const uint8_t *id, *frame; /* CHUNK_ID bytes; one zstd frame of `size` bytes */
    size_t size;
};

/* Reads the body of PUT /v1/chunks (docs/protocol.md, "Chunks"), untrusted: ids and frames point into it. Returns 0,
 * or -1 with *r (400 bad-request). */
int chunk_batch_parse(const uint8_t *body, size_t size, struct chunk_frame ret[CHUNK_BATCH], size_t *ret_count,
                      struct refusal *r);

/* The path of a chunk's file. */
void chunk_path(const struct server *s, const uint8_t id[CHUNK_ID], char ret[SERVER_PATH + 128]);

/* Whether each of `count` (at most CHUNK_BATCH) frames is one zstd frame with its content size, at most 1 MiB, whose
 * content hashes to its id. Returns 0, or -1 with *r (400 bad-chunk). Waits while many others verify. */
int chunks_verify(const struct chunk_frame *list, size_t count, struct refusal *r);

bool chunk_exists(const struct server *s, const uint8_t id[CHUNK_ID]);

/* Verifies all of `count` (at most CHUNK_BATCH) chunks, then stores them; *ret_new is how many were not there before.
 * Returns 0, or -1 with *r: bad-chunk (none is stored), store-full, internal. */
int chunks_put(struct server *s, const struct chunk_frame *list, size_t count, size_t *ret_new, struct refusal *r);

/* Flushes everything written to the store so far to the disk. Returns 0, or -1 with *r. */
int chunks_sync(struct server *s, struct refusal *r);

/* Calls `each` for every chunk file until it returns nonzero. Returns 0, or -1 with *r when a folder cannot be read or
 * `each` stopped (it fills *r then). */
typedef int chunk_visitor(void *arg, const uint8_t id[CHUNK_ID], const char *path, const struct stat *st,
                          struct refusal *r);
int chunks_visit(const struct server *s, chunk_visitor *each, void *arg, struct refusal *r);

#endif
