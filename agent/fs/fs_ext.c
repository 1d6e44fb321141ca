/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used blocks of ext2, ext3 and ext4. Every count that the file system keeps twice is compared. */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fs/ext_layout.h"
#include "agent/fs/fs_crc.h"

/* A map's unit is a cluster; clusters are counted from first_block. */
static void mark_blocks(struct fs_source *s, const struct ext_layout *l, uint64_t block, uint64_t count)
{
    uint64_t first = (block - l->first_block) / l->cluster_ratio;
    uint64_t last = (block + count - 1 - l->first_block) / l->cluster_ratio;

    fs_map_mark(s->map, first, last - first + 1);
}

/* All metadata of a group, wherever flex_bg has put it: bitmaps that were never written do not say so themselves. */
static void mark_metadata(struct fs_source *s, const struct ext_layout *l, uint32_t g, const struct ext_group *group)
{
    uint64_t head = ext_group_head_blocks(l, g);

    if (head)
        mark_blocks(s, l, group->first, head);
    mark_blocks(s, l, group->bitmap, 1);
    mark_blocks(s, l, group->inode_bitmap, 1);
    mark_blocks(s, l, group->inode_table, l->inode_table_blocks);
}

static int check_bitmap_crc(struct fs_source *s, const struct ext_layout *l, uint32_t g, const struct ext_group *group,
                            const uint8_t *bitmap)
{
    uint32_t mask = group->bitmap_crc_bits == 32 ? UINT32_MAX : 0xffff;

    if (!group->bitmap_crc_bits)
        return 0;
    if ((fs_crc32c(l->seed, bitmap, l->clusters_per_group / 8) & mask) != group->bitmap_crc)
        return fs_doubt(s, "ext: the checksum of the block bitmap of group %" PRIu32 " is wrong", g);
    return 0;
}

static int mark_bitmap(struct fs_source *s, const struct ext_layout *l, uint32_t g, const struct ext_group *group,
                       uint8_t *bitmap)
{
    uint64_t clusters = (group->count + l->cluster_ratio - 1) / l->cluster_ratio, used = 0;
    uint64_t first = (uint64_t)g * l->clusters_per_group;

    if (fs_read(s, group->bitmap * l->block_size, bitmap, l->block_size) || check_bitmap_crc(s, l, g, group, bitmap))
        return -1;
    /* clusters_per_group is a multiple of 8: each group's bits begin a byte of the map. */
    for (uint64_t i = 0; i < clusters / 8; i++)
        used += (uint64_t)__builtin_popcount(bitmap[i]);
    /* Pages of the map that nobody writes take no memory. */
    if (used)
        memcpy(s->map->bits + first / 8, bitmap, (size_t)(clusters / 8));
    for (uint64_t i = clusters - clusters % 8; i < clusters; i++)
        if (bitmap[i / 8] >> i % 8 & 1) {
            fs_map_mark(s->map, first + i, 1);
            used++;
        }
    if (clusters - used != group->free_clusters)
        return fs_doubt(s, "ext: group %" PRIu32 " has %" PRIu64 " free clusters, its descriptor says %" PRIu32, g,
                        clusters - used, group->free_clusters);
    return 0;
}

/* First what the bitmaps say, then the metadata on top: metadata that a bitmap calls free is a contradiction. */
static int map_groups(struct fs_source *s, const struct ext_layout *l, uint8_t *bitmap)
{
    struct ext_group group;
    uint64_t free_clusters = 0;

    for (uint32_t g = 0; g < l->groups; g++) {
        if (ext_group_read(s, l, g, &group))
            return -1;
        if (!group.bitmap_uninit && mark_bitmap(s, l, g, &group, bitmap))
            return -1;
        free_clusters += group.free_clusters;
    }
    if (free_clusters * l->cluster_ratio != l->free_blocks)
        return fs_doubt(s, "ext: its groups have %" PRIu64 " free blocks, the superblock says %" PRIu64,
                        free_clusters * l->cluster_ratio, l->free_blocks);
    return 0;
}

static uint64_t count_marked(const struct block_map *m)
{
    uint64_t marked = 0;

    for (uint64_t i = 0; i < m->count / 8 + 1; i++)
        marked += (uint64_t)__builtin_popcount(m->bits[i]);
    return marked;
}

static int map_metadata(struct fs_source *s, const struct ext_layout *l)
{
    struct ext_group group;

    for (uint32_t g = 0; g < l->groups; g++) {
        if (ext_group_read(s, l, g, &group))
            return -1;
        mark_metadata(s, l, g, &group);
    }
    if (s->map->count - count_marked(s->map) != l->free_blocks / l->cluster_ratio)
        return fs_doubt(s,
                        "ext: %" PRIu64 " clusters are free once its metadata is counted, the superblock says %" PRIu64,
                        s->map->count - count_marked(s->map), l->free_blocks / l->cluster_ratio);
    return 0;
}

static int map_all(struct fs_source *s, const struct ext_layout *l)
{
    uint64_t blocks = l->blocks - l->first_block;
    uint8_t *bitmap;
    int result;

    /* A last cluster that is only partly there counts as a whole one; its tail is beyond the file system's end. */
    if (fs_map_init(s, l->first_block * l->block_size, (uint64_t)l->block_size * l->cluster_ratio,
                    (blocks + l->cluster_ratio - 1) / l->cluster_ratio))
        return -1;
    bitmap = malloc(l->block_size);
    if (!bitmap)
        return fs_doubt(s, "no memory for a block bitmap");
    result = map_groups(s, l, bitmap) || map_metadata(s, l) ? -1 : 0;
    free(bitmap);
    return result;
}

int fs_ext_map(struct fs_source *s)
{
    struct ext_layout l;

    return ext_layout_read(s, &l) ? -1 : map_all(s, &l);
}
