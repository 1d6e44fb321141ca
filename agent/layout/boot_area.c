/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/boot_area.h"

#include <string.h>

#include "agent/image/manifest_layout.h"

uint64_t boot_area_size(const struct disk_io *d, const struct manifest *m)
{
    uint64_t end = m->count ? m->partitions[0].start : d->size - d->size % d->sector_size;

    if (!strcmp(m->table, "none"))
        end = m->partitions[0].size;
    if (m->extended.number && m->extended.start < end)
        end = m->extended.start;
    return end < CHUNK_SIZE ? end : CHUNK_SIZE;
}

/* The table's own bytes belong to partition_table_write. */
static uint64_t table_end(const struct manifest *m)
{
    return strcmp(m->table, "mbr") ? manifest_head_size(m) : MBR_SIZE;
}

int boot_area_read(const struct disk_io *d, const struct manifest *m, uint8_t *ret, uint64_t size, struct failure *f)
{
    uint64_t end = table_end(m) < size ? table_end(m) : size;

    if (disk_io_read(d, 0, ret, (size_t)size, f))
        return -1;
    if (end > MBR_CODE_SIZE)
        memset(ret + MBR_CODE_SIZE, 0, (size_t)end - MBR_CODE_SIZE);
    return 0;
}

int boot_area_write(const struct disk_io *d, const struct manifest *m, const uint8_t *boot, struct failure *f)
{
    uint64_t code = m->boot_size < MBR_CODE_SIZE ? m->boot_size : MBR_CODE_SIZE, rest = table_end(m);

    if (disk_io_write(d, 0, boot, (size_t)code, f))
        return -1;
    return rest < m->boot_size ? disk_io_write(d, rest, boot + rest, (size_t)(m->boot_size - rest), f) : 0;
}

void boot_area_take_signature(uint8_t *boot, struct manifest *m)
{
    if (strcmp(m->table, "none"))
        return;
    memcpy(m->mbr, boot, MBR_SIZE);
    memset(boot + MBR_SIGNATURE_AT, 0, MBR_SIZE - MBR_SIGNATURE_AT);
}
