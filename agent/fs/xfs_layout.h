/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where XFS (versions 4 and 5) keeps its free space: superblock and the headers of its allocation groups, checked.
 * Names as in "XFS Filesystem Disk Structures". */
#ifndef SLIPWAY_AGENT_XFS_LAYOUT_H
#define SLIPWAY_AGENT_XFS_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/fs/block_map.h"

#define XFS_BLOCK_MAX 65536
#define XFS_NO_BLOCK UINT32_MAX
#define XFS_AG_HEADER_SECTORS 4 /* superblock, AGF, AGI, AGFL */

struct xfs_layout {
    uint32_t block_size, sector_size; /* bytes */
    uint64_t blocks, free_blocks;     /* of the whole file system */
    uint32_t ag_blocks, ags;
    uint64_t log_start; /* block, counted from the start of the file system */
    uint32_t log_blocks;
    bool checksums;        /* version 5 */
    bool lazy_count;       /* free_blocks is exact after a clean unmount only, and counts the blocks of the trees */
    uint8_t uuid[16];      /* what a person sees; the log carries it */
    uint8_t meta_uuid[16]; /* what version 5 metadata carries */
};

enum xfs_tree { XFS_BY_BLOCK, XFS_BY_SIZE };

struct xfs_ag {
    uint32_t number, blocks;
    uint32_t root[2], levels[2]; /* by enum xfs_tree; levels: 1 is a single leaf */
    uint32_t free_blocks, longest, list_blocks, tree_blocks;
};

/* Reads and checks the superblock, and the copy in the second group where there is one. Returns 0, or -1 with a doubt.
 */
int xfs_layout_read(struct fs_source *s, struct xfs_layout *l);

/* Reads and checks the AGF of group `number` (less than l->ags). Returns 0, or -1 with a doubt. */
int xfs_ag_read(struct fs_source *s, const struct xfs_layout *l, uint32_t number, struct xfs_ag *ret);

/* The checksum (at crc_offset, little-endian) of a piece of version 5 metadata. */
bool xfs_crc_is_right(const uint8_t *data, size_t size, size_t crc_offset);

#endif
