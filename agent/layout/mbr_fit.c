/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "agent/disk/mbr.h"
#include "agent/image/manifest_layout.h"
#include "agent/layout/mbr_table.h"

/* One extended boot record and its partition. */
struct member {
    struct manifest_ebr *ebr;
    struct manifest_partition *p; /* NULL: it has none */
    int data, link;               /* entries; -1: none */
};

static bool is_at(const struct mbr_entry *e, uint64_t base, uint64_t start, uint64_t size, uint32_t sector_size)
{
    return start >= base && (uint64_t)e->start * sector_size == start - base &&
           (uint64_t)e->count * sector_size == size;
}

/* Starts are counted from `base`; manifest_layout_good has found them to fit into their fields. */
static void put_place(uint8_t *sector, int i, uint64_t base, uint64_t start, uint64_t size, uint32_t sector_size)
{
    struct mbr_entry e = mbr_get(sector, (unsigned)i);

    e.start = (uint32_t)((start - base) / sector_size);
    e.count = (uint32_t)(size / sector_size);
    mbr_put(sector, (unsigned)i, &e);
}

static int find_number(const struct manifest *m, unsigned number)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number == number)
            return (int)i;
    return -1;
}

static int contradiction(const struct manifest *m, unsigned number, struct failure *f)
{
    return fail(f, "bad-image", "image %s: partition %u is not what its partition table has", m->name, number);
}

/* Finds the members of the chain and holds the sectors' entries against where the partitions were. */
static int find_members(struct manifest *m, const struct mbr_place *from, struct member *list, struct failure *f)
{
    unsigned number = MBR_ENTRIES;

    for (unsigned i = 0; i < m->extended.count; i++) {
        struct member *x = &list[i];
        struct mbr_entry e;
        int which;
        *x = (struct member){.ebr = &m->extended.ebrs[i], .data = -1, .link = -1};
        if (mbr_is_signed(x->ebr->sector))
            mbr_find_logical(x->ebr->sector, &x->data, &x->link);
        if (x->data < 0)
            continue;
        which = find_number(m, ++number);
        if (which < 0 || !from[which].size)
            return contradiction(m, number, f);
        e = mbr_get(x->ebr->sector, (unsigned)x->data);
        if (!is_at(&e, x->ebr->start, from[which].start, from[which].size, m->sector_size))
            return contradiction(m, number, f);
        x->p = &m->partitions[which];
    }
    return 0;
}

static int check_primary(const struct manifest *m, const struct mbr_place *from, struct failure *f)
{
    const struct manifest_extended *x = &m->extended;
    struct mbr_entry e;

    for (unsigned i = 0; i < m->count; i++) {
        unsigned number = m->partitions[i].number;
        if (number > MBR_ENTRIES || !from[i].size)
            continue;
        e = mbr_get(m->mbr, number - 1);
        if (e.type != manifest_mbr_type(&m->partitions[i]) ||
            !is_at(&e, 0, from[i].start, from[i].size, m->sector_size))
            return contradiction(m, number, f);
    }
    if (!x->number)
        return 0;
    e = mbr_get(m->mbr, x->number - 1);
    return e.type == x->type && is_at(&e, 0, x->start, x->size, m->sector_size) ? 0 : contradiction(m, x->number, f);
}

static bool is_unchanged(const struct manifest *m, const struct mbr_place *from, uint64_t disk_size)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].start != from[i].start || m->partitions[i].size != from[i].size)
            return false;
    return m->extended.start + m->extended.size <= disk_size;
}

/* The end of the last logical partition. */
static uint64_t find_end(const struct manifest *m, const struct member *list)
{
    uint64_t end = m->extended.ebrs[0].start + m->sector_size;

    for (unsigned i = 0; i < m->extended.count; i++) {
        uint64_t behind = list[i].p ? list[i].p->start + list[i].p->size : list[i].ebr->start + m->sector_size;
        if (behind > end)
            end = behind;
    }
    return end;
}

static uint64_t source_end(const struct manifest *m, const struct mbr_place *from)
{
    uint64_t end = m->extended.ebrs[0].start + m->sector_size;

    for (unsigned i = 0; i < m->count; i++) {
        uint64_t behind = from[i].start + from[i].size;
        if (m->partitions[i].number > MBR_ENTRIES && behind > end)
            end = behind;
    }
    return end;
}

