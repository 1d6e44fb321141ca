/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/chunks.h"

#define HEAD (CHUNK_ID + 4) /* id, then the frame's size, little-endian */

static size_t frame_size(const uint8_t *p)
{
    return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

int chunk_batch_parse(const uint8_t *body, size_t size, struct chunk_frame ret[CHUNK_BATCH], size_t *ret_count,
                      struct refusal *r)
{
    size_t at = 0, count = 0;

    while (at < size) {
        if (count == CHUNK_BATCH)
            return refuse(r, 400, "bad-request", "more than %d chunks at once", CHUNK_BATCH);
        if (size - at < HEAD)
            return refuse(r, 400, "bad-request", "%zu bytes are left behind chunk %zu", size - at, count);
        ret[count] = (struct chunk_frame){body + at, body + at + HEAD, frame_size(body + at + CHUNK_ID)};
        at += HEAD;
        if (ret[count].size > CHUNK_FRAME_MAX || ret[count].size > size - at)
            return refuse(r, 400, "bad-request", "chunk %zu says that it has %zu bytes, %zu are left", count,
                          ret[count].size, size - at);
        at += ret[count++].size;
    }
    *ret_count = count;
    return 0;
}
