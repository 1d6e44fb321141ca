/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/lvm_logical.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 65536

static int own(struct lvm_reader *r, uint64_t first, uint64_t count)
{
    if (first > r->lvm.count || count > r->lvm.count - first)
        return fs_doubt(r->source, "LVM: a volume has an extent outside of the physical volume");
    for (uint64_t i = first; i < first + count; i++) {
        if (r->owned[i / 8] >> i % 8 & 1)
            return fs_doubt(r->source, "LVM: two volumes have extent %" PRIu64, i);
        r->owned[i / 8] |= (uint8_t)(1 << i % 8);
    }
    return 0;
}

static int add_extent(struct lvm_reader *r, struct lvm_logical *v, uint64_t first, uint64_t count)
{
    const struct lvm_volume *l = &r->lvm;
    struct fs_extent *extents = realloc(v->extents, (v->count + 1) * sizeof(*extents));

    if (!extents)
        return fs_doubt(r->source, "no memory for %zu segments", v->count + 1);
    v->extents = extents;
    if (own(r, first, count))
        return -1;
    v->extents[v->count++] = (struct fs_extent){
        .logical = v->size, .physical = l->first + first * l->extent_size, .size = count * l->extent_size};
    v->size += count * l->extent_size;
    return 0;
}

/* Names of physical volumes, each with the first of its extents there; the others of the segment follow. */
static int add_stripes(struct lvm_reader *r, struct lvm_logical *v, const struct lvm_node *stripe, uint64_t count)
{
    const struct lvm_node *place;

    for (; stripe; stripe = lvm_text_next(&r->lvm.text, place)) {
        place = lvm_text_next(&r->lvm.text, stripe);
        if (!place || place->kind != LVM_NUMBER)
            return fs_doubt(r->source, "LVM: a segment does not say where it lies");
        if (stripe->text_size != r->lvm.self->name_size || memcmp(stripe->text, r->lvm.self->name, stripe->text_size))
            v->plain = false;
        else if (add_extent(r, v, place->number, count))
            return -1;
    }
    return 0;
}

/* A snapshot needs what its origin no longer uses, a mirror or pool is made of volumes: what another one names is not
 * looked into. */
static bool is_named(const struct lvm_reader *r, const struct lvm_node *node, const struct lvm_node *v)
{
    const struct lvm_text *t = &r->lvm.text;

    for (node = lvm_text_child(t, node); node; node = lvm_text_next(t, node))
        if (node != v && ((node->kind == LVM_STRING && node->text_size == v->name_size &&
                           !memcmp(node->text, v->name, v->name_size)) ||
                          ((node->kind == LVM_SECTION || node->kind == LVM_LIST) && is_named(r, node, v))))
            return true;
    return false;
}

/* The name of a volume that is made of `v`; its own when there is none. */
static const struct lvm_node *find_user(const struct lvm_reader *r, const struct lvm_node *v)
{
    const struct lvm_text *t = &r->lvm.text;
    const struct lvm_node *node = lvm_text_child(t, r->list);

    for (; node; node = lvm_text_next(t, node))
        if (node != v && node->kind == LVM_SECTION && is_named(r, node, v))
            return node;
    return v;
}

/* What is no stripe (RAID, pools, snapshots) is made of other volumes, which are listed, too. Not so the mirror of a
 * pvmove that has not ended: it names physical volumes itself. */
static int check_other(struct lvm_reader *r, const struct lvm_node *v, const struct lvm_node *segment)
{
    const struct lvm_node *type = lvm_text_find(&r->lvm.text, segment, "type", LVM_STRING);

    if (!is_named(r, segment, r->lvm.self))
        return 0;
    if (!lvm_text_is(type, "mirror"))
        return fs_doubt(r->source, "LVM: volume %.*s has a segment of an unknown kind", (int)v->name_size, v->name);
    v = find_user(r, v);
    return fs_doubt(r->source, "LVM: volume %.*s is being moved", (int)v->name_size, v->name);
}

