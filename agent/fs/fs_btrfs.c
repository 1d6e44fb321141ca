/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used blocks of btrfs on one device: the extents of the extent tree, at every place where their chunk is kept. The
 * extent tree is what btrfs itself goes by (free-space trees and caches are made from it), and each block group repeats
 * the sum of its extents. Nothing is ever written in place, so a volume without a log is whole as of its last commit.
 */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/btrfs_tree.h"
#include "agent/fs/btrfs_volume.h"

#define EXTENT_TREE 2
#define BLOCK_GROUP_TREE 11

#define ROOT_ITEM 132
#define EXTENT_ITEM 168
#define METADATA_ITEM 169
#define BLOCK_GROUP_ITEM 192

#define ROOT_ITEM_SIZE 239
#define BLOCK_GROUP_SIZE 24

#define HEAD (1024 * 1024) /* boot loaders and the first superblock; never in a chunk since 2014 */
#define SUPER_COPY 65536   /* bytes from the start of each copy of the superblock that no extent uses */

struct mapping {
    struct btrfs_volume volume;
    struct btrfs_chunks found; /* while the chunk tree is walked */
    struct btrfs_root extent_tree, group_tree;
    uint64_t extents_end; /* of the last extent, logical */
    uint64_t used;
};

static int add_chunk(void *arg, const struct btrfs_key *key, const uint8_t *data, uint32_t size)
{
    struct mapping *m = arg;

    if (key->type != BTRFS_CHUNK_ITEM)
        return 0;
    return btrfs_chunk_add(&m->volume, &m->found, key, data, size) ? 0 : -1;
}

/* The superblock's own chunks lead to the chunk tree, which has all of them. */
static int read_chunk_tree(struct mapping *m)
{
    if (btrfs_tree_walk(&m->volume, &m->volume.chunk_tree, add_chunk, m) || btrfs_chunks_sort(&m->volume, &m->found))
        return -1;
    btrfs_chunks_free(&m->volume.chunks);
    m->volume.chunks = m->found;
    memset(&m->found, 0, sizeof(m->found));
    return 0;
}

static int find_root(void *arg, const struct btrfs_key *key, const uint8_t *data, uint32_t size)
{
    struct mapping *m = arg;
    struct btrfs_root *root = key->objectid == EXTENT_TREE        ? &m->extent_tree
                              : key->objectid == BLOCK_GROUP_TREE ? &m->group_tree
                                                                  : NULL;

    if (!root || key->type != ROOT_ITEM)
        return 0;
    if (size < ROOT_ITEM_SIZE || root->owner || data[238] > 7)
        return fs_doubt(m->volume.source, "btrfs: the root of tree %" PRIu64 " is malformed", key->objectid);
    *root = (struct btrfs_root){.logical = le64_read(data + 176),
                                .generation = le64_read(data + 160),
                                .owner = key->objectid,
                                .level = data[238]};
    return 0;
}

static void mark_bytes(struct fs_source *s, uint64_t start, uint64_t length)
{
    uint64_t first = start / s->map->unit, end = (start + length + s->map->unit - 1) / s->map->unit;

    if (end > s->map->count)
        end = s->map->count;
    if (first < end)
        fs_map_mark(s->map, first, end - first);
}

static int map_extent(struct mapping *m, uint64_t logical, uint64_t length)
{
    struct btrfs_volume *v = &m->volume;
    struct btrfs_chunk *c = btrfs_chunk_find(&v->chunks, logical, length);

    if (!c || !length || logical % v->sector_size || length % v->sector_size)
        return fs_doubt(v->source, "btrfs: extent %" PRIu64 " of %" PRIu64 " bytes lies in no chunk", logical, length);
    if (logical < m->extents_end)
        return fs_doubt(v->source, "btrfs: extent %" PRIu64 " overlaps another", logical);
    for (unsigned i = 0; i < c->copies; i++)
        mark_bytes(v->source, c->physical[i] + (logical - c->logical), length);
    c->used += length;
    m->used += length;
    m->extents_end = logical + length;
    return 0;
}

static int read_block_group(struct mapping *m, const struct btrfs_key *key, const uint8_t *data, uint32_t size)
{
    struct btrfs_chunk *c = btrfs_chunk_find(&m->volume.chunks, key->objectid, key->offset);

    if (!c || size < BLOCK_GROUP_SIZE || c->logical != key->objectid || c->length != key->offset || c->has_group)
        return fs_doubt(m->volume.source, "btrfs: block group %" PRIu64 " has no chunk", key->objectid);
    c->has_group = true;
    c->declared = le64_read(data);
    return 0;
}

static int map_item(void *arg, const struct btrfs_key *key, const uint8_t *data, uint32_t size)
{
    struct mapping *m = arg;

    switch (key->type) {
    case EXTENT_ITEM:
        return map_extent(m, key->objectid, key->offset);
    case METADATA_ITEM:
        return map_extent(m, key->objectid, m->volume.node_size);
    case BLOCK_GROUP_ITEM:
        return read_block_group(m, key, data, size);
    default:
        return 0;
    }
}

static int check_sums(struct mapping *m)
{
    const struct btrfs_chunks *chunks = &m->volume.chunks;

    for (size_t i = 0; i < chunks->count; i++)
        if (!chunks->items[i].has_group || chunks->items[i].declared != chunks->items[i].used)
            return fs_doubt(m->volume.source,
                            "btrfs: chunk %" PRIu64 " has extents of %" PRIu64 " bytes, its block group says %" PRIu64,
                            chunks->items[i].logical, chunks->items[i].used, chunks->items[i].declared);
    if (m->used != m->volume.bytes_used)
        return fs_doubt(m->volume.source, "btrfs: its extents are %" PRIu64 " bytes, the superblock says %" PRIu64,
                        m->used, m->volume.bytes_used);
    return 0;
}

static int map_extents(struct mapping *m)
{
    static const uint64_t copies[] = {64ULL << 20, 256ULL << 30};
    struct btrfs_volume *v = &m->volume;

    if (fs_map_init(v->source, 0, v->sector_size, v->device_size / v->sector_size))
        return -1;
    v->source->map->smallest = v->device_size;
    mark_bytes(v->source, 0, HEAD);
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++)
        mark_bytes(v->source, copies[i], SUPER_COPY);
    if (btrfs_tree_walk(v, &m->extent_tree, map_item, m))
        return -1;
    if (v->block_group_tree && btrfs_tree_walk(v, &m->group_tree, map_item, m))
        return -1;
    return check_sums(m);
}

static int map_volume(struct mapping *m)
{
    struct btrfs_volume *v = &m->volume;

    if (btrfs_volume_read(v) || read_chunk_tree(m) || btrfs_tree_walk(v, &v->root_tree, find_root, m))
        return -1;
    if (!m->extent_tree.owner || (v->block_group_tree && !m->group_tree.owner))
        return fs_doubt(v->source, "btrfs: its extent or block group tree is missing");
    return map_extents(m);
}

int fs_btrfs_map(struct fs_source *s)
{
    struct mapping m = {.volume = {.source = s}};
    int result = map_volume(&m);

    btrfs_chunks_free(&m.volume.chunks);
    btrfs_chunks_free(&m.found);
    return result;
}
