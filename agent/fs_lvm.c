/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used bytes of an LVM2 physical volume: the file system of each logical volume that is simply laid out on it,
 * every extent of the others, nothing of extents that belong to no volume. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/lvm_volume.h"

#define UNIT 4096 /* of the map; what is used is rounded outwards */
#define SEGMENTS_MAX 65536

/* One logical volume. */
struct volume {
    const struct lvm_node *node;
    struct fs_extent *extents; /* its pieces on this physical volume */
    size_t count;
    uint64_t size;
    bool plain; /* all of it is here, in order, and nothing else builds on it */
};

struct mapper {
    struct fs_source *source;
    struct lvm_volume lvm;
    uint8_t *owned; /* one bit for each extent that a volume has */
    unsigned raw;   /* volumes of which every extent counts */
};

static int own(struct mapper *m, uint64_t first, uint64_t count)
{
    if (first > m->lvm.count || count > m->lvm.count - first)
        return fs_doubt(m->source, "LVM: a volume has an extent outside of the physical volume");
    for (uint64_t i = first; i < first + count; i++) {
        if (m->owned[i / 8] >> i % 8 & 1)
            return fs_doubt(m->source, "LVM: two volumes have extent %" PRIu64, i);
        m->owned[i / 8] |= (uint8_t)(1 << i % 8);
    }
    return 0;
}

static void mark_bytes(struct block_map *map, uint64_t start, uint64_t size)
{
    uint64_t first = (start - map->base) / UNIT, last = (start + size - 1 - map->base) / UNIT;

    fs_map_mark(map, first, last - first + 1);
}

static int add_extent(struct mapper *m, struct volume *v, uint64_t first, uint64_t count)
{
    const struct lvm_volume *l = &m->lvm;
    struct fs_extent *extents = realloc(v->extents, (v->count + 1) * sizeof(*extents));

    if (!extents)
        return fs_doubt(m->source, "no memory for %zu segments", v->count + 1);
    v->extents = extents;
    if (own(m, first, count))
        return -1;
    v->extents[v->count++] = (struct fs_extent){
        .logical = v->size, .physical = l->first + first * l->extent_size, .size = count * l->extent_size};
    v->size += count * l->extent_size;
    return 0;
}

/* Names of physical volumes, each with the first of its extents there; the others of the segment follow. */
static int add_stripes(struct mapper *m, struct volume *v, const struct lvm_node *stripe, uint64_t count)
{
    const struct lvm_node *place;

    for (; stripe; stripe = lvm_text_next(&m->lvm.text, place)) {
        place = lvm_text_next(&m->lvm.text, stripe);
        if (!place || place->kind != LVM_NUMBER)
            return fs_doubt(m->source, "LVM: a segment does not say where it lies");
        if (stripe->text_size != m->lvm.self->name_size || memcmp(stripe->text, m->lvm.self->name, stripe->text_size))
            v->plain = false;
        else if (add_extent(m, v, place->number, count))
            return -1;
    }
    return 0;
}

/* A snapshot needs what its origin no longer uses, a mirror or pool is made of volumes: what another one names is not
 * looked into. */
static bool is_named(const struct mapper *m, const struct lvm_node *node, const struct lvm_node *v)
{
    const struct lvm_text *t = &m->lvm.text;

    for (node = lvm_text_child(t, node); node; node = lvm_text_next(t, node))
        if (node != v && ((node->kind == LVM_STRING && node->text_size == v->name_size &&
                           !memcmp(node->text, v->name, v->name_size)) ||
                          ((node->kind == LVM_SECTION || node->kind == LVM_LIST) && is_named(m, node, v))))
            return true;
    return false;
}

/* The name of a volume that is made of `v`; its own when there is none. */
static const struct lvm_node *find_user(const struct mapper *m, const struct lvm_node *v)
{
    const struct lvm_text *t = &m->lvm.text;
    const struct lvm_node *node = lvm_text_child(t, lvm_text_find(t, m->lvm.group, "logical_volumes", LVM_SECTION));

    for (; node; node = lvm_text_next(t, node))
        if (node != v && node->kind == LVM_SECTION && is_named(m, node, v))
            return node;
    return v;
}

/* What is no stripe (RAID, pools, snapshots) is made of other volumes, which are listed, too. Not so the mirror of a
 * pvmove that has not ended: it names physical volumes itself. */
static int check_other(struct mapper *m, const struct lvm_node *v, const struct lvm_node *segment)
{
    const struct lvm_node *type = lvm_text_find(&m->lvm.text, segment, "type", LVM_STRING);

    if (!is_named(m, segment, m->lvm.self))
        return 0;
    if (!lvm_text_is(type, "mirror"))
        return fs_doubt(m->source, "LVM: volume %.*s has a segment of an unknown kind", (int)v->name_size, v->name);
    v = find_user(m, v);
    return fs_doubt(m->source, "LVM: volume %.*s is being moved", (int)v->name_size, v->name);
}