static int add_segment(struct lvm_reader *r, struct lvm_logical *v, const struct lvm_node *segment)
{
    const struct lvm_text *t = &r->lvm.text;
    const struct lvm_node *stripes = lvm_text_find(t, segment, "stripes", LVM_LIST);
    uint64_t start, count, stripe_count = 1;

    if (!lvm_text_number(t, segment, "start_extent", UINT32_MAX, &start) ||
        !lvm_text_number(t, segment, "extent_count", UINT32_MAX, &count) || !count)
        return fs_doubt(r->source, "LVM: a segment has no size");
    if (!stripes) {
        v->plain = false;
        return check_other(r, v->node, segment);
    }
    if (!lvm_text_is(lvm_text_find(t, segment, "type", LVM_STRING), "striped") ||
        !lvm_text_number(t, segment, "stripe_count", 128, &stripe_count) || !stripe_count || count % stripe_count)
        return fs_doubt(r->source, "LVM: volume %.*s has a segment of an unknown kind", (int)v->node->name_size,
                        v->node->name);
    v->plain = v->plain && stripe_count == 1 && start * r->lvm.extent_size == v->size;
    return add_stripes(r, v, lvm_text_child(t, stripes), count / stripe_count);
}

static bool is_visible(const struct lvm_reader *r, const struct lvm_node *v)
{
    const struct lvm_text *t = &r->lvm.text;
    const struct lvm_node *word = lvm_text_child(t, lvm_text_find(t, v, "status", LVM_LIST));

    for (; word; word = lvm_text_next(t, word))
        if (lvm_text_is(word, "VISIBLE"))
            return true;
    return false;
}

static int read_segments(struct lvm_reader *r, struct lvm_logical *v)
{
    const struct lvm_text *t = &r->lvm.text;
    const struct lvm_node *segment;
    uint64_t expected, found = 0;

    if (!lvm_text_number(t, v->node, "segment_count", SEGMENTS_MAX, &expected))
        return fs_doubt(r->source, "LVM: volume %.*s has no segments", (int)v->node->name_size, v->node->name);
    v->plain = r->lvm.alone && is_visible(r, v->node) && !is_named(r, r->list, v->node);
    for (segment = lvm_text_child(t, v->node); segment; segment = lvm_text_next(t, segment)) {
        if (segment->kind != LVM_SECTION)
            continue;
        if (found++ == expected)
            return fs_doubt(r->source, "LVM: a volume has more segments than it says");
        if (add_segment(r, v, segment))
            return -1;
    }
    return found == expected ? 0 : fs_doubt(r->source, "LVM: a volume has fewer segments than it says");
}

int lvm_reader_open(struct lvm_reader *r, struct fs_source *s)
{
    *r = (struct lvm_reader){.source = s};
    if (lvm_volume_open(s, &r->lvm))
        return -1;
    r->list = lvm_text_find(&r->lvm.text, r->lvm.group, "logical_volumes", LVM_SECTION);
    r->owned = calloc(1, (size_t)(r->lvm.count / 8 + 1));
    return r->owned ? 0 : fs_doubt(s, "no memory for %" PRIu64 " extents", r->lvm.count);
}

void lvm_reader_close(struct lvm_reader *r)
{
    free(r->owned);
    lvm_volume_close(&r->lvm);
}

const struct lvm_node *lvm_reader_next(const struct lvm_reader *r, const struct lvm_node *node)
{
    const struct lvm_text *t = &r->lvm.text;

    node = node ? lvm_text_next(t, node) : lvm_text_child(t, r->list);
    while (node && node->kind != LVM_SECTION)
        node = lvm_text_next(t, node);
    return node;
}

int lvm_logical_read(struct lvm_reader *r, const struct lvm_node *node, struct lvm_logical *ret)
{
    *ret = (struct lvm_logical){.node = node};
    return read_segments(r, ret);
}

void lvm_logical_free(struct lvm_logical *v)
{
    free(v->extents);
}
