/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/layout_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TYPE_ESP "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define TYPE_BIOS_BOOT "21686148-6449-6E6F-744E-656564454649"
#define TYPE_WINDOWS_RECOVERY "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC"
#define MBR_ESP "0xef"
#define MBR_WINDOWS_RECOVERY "0x27"

static uint64_t end_of(const struct manifest_partition *p)
{
    return p->start + p->size;
}

static bool has_type(const struct manifest_partition *p, const char *gpt, const char *mbr)
{
    return !strcasecmp(p->type, gpt) || !strcasecmp(p->type, mbr);
}

/* What a person would want to be larger without being asked. What LVM and LUKS hold grows later, by their own means,
 * when their partition has the room. */
static bool grows_by_itself(const struct manifest_partition *p)
{
    static const char *const types[] = {"ext2", "ext3", "ext4", "ntfs", "xfs", "btrfs", "LVM2_member", NULL};
    static const char *const whatever_is_inside[] = {"crypto_LUKS", NULL};

    return ((!p->raw && layout_is_fs(p, types)) || layout_is_fs(p, whatever_is_inside)) &&
           !has_type(p, TYPE_WINDOWS_RECOVERY, MBR_WINDOWS_RECOVERY) && !has_type(p, TYPE_ESP, MBR_ESP);
}

/* The last one that grows by itself, or -1. A larger one behind it, of a kind that keeps its size, is what the disk is
 * for: what stands before it is a /boot, and the room stays free. */
static int find_grown(const struct manifest *m)
{
    static const char *const swap[] = {"swap", NULL};
    int found = -1;

    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        if (grows_by_itself(p))
            found = (int)i;
        else if (found >= 0 && p->size > m->partitions[found].size && !layout_is_fs(p, swap))
            found = -1;
    }
    return found;
}

bool layout_is_fixed(const struct manifest *m, const struct manifest_partition *p)
{
    return !strcasecmp(p->type, TYPE_BIOS_BOOT) || (!strcmp(m->table, "mbr") && p->attributes & MBR_ACTIVE);
}

static struct manifest_partition *find_number(struct manifest *m, int number)
{
    for (unsigned i = 0; i < m->count; i++)
        if ((int)m->partitions[i].number == number)
            return &m->partitions[i];
    return NULL;
}

static void remove_partition(struct manifest *m, struct layout *l, unsigned i)
{
    m->count--;
    memmove(&m->partitions[i], &m->partitions[i + 1], (m->count - i) * sizeof(m->partitions[0]));
    if (l)
        memmove(&l->list[i], &l->list[i + 1], (m->count - i) * sizeof(l->list[0]));
}

static bool is_kept(const struct deploy_layout *o, unsigned number)
{
    for (unsigned i = 0; i < o->keep_count; i++)
        if (o->keep[i] == number)
            return true;
    return false;
}

int layout_select_kept(struct manifest *m, const struct deploy_layout *options, struct failure *f)
{
    for (unsigned i = 0; i < options->keep_count; i++)
        if (!find_number(m, (int)options->keep[i]))
            return fail(f, "bad-layout", "partition %u is to be kept, but the disk has no such partition",
                        options->keep[i]);
    for (unsigned i = m->count; i-- > 0;)
        if (!is_kept(options, m->partitions[i].number))
            remove_partition(m, NULL, i);
    return 0;
}

static bool is_logical(const struct manifest *m, const struct manifest_partition *p)
{
    return m->extended.number && p->number > MBR_ENTRIES;
}

uint64_t layout_kept_start(const struct manifest *kept, const struct manifest_partition *k)
{
    return is_logical(kept, k) ? kept->extended.start : k->start;
}

static uint64_t kept_end(const struct manifest *kept, const struct manifest_partition *k)
{
    return is_logical(kept, k) ? kept->extended.start + kept->extended.size : end_of(k);
}

/* The first kept partition behind `from` that stands in the way of one of the image's, or of none (`any`). */
static uint64_t find_kept(const struct manifest *m, const struct layout_target *t, uint64_t from, bool any)
{
    for (unsigned i = 0; t->kept && i < t->kept->count; i++) {
        uint64_t start = layout_kept_start(t->kept, &t->kept->partitions[i]);
        uint64_t end = kept_end(t->kept, &t->kept->partitions[i]);
        bool in_the_way = any;
        for (unsigned n = 0; n < m->count; n++)
            in_the_way |= start < end_of(&m->partitions[n]) && m->partitions[n].start < end;
        if (start > from && in_the_way)
            return start;
    }
    return UINT64_MAX;
}

static uint64_t smaller_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The end of the room for the image's partitions: a kept one in whose place one of them is, the next kept one behind
 * the last of them, or the disk's. */
static uint64_t find_limit(const struct manifest *m, const struct layout_target *t)
{
    /* UEFI 2.10, 5.3.1: the backup's entries and header, at the very end. */
    bool is_gpt = strcmp(m->table, "mbr") && strcmp(m->table, "none");
    uint64_t backup = is_gpt ? 16384 + (uint64_t)m->sector_size : 0;
    uint64_t limit = t->size > backup ? t->size - backup : 0;

    if (!strcmp(m->table, "mbr"))
        limit = smaller_of(limit, (uint64_t)UINT32_MAX * m->sector_size);
    if (!m->count)
        return limit;
    limit = smaller_of(limit, find_kept(m, t, m->partitions[0].start, false));
    return smaller_of(limit, find_kept(m, t, layout_last(m)->start, true));
}

