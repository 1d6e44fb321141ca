/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/xfs_btree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/be.h"

#define LEVELS_MAX 9
#define RECORD_SIZE 8
#define HEADER_CRC 52

struct walk {
    struct fs_source *source;
    const struct xfs_layout *layout;
    const struct xfs_ag *group;
    enum xfs_tree tree;
    xfs_free_extent *each;
    void *arg;
    uint8_t *blocks;           /* one per level, the leaf's first */
    uint32_t last[LEVELS_MAX]; /* the block visited last on each level, and its right neighbour */
    uint32_t expected[LEVELS_MAX];
    bool any; /* a record was seen; the next two are its */
    uint32_t block, count;
};

static int doubt(struct walk *w, const char *what, uint32_t block)
{
    return fs_doubt(w->source, "XFS: %s (free-space tree of group %" PRIu32 ", block %" PRIu32 ")", what,
                    w->group->number, block);
}

static uint32_t header_size(const struct walk *w)
{
    return w->layout->checksums ? 56 : 16;
}

static int check_identity(struct walk *w, const uint8_t *data, uint32_t block)
{
    const struct xfs_layout *l = w->layout;
    uint64_t sector = ((uint64_t)w->group->number * l->ag_blocks + block) * (l->block_size / 512);

    if (!l->checksums)
        return 0;
    if (!xfs_crc_is_right(data, l->block_size, HEADER_CRC))
        return doubt(w, "a checksum is wrong", block);
    if (be64_read(data + 16) != sector || memcmp(data + 32, l->meta_uuid, 16) ||
        be32_read(data + 48) != w->group->number)
        return doubt(w, "a block belongs elsewhere", block);
    return 0;
}

static int check_header(struct walk *w, const uint8_t *data, uint32_t block, uint32_t level)
{
    static const char magic[2][2][5] = {{"ABTB", "ABTC"}, {"AB3B", "AB3C"}};
    uint32_t records = be16_read(data + 6), entry = level ? RECORD_SIZE + 4 : RECORD_SIZE;

    if (memcmp(data, magic[w->layout->checksums][w->tree], 4) || be16_read(data + 4) != level)
        return doubt(w, "a block is none of the tree's or of another level", block);
    if (records > (w->layout->block_size - header_size(w)) / entry)
        return doubt(w, "a block has too many records", block);
    if (!records && w->group->levels[w->tree] > 1)
        return doubt(w, "a block is empty", block);
    if (be32_read(data + 8) != w->last[level] || (w->last[level] != XFS_NO_BLOCK && block != w->expected[level]))
        return doubt(w, "neighbours do not agree", block);
    w->last[level] = block;
    w->expected[level] = be32_read(data + 12);
    return check_identity(w, data, block);
}

static bool in_order(const struct walk *w, uint32_t block, uint32_t count)
{
    if (!w->any)
        return true;
    if (w->tree == XFS_BY_BLOCK)
        return block >= w->block && block - w->block >= w->count;
    return count > w->count || (count == w->count && block > w->block);
}

static int visit_leaf(struct walk *w, const uint8_t *data, uint32_t leaf)
{
    for (uint32_t i = 0; i < be16_read(data + 6); i++) {
        const uint8_t *record = data + header_size(w) + i * RECORD_SIZE;
        uint32_t block = be32_read(record), count = be32_read(record + 4);

        if (block >= w->group->blocks || !count || count > w->group->blocks - block)
            return doubt(w, "a record lies outside", leaf);
        if (!in_order(w, block, count))
            return doubt(w, "records are out of order", leaf);
        w->any = true;
        w->block = block;
        w->count = count;
        if (w->each(w->arg, block, count))
            return -1;
    }
    return 0;
}

/* No deeper than the levels that the group's header names: each step down must find the next lower level. */
static int visit(struct walk *w, uint32_t block, uint32_t level)
{
    uint32_t size = w->layout->block_size, pointers;
    uint8_t *data = w->blocks + (size_t)level * size;

    if (block >= w->group->blocks)
        return doubt(w, "a pointer leads outside", block);
    if (fs_read(w->source, ((uint64_t)w->group->number * w->layout->ag_blocks + block) * size, data, size) ||
        check_header(w, data, block, level))
        return -1;
    if (level == 0)
        return visit_leaf(w, data, block);
    pointers = header_size(w) + (size - header_size(w)) / (RECORD_SIZE + 4) * RECORD_SIZE;
    for (uint32_t i = 0; i < be16_read(data + 6); i++)
        if (visit(w, be32_read(data + pointers + 4 * i), level - 1))
            return -1;
    return 0;
}

static int check_ends(struct walk *w)
{
    for (uint32_t level = 0; level < w->group->levels[w->tree]; level++)
        if (w->expected[level] != XFS_NO_BLOCK)
            return doubt(w, "a level goes on after its end", w->last[level]);
    return 0;
}

int xfs_btree_walk(struct fs_source *s, const struct xfs_layout *l, const struct xfs_ag *g, enum xfs_tree tree,
                   xfs_free_extent *each, void *arg)
{
    struct walk w = {.source = s, .layout = l, .group = g, .tree = tree, .each = each, .arg = arg};
    uint32_t levels = g->levels[tree];
    int result;

    memset(w.last, 0xff, sizeof(w.last));
    memset(w.expected, 0xff, sizeof(w.expected));
    w.blocks = malloc((size_t)levels * l->block_size);
    if (!w.blocks)
        return fs_doubt(s, "no memory for the free-space tree of group %" PRIu32, g->number);
    result = visit(&w, g->root[tree], levels - 1) || check_ends(&w) ? -1 : 0;
    free(w.blocks);
    return result;
}
