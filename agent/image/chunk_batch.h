/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chunks on their way into a store: up to CHUNK_BATCH frames in the form in which a server takes them at once
 * (docs/protocol.md, PUT /v1/chunks): each its id, the frame's size (4 bytes, little-endian) and the frame. */
#ifndef SLIPWAY_AGENT_CHUNK_BATCH_H
#define SLIPWAY_AGENT_CHUNK_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/image/chunk_id.h"
#include "agent/image/chunk_pack.h"

#define CHUNK_BATCH 8

struct chunk_batch {
    unsigned count;
    size_t size, room; /* of bytes */
    uint8_t bytes[];
};

/* Room for several chunks that cannot be compressed, or for CHUNK_BATCH usual ones. NULL with *f (out-of-memory).
 * Release with free. */
struct chunk_batch *chunk_batch_new(struct failure *f);

/* Whether one more chunk may not fit: send it, then empty it by chunk_batch_clear. */
bool chunk_batch_full(const struct chunk_batch *b);
void chunk_batch_clear(struct chunk_batch *b);

/* Compresses a chunk of at most CHUNK_SIZE bytes into the batch, which must not be full. Returns 0, or -1 with *f
 * (internal). */
int chunk_batch_add(struct chunk_batch *b, struct chunk_packer *p, const uint8_t id[CHUNK_ID_SIZE], const void *data,
                    size_t size, struct failure *f);

/* The frame at *at (0 at first), which moves on to the next. Returns false at the end. The batch is one of ours:
 * nothing is checked. */
bool chunk_batch_next(const struct chunk_batch *b, size_t *at, const uint8_t **ret_id, const uint8_t **ret_frame,
                      size_t *ret_size);

#endif
