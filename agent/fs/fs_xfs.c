/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used blocks of XFS: all but what the by-block trees of free space list. Both trees of each group must say the
 * same, and their sums what the headers say. Blocks kept ready for the trees (AGFL) are in no tree and so count as
 * used. */
#include "agent/fs/block_map.h"

#include <inttypes.h>

#include "agent/fs/xfs_btree.h"
#include "agent/fs/xfs_layout.h"
#include "agent/fs/xfs_log.h"

/* What one walk has seen: enough to tell whether two trees list the same extents, in whichever order. */
struct extents {
    uint64_t records, blocks, mixed;
    uint32_t longest;
};

struct group_map {
    struct block_map *map;
    uint64_t first;   /* the group's first block */
    uint32_t reached; /* blocks of the group that are marked or known to be free */
    struct extents by_block, by_size;
};

static void count_extent(struct extents *e, uint32_t block, uint32_t count)
{
    uint64_t x = ((uint64_t)block << 32 | count) * 0x9e3779b97f4a7c15u;

    e->records++;
    e->blocks += count;
    e->mixed += x ^ x >> 29;
    if (count > e->longest)
        e->longest = count;
}

static int mark_before(void *arg, uint32_t block, uint32_t count)
{
    struct group_map *g = arg;

    count_extent(&g->by_block, block, count);
    fs_map_mark(g->map, g->first + g->reached, block - g->reached);
    g->reached = block + count;
    return 0;
}

static int compare_by_size(void *arg, uint32_t block, uint32_t count)
{
    struct group_map *g = arg;

    count_extent(&g->by_size, block, count);
    return 0;
}

static int check_sums(struct fs_source *s, const struct xfs_ag *ag, const struct group_map *g)
{
    if (g->by_block.records != g->by_size.records || g->by_block.blocks != g->by_size.blocks ||
        g->by_block.mixed != g->by_size.mixed)
        return fs_doubt(s, "XFS: the two free-space trees of group %" PRIu32 " differ", ag->number);
    if (g->by_block.blocks != ag->free_blocks || g->by_block.longest != ag->longest)
        return fs_doubt(s, "XFS: group %" PRIu32 " has %" PRIu64 " free blocks, its header says %" PRIu32, ag->number,
                        g->by_block.blocks, ag->free_blocks);
    return 0;
}

static int map_group(struct fs_source *s, const struct xfs_layout *l, const struct xfs_ag *ag)
{
    struct group_map g = {.map = s->map, .first = (uint64_t)ag->number * l->ag_blocks};
    uint32_t headers = (XFS_AG_HEADER_SECTORS * l->sector_size + l->block_size - 1) / l->block_size;

    if (xfs_btree_walk(s, l, ag, XFS_BY_BLOCK, mark_before, &g) ||
        xfs_btree_walk(s, l, ag, XFS_BY_SIZE, compare_by_size, &g) || check_sums(s, ag, &g))
        return -1;
    fs_map_mark(s->map, g.first + g.reached, ag->blocks - g.reached);
    for (uint32_t i = 0; i < headers; i++)
        if (!fs_map_is_marked(s->map, g.first + i))
            return fs_doubt(s, "XFS: the headers of group %" PRIu32 " are listed as free", ag->number);
    if (!fs_map_is_marked(s->map, g.first + ag->root[0]) || !fs_map_is_marked(s->map, g.first + ag->root[1]))
        return fs_doubt(s, "XFS: a free-space tree of group %" PRIu32 " is listed as free", ag->number);
    return 0;
}

static int check_log_is_used(struct fs_source *s, const struct xfs_layout *l)
{
    for (uint32_t i = 0; i < l->log_blocks; i++)
        if (!fs_map_is_marked(s->map, l->log_start + i))
            return fs_doubt(s, "XFS: its log is listed as free");
    return 0;
}

int fs_xfs_map(struct fs_source *s)
{
    struct xfs_layout l;
    struct xfs_ag ag;
    uint64_t free_blocks = 0;

    if (xfs_layout_read(s, &l) || xfs_log_check(s, &l) || fs_map_init(s, 0, l.block_size, l.blocks))
        return -1;
    for (uint32_t i = 0; i < l.ags; i++) {
        if (xfs_ag_read(s, &l, i, &ag) || map_group(s, &l, &ag))
            return -1;
        free_blocks += (uint64_t)ag.free_blocks + ag.list_blocks + ag.tree_blocks;
    }
    if (l.lazy_count && free_blocks != l.free_blocks)
        return fs_doubt(s, "XFS: its groups have %" PRIu64 " free blocks, the superblock says %" PRIu64, free_blocks,
                        l.free_blocks);
    return check_log_is_used(s, &l);
}
