/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/manifest_layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/disk/mbr.h"

#define GPT_ENTRIES_SIZE 16384 /* UEFI 2.10, 5.3.1: room for 128 entries */
#define MBR_SECTORS_MAX ((uint64_t)UINT32_MAX)

static bool bad(char ret[LAYOUT_PROBLEM], const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool bad(char ret[LAYOUT_PROBLEM], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret, LAYOUT_PROBLEM, format, args);
    va_end(args);
    return false;
}

static bool bad_partition(char ret[LAYOUT_PROBLEM], const struct manifest *m, unsigned i, const char *what)
{
    return bad(ret, "partitions[%u] (number %u) %s", i, m->partitions[i].number, what);
}

uint64_t manifest_head_size(const struct manifest *m)
{
    if (!strcmp(m->table, "none"))
        return 0;
    return !strcmp(m->table, "mbr") ? m->sector_size : 2 * (uint64_t)m->sector_size + GPT_ENTRIES_SIZE;
}

/* Whole sectors, inside the disk, in order, none over another. */
static bool check_partition(const struct manifest *m, unsigned i, uint64_t disk_size, char ret[LAYOUT_PROBLEM])
{
    const struct manifest_partition *p = &m->partitions[i];
    uint64_t free_from = i ? m->partitions[i - 1].start + m->partitions[i - 1].size : manifest_head_size(m);

    if (!p->number || !p->size || p->start % m->sector_size || p->size % m->sector_size)
        return bad_partition(ret, m, i, "has a number, start or size out of range");
    if (p->start < free_from || p->start > disk_size || p->size > disk_size - p->start)
        return bad_partition(ret, m, i, "lies over another one, over the table or outside of the disk");
    for (unsigned k = 0; k < i; k++)
        if (m->partitions[k].number == p->number)
            return bad_partition(ret, m, i, "has a number that is there twice");
    return true;
}

/* The place of a partition in an MBR: 32 bits of sectors, primary ones outside of the extended one, logical inside. */
static bool check_mbr_partition(const struct manifest *m, unsigned i, char ret[LAYOUT_PROBLEM])
{
    const struct manifest_partition *p = &m->partitions[i];
    const struct manifest_extended *x = &m->extended;
    bool over = p->start < x->start + x->size && x->start < p->start + p->size;
    bool inside = p->start >= x->start && p->start + p->size <= x->start + x->size;

    if ((p->start + p->size) / m->sector_size > MBR_SECTORS_MAX)
        return bad_partition(ret, m, i, "lies beyond what an MBR can address");
    if (p->number <= MBR_ENTRIES ? x->number && (over || p->number == x->number) : !x->number || !inside)
        return bad_partition(ret, m, i, "contradicts the extended partition");
    for (unsigned k = 0; k < x->count; k++)
        if (x->ebrs[k].start + m->sector_size > p->start && x->ebrs[k].start < p->start + p->size)
            return bad_partition(ret, m, i, "lies over an extended boot record");
    return true;
}

static unsigned count_logical(const struct manifest *m)
{
    unsigned count = 0;

    for (unsigned i = 0; i < m->count; i++)
        count += m->partitions[i].number > MBR_ENTRIES;
    return count;
}

/* Every record but the last leads to another; the logical partitions are numbered in the order of the chain. */
static bool check_chain(const struct manifest *m, char ret[LAYOUT_PROBLEM])
{
    const struct manifest_extended *x = &m->extended;
    unsigned logical = 0;

    for (unsigned i = 0; i < x->count; i++) {
        int data = -1, link = -1;
        if (x->ebrs[i].start % m->sector_size || x->ebrs[i].start < x->start ||
            x->ebrs[i].start - x->start >= x->size || (i == 0 && x->ebrs[i].start != x->start))
            return bad(ret, "extended boot record %u lies outside of the extended partition", i + 1);
        for (unsigned k = 0; k < i; k++)
            if (x->ebrs[k].start == x->ebrs[i].start)
                return bad(ret, "extended boot records %u and %u are the same", k + 1, i + 1);
        if (mbr_is_signed(x->ebrs[i].sector) && !mbr_find_logical(x->ebrs[i].sector, &data, &link))
            return bad(ret, "extended boot record %u has two logical partitions", i + 1);
        if ((link >= 0) != (i + 1 < x->count))
            return bad(ret, "the chain of logical partitions does not end at extended boot record %u", i + 1);
        logical += data >= 0;
    }
    if (logical != count_logical(m))
        return bad(ret, "%u logical partitions are in the chain, %u in the list", logical, count_logical(m));
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number > MBR_ENTRIES + logical)
            return bad_partition(ret, m, i, "is not in the chain of logical partitions");
    return true;
}

static bool check_mbr(const struct manifest *m, uint64_t disk_size, char ret[LAYOUT_PROBLEM])
{
    const struct manifest_extended *x = &m->extended;

    if (x->number > MBR_ENTRIES || x->start % m->sector_size || x->size % m->sector_size || x->start > disk_size ||
        x->size > disk_size - x->start || (x->number && (!x->count || !x->start || !x->size)) ||
        (x->start + x->size) / m->sector_size > MBR_SECTORS_MAX)
        return bad(ret, "the extended partition is out of range");
    for (unsigned i = 0; i < m->count; i++)
        if (!check_mbr_partition(m, i, ret))
            return false;
    return check_chain(m, ret);
}

bool manifest_layout_good(const struct manifest *m, uint64_t disk_size, char ret[LAYOUT_PROBLEM])
{
    for (unsigned i = 0; i < m->count; i++)
        if (!check_partition(m, i, disk_size, ret))
            return false;
    if (!strcmp(m->table, "none") && (m->count != 1 || m->partitions[0].number != 1 || m->partitions[0].start))
        return bad(ret, "a disk without a table is one partition from its first byte on");
    return strcmp(m->table, "mbr") || check_mbr(m, disk_size, ret);
}
