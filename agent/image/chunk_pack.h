/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chunk into a zstd frame and back. One of each belongs to one thread. */
#ifndef SLIPWAY_AGENT_CHUNK_PACK_H
#define SLIPWAY_AGENT_CHUNK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

struct chunk_packer;
struct chunk_unpacker;

/* `level`: zstd's; 0 means 1. NULL with *f (out-of-memory). */
struct chunk_packer *chunk_packer_new(int level, struct failure *f);
void chunk_packer_free(struct chunk_packer *p);

/* Compresses at most CHUNK_SIZE bytes; the frame says how many and belongs to the packer until its next use. Returns 0,
 * or -1 with *f (internal). */
int chunk_pack(struct chunk_packer *p, const void *data, size_t size, const void **ret_frame, size_t *ret_size,
               struct failure *f);

/* No frame of a chunk is larger: ZSTD_COMPRESSBOUND(CHUNK_SIZE). */
#define CHUNK_FRAME_BOUND (1024u * 1024 + 4096)

/* The same into `room` bytes (at least CHUNK_FRAME_BOUND) of the caller's. */
int chunk_pack_into(struct chunk_packer *p, const void *data, size_t size, void *ret, size_t room, size_t *ret_size,
                    struct failure *f);

struct chunk_unpacker *chunk_unpacker_new(struct failure *f);
void chunk_unpacker_free(struct chunk_unpacker *u);

/* Decompresses an untrusted frame that must hold exactly `size` bytes. Returns false when it does not; `ret` may then
 * hold anything. The content is not verified: that is its id's task. */
bool chunk_unpack(struct chunk_unpacker *u, const void *frame, size_t frame_size, void *ret, size_t size);

#endif