/* The room behind the last logical partition stays, as far as there is room. */
static void fit_extended(struct manifest *m, const struct member *list, uint64_t room, uint64_t disk_size)
{
    struct manifest_extended *x = &m->extended;
    uint64_t limit = disk_size - disk_size % m->sector_size, end;

    x->start = x->ebrs[0].start;
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number <= MBR_ENTRIES && m->partitions[i].start > x->start &&
            m->partitions[i].start < limit)
            limit = m->partitions[i].start;
    end = find_end(m, list);
    x->size = (end + room < limit ? end + room : limit) - x->start;
}

/* The distance between a record and its partition stays: a record goes where its partition went. */
static void move_chain(struct manifest *m, const struct mbr_place *from, struct member *list, uint64_t disk_size)
{
    struct manifest_extended *x = &m->extended;
    uint64_t end = source_end(m, from), room = x->start + x->size > end ? x->start + x->size - end : 0;

    for (unsigned i = 0; i < x->count; i++) {
        uint64_t distance =
            list[i].p ? (uint64_t)mbr_get(list[i].ebr->sector, (unsigned)list[i].data).start * m->sector_size : 0;
        if (list[i].p && list[i].p->start >= distance)
            list[i].ebr->start = list[i].p->start - distance;
    }
    fit_extended(m, list, room, disk_size);
}

static void write_chain(struct manifest *m, struct member *list)
{
    struct manifest_extended *x = &m->extended;

    for (unsigned i = 0; i < x->count; i++) {
        struct member *at = &list[i], *next = i + 1 < x->count ? at + 1 : NULL;
        uint64_t end = next ? next->p ? next->p->start + next->p->size : next->ebr->start + m->sector_size : 0;
        if (at->p)
            put_place(at->ebr->sector, at->data, at->ebr->start, at->p->start, at->p->size, m->sector_size);
        if (next)
            put_place(at->ebr->sector, at->link, x->start, next->ebr->start, end - next->ebr->start, m->sector_size);
    }
    put_place(m->mbr, (int)x->number - 1, 0, x->start, x->size, m->sector_size);
}

/* Entries of partitions that are not written any more are cleared; a kept one brings its type along. */
static void write_primary(struct manifest *m)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        int which = find_number(m, i + 1);
        struct mbr_entry e = mbr_get(m->mbr, i);
        const struct manifest_partition *p = which < 0 ? NULL : &m->partitions[which];
        if (m->extended.number == i + 1 || (!p && (!e.type || !e.count)))
            continue;
        e = (struct mbr_entry){.count = 0};
        if (p) {
            e.status = (uint8_t)p->attributes;
            e.type = manifest_mbr_type(p);
            e.start = (uint32_t)(p->start / m->sector_size);
            e.count = (uint32_t)(p->size / m->sector_size);
        }
        mbr_put(m->mbr, i, &e);
    }
}

/* A kept partition and one of the image's: the code in an MBR refuses two that are active, or starts either. */
static int check_active(const struct manifest *m, const struct mbr_place *from, struct failure *f)
{
    unsigned kept = 0, of_image = 0;

    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        int which = find_number(m, i + 1);
        if (!(mbr_get(m->mbr, i).status & MBR_ACTIVE))
            continue;
        if (which >= 0 && !from[which].size)
            kept = i + 1;
        else
            of_image = i + 1;
    }
    if (!kept || !of_image)
        return 0;
    return fail(f, "bad-layout",
                "partition %u, which is to be kept, and the image's partition %u are both active: only one can be",
                kept, of_image);
}

static int check_layout(const struct manifest *m, uint64_t disk_size, struct failure *f)
{
    char problem[LAYOUT_PROBLEM];

    if (manifest_layout_good(m, disk_size, problem))
        return 0;
    return fail(f, "bad-layout", "image %s does not fit into an MBR on this disk: %s", m->name, problem);
}

/* The kept extended partition, with its chain, is the only one that there can be. */
static int fit_beside(struct manifest *m, const struct mbr_place *from, uint64_t disk_size, const struct manifest *kept,
                      struct failure *f)
{
    unsigned slot = kept->extended.number - 1;
    const struct mbr_entry e = mbr_get(kept->mbr, slot);

