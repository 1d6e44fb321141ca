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

/* The path of a chunk's file. */
void chunk_path(const struct server *s, const uint8_t id[CHUNK_ID], char ret[SERVER_PATH + 128]);

/* Whether `size` bytes are one zstd frame with its content size, at most 1 MiB, whose content hashes to `id`. Returns
 * 0, or -1 with *r (400 bad-chunk). */
int chunk_verify(const uint8_t id[CHUNK_ID], const uint8_t *frame, size_t size, struct refusal *r);

bool chunk_exists(const struct server *s, const uint8_t id[CHUNK_ID]);

/* Verifies and stores a chunk; *ret_new tells whether it was not there before. Returns 0, or -1 with *r: bad-chunk,
 * store-full, internal. */
int chunk_put(struct server *s, const uint8_t id[CHUNK_ID], const uint8_t *frame, size_t size, bool *ret_new,
              struct refusal *r);

/* Flushes everything written to the store so far to the disk. Returns 0, or -1 with *r. */
int chunks_sync(struct server *s, struct refusal *r);

/* Calls `each` for every chunk file until it returns nonzero. Returns 0, or -1 with *r when a folder cannot be read or
 * `each` stopped (it fills *r then). */
typedef int chunk_visitor(void *arg, const uint8_t id[CHUNK_ID], const char *path, const struct stat *st,
                          struct refusal *r);
int chunks_visit(const struct server *s, chunk_visitor *each, void *arg, struct refusal *r);

#endif