static int add_segment(struct mapper *m, struct volume *v, const struct lvm_node *segment)
{
    const struct lvm_text *t = &m->lvm.text;
    const struct lvm_node *stripes = lvm_text_find(t, segment, "stripes", LVM_LIST);
    uint64_t start, count, stripe_count = 1;

    if (!lvm_text_number(t, segment, "start_extent", UINT32_MAX, &start) ||
        !lvm_text_number(t, segment, "extent_count", UINT32_MAX, &count) || !count)
        return fs_doubt(m->source, "LVM: a segment has no size");
    if (!stripes) {
        v->plain = false;
        return check_other(m, v->node, segment);
    }
    if (!lvm_text_is(lvm_text_find(t, segment, "type", LVM_STRING), "striped") ||
        !lvm_text_number(t, segment, "stripe_count", 128, &stripe_count) || !stripe_count || count % stripe_count)
        return fs_doubt(m->source, "LVM: volume %.*s has a segment of an unknown kind", (int)v->node->name_size,
                        v->node->name);
    v->plain = v->plain && stripe_count == 1 && start * m->lvm.extent_size == v->size;
    return add_stripes(m, v, lvm_text_child(t, stripes), count / stripe_count);
}

static bool is_visible(const struct mapper *m, const struct lvm_node *v)
{
    const struct lvm_text *t = &m->lvm.text;
    const struct lvm_node *word = lvm_text_child(t, lvm_text_find(t, v, "status", LVM_LIST));

    for (; word; word = lvm_text_next(t, word))
        if (lvm_text_is(word, "VISIBLE"))
            return true;
    return false;
}

static int read_segments(struct mapper *m, const struct lvm_node *list, struct volume *v)
{
    const struct lvm_text *t = &m->lvm.text;
    const struct lvm_node *segment;
    uint64_t expected, found = 0;

    if (!lvm_text_number(t, v->node, "segment_count", SEGMENTS_MAX, &expected))
        return fs_doubt(m->source, "LVM: volume %.*s has no segments", (int)v->node->name_size, v->node->name);
    v->plain = m->lvm.alone && is_visible(m, v->node) && !is_named(m, list, v->node);
    for (segment = lvm_text_child(t, v->node); segment; segment = lvm_text_next(t, segment)) {
        if (segment->kind != LVM_SECTION)
            continue;
        if (found++ == expected)
            return fs_doubt(m->source, "LVM: a volume has more segments than it says");
        if (add_segment(m, v, segment))
            return -1;
    }
    return found == expected ? 0 : fs_doubt(m->source, "LVM: a volume has fewer segments than it says");
}

/* The bytes [start, end) of a volume, wherever they lie. */
static void mark_part(struct mapper *m, const struct volume *v, uint64_t start, uint64_t end)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct fs_extent *e = &v->extents[i];
        uint64_t from = start > e->logical ? start : e->logical;
        uint64_t to = end < e->logical + e->size ? end : e->logical + e->size;
        if (from < to)
            mark_bytes(m->source->map, e->physical + (from - e->logical), to - from);
    }
}

static int map_plain(struct mapper *m, const struct volume *v)
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

static int map_volume(struct mapper *m, const struct lvm_node *list, const struct lvm_node *node)
{
    struct volume v = {.node = node};
    int result = read_segments(m, list, &v);

    if (!result && v.plain && v.count)
        result = map_plain(m, &v);
    else if (!result && v.count) {
        m->raw++;
        mark_part(m, &v, 0, v.size);
    }
    free(v.extents);
    return result;
}

static int map_volumes(struct mapper *m)
{
    const struct lvm_text *t = &m->lvm.text;
    const struct lvm_node *list = lvm_text_find(t, m->lvm.group, "logical_volumes", LVM_SECTION), *node;
    struct block_map *map = m->source->map;

    if (m->lvm.extent_size % UNIT || m->lvm.first % 512)
        return fs_doubt(m->source, "LVM: extents of %" PRIu64 " bytes are not supported", m->lvm.extent_size);
    if (fs_map_init(m->source, m->lvm.first, UNIT, m->lvm.count * (m->lvm.extent_size / UNIT)))
        return -1;
    map->tail = map->size - map->base - map->unit * map->count; /* there may be a second metadata area */
    for (node = lvm_text_child(t, list); node; node = lvm_text_next(t, node))
        if (node->kind == LVM_SECTION && map_volume(m, list, node))
            return -1;
    if (!m->lvm.alone)
        fs_doubt(m->source, "LVM: the volume group has several physical volumes; all that is allocated is taken");
    else if (m->raw)
        fs_doubt(m->source, "LVM: all that is allocated to %u of the logical volumes is taken", m->raw);
    return 0;
}

int fs_lvm_map(struct fs_source *s)
{
    struct mapper m = {.source = s};
    int result = -1;

    if (s->extents)
        return fs_doubt(s, "LVM: a physical volume inside a logical one is not looked into");
    if (!lvm_volume_open(s, &m.lvm)) {
        m.owned = calloc(1, (size_t)(m.lvm.count / 8 + 1));
        result = m.owned ? map_volumes(&m) : fs_doubt(s, "no memory for %" PRIu64 " extents", m.lvm.count);
    }
    free(m.owned);
    lvm_volume_close(&m.lvm);
    return result;
}
