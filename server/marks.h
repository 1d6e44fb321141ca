/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of chunks that images name. Images name the same chunks over and over (free space is one chunk of zeros), so
 * that its memory follows the chunks that differ, not the sizes of the disks. */
#ifndef SLIPWAY_SERVER_MARKS_H
#define SLIPWAY_SERVER_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/index.h"
#include "server/names.h"

/* All zeros is the empty set. */
struct marks {
    uint8_t (*ids)[CHUNK_ID];
    size_t count, room; /* used and allocated; the room is at most four times the chunks that differ, or 4096 */
};

/* Adds the chunks of an index. Returns 0, or -1 when out of memory. */
int marks_add(struct marks *m, const struct index *x);

/* Sorts the set. To be called between the last marks_add and the first marks_has. */
void marks_sort(struct marks *m);

/* Whether a chunk is in the set. */
bool marks_has(const struct marks *m, const uint8_t id[CHUNK_ID]);

/* Frees what the set holds. */
void marks_release(struct marks *m);

#endif