    if (check_primary(m, from, f))
        return -1;
    m->extended = kept->extended;
    mbr_put(m->mbr, slot, &e);
    if (check_layout(m, disk_size, f))
        return -1;
    write_primary(m);
    return check_active(m, from, f);
}

static int fit_mbr(struct manifest *m, const struct mbr_place *from, uint64_t disk_size, struct failure *f)
{
    struct member list[MANIFEST_PARTITIONS];

    if (check_primary(m, from, f) || find_members(m, from, list, f))
        return -1;
    if (is_unchanged(m, from, disk_size))
        return 0;
    if (m->extended.count)
        move_chain(m, from, list, disk_size);
    if (check_layout(m, disk_size, f))
        return -1;
    write_primary(m);
    if (m->extended.count)
        write_chain(m, list);
    return check_active(m, from, f);
}

/* An entry of a hybrid's MBR is the partition that was at its place. */
static int fit_hybrid(struct manifest *m, const struct mbr_place *from, struct failure *f)
{
    struct mbr_entry entries[MBR_ENTRIES];

    for (unsigned k = 0; k < MBR_ENTRIES; k++)
        entries[k] = mbr_get(m->mbr, k);
    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        if (!from[i].size)
            return fail(f, "bad-layout", "partition %u cannot be kept: the image has a hybrid table", p->number);
        for (int k = 0; k < MBR_ENTRIES; k++) {
            if (!is_at(&entries[k], 0, from[i].start, from[i].size, m->sector_size))
                continue;
            if ((p->start + p->size) / m->sector_size > UINT32_MAX)
                return fail(f, "bad-layout", "partition %u lies beyond what the MBR of a hybrid table can address",
                            p->number);
            put_place(m->mbr, k, 0, p->start, p->size, m->sector_size);
        }
    }
    return 0;
}

int mbr_table_fit(struct manifest *m, const struct mbr_place *from, uint64_t disk_size, const struct manifest *kept,
                  struct failure *f)
{
    if (!strcmp(m->table, "mbr"))
        return kept && kept->extended.number ? fit_beside(m, from, disk_size, kept, f) : fit_mbr(m, from, disk_size, f);
    return strcmp(m->table, "hybrid") ? 0 : fit_hybrid(m, from, f);
}

/* The number of a logical partition is its place in the chain, so the chain is kept as it is or not at all. */
static int select_logical(struct manifest *m, struct failure *f)
{
    unsigned logical = 0;
    int data, link;

    for (unsigned i = 0; i < m->extended.count; i++)
        if (mbr_is_signed(m->extended.ebrs[i].sector) && mbr_find_logical(m->extended.ebrs[i].sector, &data, &link))
            logical += data >= 0;
    for (unsigned i = 0; i < logical; i++)
        if (find_number(m, MBR_ENTRIES + 1 + i) < 0)
            return fail(f, "bad-layout",
                        "logical partitions can be kept all together or not at all, and partition %u is not to be kept",
                        MBR_ENTRIES + 1 + i);
    return 0;
}

static bool has_logical(const struct manifest *m)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number > MBR_ENTRIES)
            return true;
    return false;
}

int mbr_table_select(struct manifest *m, struct failure *f)
{
    if (strcmp(m->table, "mbr"))
        return 0;
    if (!has_logical(m))
        memset(&m->extended, 0, sizeof(m->extended));
    else if (select_logical(m, f))
        return -1;
    write_primary(m);
    return 0;
}

int mbr_table_check_kept(const struct manifest *m, const struct manifest *kept, struct failure *f)
{
    for (unsigned i = 0; kept->extended.number && i < m->count; i++) {
        unsigned number = m->partitions[i].number;
        if (find_number(kept, number) >= 0)
            continue;
        if (number > MBR_ENTRIES)
            return fail(f, "bad-layout", "the image's partition %u is a logical one: it has no place beside those kept",
                        number);
        if (number == kept->extended.number)
            return fail(f, "bad-layout", "the image's partition %u has the number of the extended one that is kept",
                        number);
    }
    return 0;
}
