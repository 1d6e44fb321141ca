/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/chunk_batch.h"

#include <stdlib.h>
#include <string.h>

#define HEAD (CHUNK_ID_SIZE + 4)
#define ENTRY_MAX (HEAD + CHUNK_FRAME_BOUND)
#define ROOM ((size_t)6 * ENTRY_MAX)

struct chunk_batch *chunk_batch_new(struct failure *f)
{
    struct chunk_batch *b = malloc(sizeof(*b) + ROOM);

    if (!b) {
        fail(f, "out-of-memory", "no memory to send chunks from");
        return NULL;
    }
    b->room = ROOM;
    chunk_batch_clear(b);
    return b;
}

bool chunk_batch_full(const struct chunk_batch *b)
{
    return b->count == CHUNK_BATCH || b->room - b->size < ENTRY_MAX;
}

void chunk_batch_clear(struct chunk_batch *b)
{
    b->count = 0;
    b->size = 0;
}

int chunk_batch_add(struct chunk_batch *b, struct chunk_packer *p, const uint8_t id[CHUNK_ID_SIZE], const void *data,
                    size_t size, struct failure *f)
{
    uint8_t *head = b->bytes + b->size;
    size_t n;

    if (chunk_pack_into(p, data, size, head + HEAD, b->room - b->size - HEAD, &n, f))
        return -1;
    memcpy(head, id, CHUNK_ID_SIZE);
    for (unsigned i = 0; i < 4; i++)
        head[CHUNK_ID_SIZE + i] = (uint8_t)(n >> (8 * i));
    b->size += HEAD + n;
    b->count++;
    return 0;
}

bool chunk_batch_next(const struct chunk_batch *b, size_t *at, const uint8_t **ret_id, const uint8_t **ret_frame,
                      size_t *ret_size)
{
    const uint8_t *head = b->bytes + *at;

    if (*at == b->size)
        return false;
    *ret_id = head;
    *ret_frame = head + HEAD;
    *ret_size = 0;
    for (unsigned i = 0; i < 4; i++)
        *ret_size |= (size_t)head[CHUNK_ID_SIZE + i] << (8 * i);
    *at += HEAD + *ret_size;
    return true;
}
