/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used bytes of an LVM2 physical volume: the file system of each logical volume that is simply laid out on it,
 * every extent of the others, nothing of extents that belong to no volume. */
#include <inttypes.h>

#include "agent/fs/lvm_logical.h"

#define UNIT 4096 /* of the map; what is used is rounded outwards */

struct mapper {
    struct fs_source *source;
    struct lvm_reader reader;
    unsigned raw; /* volumes of which every extent counts */
};

static void mark_bytes(struct block_map *map, uint64_t start, uint64_t size)
{
    uint64_t first = (start - map->base) / UNIT, last = (start + size - 1 - map->base) / UNIT;

    fs_map_mark(map, first, last - first + 1);
}

/* The bytes [start, end) of a volume, wherever they lie. */
static void mark_part(struct mapper *m, const struct lvm_logical *v, uint64_t start, uint64_t end)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct fs_extent *e = &v->extents[i];
        uint64_t from = start > e->logical ? start : e->logical;
        uint64_t to = end < e->logical + e->size ? end : e->logical + e->size;
        if (from < to)
            mark_bytes(m->source->map, e->physical + (from - e->logical), to - from);
    }
}

static int map_plain(struct mapper *m, const struct lvm_logical *v)
{
    struct block_map map = {.size = v->size};
    struct fs_source s = {.disk = m->source->disk,
                          .start = m->source->start,
                          .size = v->size,
                          .extents = v->extents,
                          .extent_count = v->count,
                          .map = &map};
    struct failure f;
    uint64_t at = 0, start, end;

    if (fs_map(&s, &f))
        return fs_doubt(m->source, "LVM: volume %.*s: %.150s", (int)v->node->name_size, v->node->name, f.message);
    m->raw += map.raw;
    for (; block_map_next(&map, at, v->size, &start, &end); at = end)
        mark_part(m, v, start, end);
    block_map_free(&map);
    return 0;
}

static int map_volume(struct mapper *m, const struct lvm_node *node)
{
    struct lvm_logical v;
    int result = lvm_logical_read(&m->reader, node, &v);

    if (!result && v.plain && v.count)
        result = map_plain(m, &v);
    else if (!result && v.count) {
        m->raw++;
        mark_part(m, &v, 0, v.size);
    }
    lvm_logical_free(&v);
    return result;
}

static int map_volumes(struct mapper *m)
{
    const struct lvm_volume *lvm = &m->reader.lvm;
    struct block_map *map = m->source->map;

    if (lvm->extent_size % UNIT || lvm->first % 512)
        return fs_doubt(m->source, "LVM: extents of %" PRIu64 " bytes are not supported", lvm->extent_size);
    if (fs_map_init(m->source, lvm->first, UNIT, lvm->count * (lvm->extent_size / UNIT)))
        return -1;
    map->tail = map->size - map->base - map->unit * map->count; /* there may be a second metadata area */
    for (const struct lvm_node *node = lvm_reader_next(&m->reader, NULL); node;
         node = lvm_reader_next(&m->reader, node))
        if (map_volume(m, node))
            return -1;
    if (!lvm->alone)
        fs_doubt(m->source, "LVM: the volume group has several physical volumes; all that is allocated is taken");
    else if (m->raw)
        fs_doubt(m->source, "LVM: all that is allocated to %u of the logical volumes is taken", m->raw);
    return 0;
}

int fs_lvm_map(struct fs_source *s)
{
    struct mapper m = {.source = s};
    int result;

    if (s->extents)
        return fs_doubt(s, "LVM: a physical volume inside a logical one is not looked into");
    result = lvm_reader_open(&m.reader, s) || map_volumes(&m) ? -1 : 0;
    lvm_reader_close(&m.reader);
    return result;
}
