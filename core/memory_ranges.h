/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which memory of a machine may be used, by the map that a BIOS gives (INT 15h, E820h), and places in it. */
#ifndef SLIPWAY_CORE_MEMORY_RANGES_H
#define SLIPWAY_CORE_MEMORY_RANGES_H

#include "core/base.h"

#define MEMORY_PAGE 4096
#define MEMORY_USABLE 1
#define MEMORY_TAKEN_MAX 16

/* As the BIOS, and Linux's boot_params, have it: 20 bytes. */
struct memory_range {
    uint64_t start, size;
    uint32_t type; /* MEMORY_USABLE, or what it is used for */
} __attribute__((packed));

struct memory_ranges {
    const struct memory_range *map; /* the caller's; in any order, overlaps and all */
    unsigned count;
    struct memory_range taken[MEMORY_TAKEN_MAX];
    unsigned taken_count; /* 0: nothing is taken */
};

/* Is all of [start, start + size) in one usable range, in no other, and not taken? */
bool memory_ranges_free(const struct memory_ranges *m, uint64_t start, uint64_t size);

/* Takes `size` bytes in one piece: as high as possible, beginning at a page and not below `low`, with no byte above
 * `high`. Returns where; 0 when there is no room, or MEMORY_TAKEN_MAX pieces are taken already. */
uint64_t memory_ranges_take(struct memory_ranges *m, uint64_t size, uint64_t low, uint64_t high);

/* Of the piece that was taken at `start`, no more than the first `size` bytes stay taken; 0: it is given back. Does
 * nothing where no piece was. */
void memory_ranges_shrink(struct memory_ranges *m, uint64_t start, uint64_t size);

#endif
