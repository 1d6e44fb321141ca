/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exFAT's directories: every cluster that a file or directory has must be in the allocation bitmap, and in one file
 * alone. */
#ifndef SLIPWAY_AGENT_EXFAT_TREE_H
#define SLIPWAY_AGENT_EXFAT_TREE_H

#include "agent/fs/exfat_volume.h"

/* One of the files that only the root directory names. */
struct exfat_special {
    bool found;
    uint32_t first; /* cluster */
    uint64_t bytes;
    uint32_t checksum; /* of the up-case table */
};

struct exfat_specials {
    struct exfat_special bitmaps[2]; /* the second one belongs to TexFAT's second FAT */
    struct exfat_special up_case;
};

/* Finds them in the root directory. Returns 0, or -1 with a doubt: one is missing, or there twice. */
int exfat_tree_specials(struct exfat *x, struct exfat_specials *ret);

/* Walks through all directories, comparing with the map's bits. Returns 0, or -1 with a doubt. */
int exfat_tree_check(struct exfat *x, const struct exfat_specials *specials);

#endif