static int choose_grown(struct manifest *m, uint64_t disk_size, const struct deploy_layout *o, int *ret,
                        struct failure *f)
{
    struct manifest_partition *p;

    *ret = -1;
    if (o->grow == DEPLOY_GROW_NONE)
        return 0;
    if (o->grow == DEPLOY_GROW_AUTO) {
        if (disk_size > m->disk_size)
            *ret = find_grown(m);
        return 0;
    }
    p = find_number(m, o->grow);
    if (!p)
        return fail(f, "bad-layout", "partition %d is to grow, but image %s writes no such partition", o->grow,
                    m->name);
    *ret = (int)(p - m->partitions);
    return 0;
}

/* What stands behind the grown partition goes along to the end, as far as it may be moved: up to one that may not, or
 * to a kept one. */
static void grow(struct manifest *m, const struct layout_target *t, unsigned grown, uint64_t limit)
{
    uint64_t kept = find_kept(m, t, m->partitions[grown].start, true), delta;
    unsigned next = grown + 1;

    while (next < m->count && m->partitions[next].start < kept && !layout_is_fixed(m, &m->partitions[next]))
        next++;
    if (next < m->count)
        limit = m->partitions[next].start;
    limit = smaller_of(limit, kept);
    if (limit < end_of(&m->partitions[next - 1]) + LAYOUT_ALIGN)
        return;
    delta = layout_align_down(limit - end_of(&m->partitions[next - 1]));
    m->partitions[grown].size += delta;
    for (unsigned i = grown + 1; i < next; i++)
        m->partitions[i].start += delta;
}

static int fit(struct manifest *m, const struct layout_target *t, const struct deploy_layout *o, struct failure *f)
{
    uint64_t limit = find_limit(m, t);
    int grown;

    if (choose_grown(m, t->size, o, &grown, f))
        return -1;
    if (!m->count)
        return 0;
    if (end_of(layout_last(m)) > limit)
        return layout_shrink(m, end_of(layout_last(m)) - limit, t, f);
    if (grown >= 0)
        grow(m, t, (unsigned)grown, limit);
    return 0;
}

/* Puts a kept partition where its start belongs. */
static int insert_kept(struct manifest *m, struct layout *l, const struct manifest_partition *p, struct failure *f)
{
    unsigned i = m->count;

    if (m->count == MANIFEST_PARTITIONS)
        return fail(f, "bad-layout", "with the kept partitions, there are more than %u", MANIFEST_PARTITIONS);
    for (; i > 0 && m->partitions[i - 1].start > p->start; i--) {
        m->partitions[i] = m->partitions[i - 1];
        l->list[i] = l->list[i - 1];
    }
    m->partitions[i] = *p;
    l->list[i].source_start = l->list[i].source_size = 0;
    m->count++;
    return 0;
}

static int check_overlaps(const struct manifest *m, const struct layout_target *t, const struct layout *l,
                          struct failure *f)
{
    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i], *before = i ? p - 1 : NULL;
        if (!l->list[i].source_size && layout_kept_start(t->kept, p) < m->boot_size)
            return fail(f, "bad-layout", "partition %u is to be kept, but it lies in the image's boot area", p->number);
        if (before && end_of(before) > p->start)
            return fail(f, "bad-layout",
                        "partition %u (bytes %" PRIu64 " to %" PRIu64 ") and partition %u (from byte %" PRIu64
                        "), of which one is to be kept, lie over each other",
                        before->number, before->start, end_of(before), p->number, p->start);
    }
    return 0;
}

int layout_make(struct manifest *m, const struct layout_target *target, const struct deploy_layout *options,
                struct layout *ret, struct failure *f)
{
    static const struct deploy_layout defaults = {.grow = DEPLOY_GROW_AUTO};
    const struct deploy_layout *o = options ? options : &defaults;

    for (unsigned i = 0; i < m->count; i++) {
        ret->list[i].source_start = m->partitions[i].start;
        ret->list[i].source_size = m->partitions[i].size;
    }
    for (unsigned i = m->count; i-- > 0;)
        if (is_kept(o, m->partitions[i].number))
            remove_partition(m, ret, i);
    if (fit(m, target, o, f))
        return -1;
    for (unsigned i = 0; target->kept && i < target->kept->count; i++)
        if (insert_kept(m, ret, &target->kept->partitions[i], f))
            return -1;
    return check_overlaps(m, target, ret, f);
}

int layout_grow_last(struct manifest *m, const struct layout_target *target, int which, struct failure *f)
{
    struct manifest_partition *last = m->count ? &m->partitions[m->count - 1] : NULL;
    uint64_t limit;

    if (which > 0 && (!last || (int)last->number != which))
        return fail(f, "bad-layout",
                    "partition %d is to grow, but it is not the last one on the disk, the only one of a streamed image "
                    "that can grow",
                    which);
    if (!last || which == DEPLOY_GROW_NONE || !strcmp(m->table, "none"))
        return 0;
    if (which == DEPLOY_GROW_AUTO && !grows_by_itself(last))
        return 0;
    limit = find_limit(m, target);
    if (limit < end_of(last) + LAYOUT_ALIGN)
        return 0;
    last->size += layout_align_down(limit - end_of(last));
    return 1;
}
