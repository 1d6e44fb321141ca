/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/mbr_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/disk/mbr.h"

static int add_partition(const struct disk_io *d, struct manifest *m, unsigned number, uint64_t start,
                         const struct mbr_entry *e, struct failure *f)
{
    struct manifest_partition *p = &m->partitions[m->count];

    if (m->count == MANIFEST_PARTITIONS || number > MANIFEST_PARTITIONS)
        return fail(f, "bad-table", "%s has more than %u partitions", d->path, MANIFEST_PARTITIONS);
    m->count++;
    p->number = number;
    p->start = start;
    p->size = (uint64_t)e->count * d->sector_size;
    p->attributes = e->status;
    snprintf(p->type, sizeof(p->type), "0x%02x", e->type);
    snprintf(p->uuid, sizeof(p->uuid), "%.8s-%02x", m->disk_uuid, number & 0xff);
    return 0;
}

static int read_ebr(const struct disk_io *d, struct manifest *m, uint64_t start, struct failure *f)
{
    struct manifest_extended *x = &m->extended;

    if (start < x->start || start - x->start >= x->size || start > d->size - d->sector_size)
        return fail(f, "bad-table", "%s: the chain of logical partitions leaves the extended partition", d->path);
    for (unsigned i = 0; i < x->count; i++)
        if (x->ebrs[i].start == start)
            return fail(f, "bad-table", "%s: the chain of logical partitions goes in a circle", d->path);
    if (x->count == MANIFEST_PARTITIONS)
        return fail(f, "bad-table", "%s: the chain of logical partitions has more than %u members", d->path,
                    MANIFEST_PARTITIONS);
    if (disk_io_read(d, start, x->ebrs[x->count].sector, MBR_SIZE, f))
        return -1;
    x->ebrs[x->count++].start = start;
    return 0;
}

/* A record without a signature ends the chain, as it does for every system. It is kept all the same: on a target, what
 * lies there now could be taken for one. */
static int read_chain(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    const struct manifest_extended *x = &m->extended;
    uint64_t at = x->start;
    unsigned number = MBR_ENTRIES;
    int data, link;

    do {
        const struct manifest_ebr *ebr = &x->ebrs[x->count];
        struct mbr_entry e;
        if (read_ebr(d, m, at, f))
            return -1;
        if (!mbr_is_signed(ebr->sector))
            return 0;
        if (!mbr_find_logical(ebr->sector, &data, &link))
            return fail(f, "bad-table", "%s: an extended boot record has two logical partitions", d->path);
        e = mbr_get(ebr->sector, data < 0 ? 0 : (unsigned)data);
        if (data >= 0 && add_partition(d, m, ++number, at + (uint64_t)e.start * d->sector_size, &e, f))
            return -1;
        if (link >= 0)
            at = x->start + (uint64_t)mbr_get(ebr->sector, (unsigned)link).start * d->sector_size;
    } while (link >= 0);
    return 0;
}

static int read_extended(const struct disk_io *d, struct manifest *m, unsigned slot, struct failure *f)
{
    const struct mbr_entry e = mbr_get(m->mbr, slot);
    struct manifest_extended *x = &m->extended;

    if (x->number)
        return fail(f, "bad-table", "%s has two extended partitions", d->path);
    x->number = slot + 1;
    x->type = e.type;
    x->active = e.status == 0x80;
    x->start = (uint64_t)e.start * d->sector_size;
    x->size = (uint64_t)e.count * d->sector_size;
    return 0;
}

int mbr_table_read(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    snprintf(m->disk_uuid, sizeof(m->disk_uuid), "%08x", (unsigned)mbr_disk_signature(m->mbr));
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry e = mbr_get(m->mbr, i);
        if (!e.type || !e.count)
            continue;
        if (mbr_is_extended(e.type) ? read_extended(d, m, i, f)
                                    : add_partition(d, m, i + 1, (uint64_t)e.start * d->sector_size, &e, f))
            return -1;
    }
    return m->extended.number ? read_chain(d, m, f) : 0;
}

bool mbr_table_is_hybrid(const struct manifest *m)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry e = mbr_get(m->mbr, i);
        if (e.type && e.count && e.type != MBR_TYPE_PROTECTIVE)
            return true;
    }
    return false;
}

static int write_sector(const struct disk_io *d, uint64_t at, const uint8_t sector[MBR_SIZE], struct failure *f)
{
    uint8_t back[MBR_SIZE];

    if (disk_io_write(d, at, sector, MBR_SIZE, f) || disk_io_flush(d, f) || disk_io_read(d, at, back, MBR_SIZE, f))
        return -1;
    if (!memcmp(back, sector, MBR_SIZE))
        return 0;
    return fail(f, "disk-error", "%s: byte %llu does not read back as it was written", d->path, (unsigned long long)at);
}

/* The boot code stays as it is on the disk. */
static int write_first(const struct disk_io *d, uint8_t sector[MBR_SIZE], struct failure *f)
{
    return disk_io_read(d, 0, sector, MBR_CODE_SIZE, f) || write_sector(d, 0, sector, f) ? -1 : 0;
}

int mbr_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f)
{
    uint8_t sector[MBR_SIZE];

    for (unsigned i = 0; i < m->extended.count; i++)
        if (write_sector(d, m->extended.ebrs[i].start, m->extended.ebrs[i].sector, f))
            return -1;
    memcpy(sector, m->mbr, MBR_SIZE);
    return write_first(d, sector, f);
}

int mbr_table_write_protective(const struct disk_io *d, const struct manifest *m, struct failure *f)
{
    uint64_t was = m->disk_size / m->sector_size, is = d->size / d->sector_size;
    uint8_t sector[MBR_SIZE];

    if (!mbr_is_signed(m->mbr))
        return 0;
    memcpy(sector, m->mbr, MBR_SIZE);
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        struct mbr_entry e = mbr_get(sector, i);
        if (e.type != MBR_TYPE_PROTECTIVE || (uint64_t)e.start + e.count != was || e.start >= is)
            continue;
        e.count = is - e.start > UINT32_MAX ? UINT32_MAX : (uint32_t)(is - e.start);
        mbr_put(sector, i, &e);
    }
    return write_first(d, sector, f);
}
