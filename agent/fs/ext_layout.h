/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ext2, ext3 and ext4 keep their metadata: superblock and group descriptors, checked. Names and rules as in the
 * kernel's Documentation/filesystems/ext4. */
#ifndef SLIPWAY_AGENT_EXT_LAYOUT_H
#define SLIPWAY_AGENT_EXT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/fs/block_map.h"

#define EXT_BLOCK_MAX 65536

struct ext_layout {
    uint32_t block_size, cluster_ratio; /* bytes; blocks in a cluster (1 without bigalloc) */
    uint64_t blocks, first_block;       /* all blocks; the first of group 0 */
    uint64_t free_blocks;
    uint32_t blocks_per_group, clusters_per_group;
    uint32_t groups, descriptor_size, descriptors_per_block;
    uint32_t descriptor_blocks, reserved_descriptor_blocks, first_meta_group;
    uint32_t inode_table_blocks;
    uint32_t super_block; /* the block that holds the superblock of group 0 */
    bool meta_groups, sparse, sparse2, group_crc16, metadata_crc32;
    uint32_t backup_groups[2];
    uint32_t seed; /* metadata_crc32: where checksums start */
    uint8_t uuid[16];
};

struct ext_group {
    uint64_t first, count;                      /* blocks */
    uint64_t bitmap, inode_bitmap, inode_table; /* block numbers, each inside the file system */
    uint32_t free_clusters;
    bool bitmap_uninit;       /* the bitmap was never written: only metadata is used */
    uint32_t bitmap_crc;      /* what the descriptor says */
    unsigned bitmap_crc_bits; /* 0: nothing to compare, else 16 or 32 */
};

/* Reads and checks the superblock. Returns 0, or -1 with a doubt. */
int ext_layout_read(struct fs_source *s, struct ext_layout *l);

/* Reads and checks the descriptor of group g (less than l->groups). Returns 0, or -1 with a doubt. */
int ext_group_read(struct fs_source *s, const struct ext_layout *l, uint32_t g, struct ext_group *ret);

/* Whether group g starts with a copy of the superblock. */
bool ext_group_has_super(const struct ext_layout *l, uint32_t g);

/* How many blocks at the start of group g hold superblock, descriptors and room for more of them. */
uint64_t ext_group_head_blocks(const struct ext_layout *l, uint32_t g);

#endif
