/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/boot_area.h"

#include <string.h>

#include "agent/partition_table.h"

#define BOOT_CODE_SIZE 440 /* of the MBR; the disk's signature and the partitions follow */

uint64_t boot_area_size(const struct disk_io *d, const struct manifest *m)
{
    uint64_t end = m->count ? m->partitions[0].start : d->size - d->size % d->sector_size;

    return end < CHUNK_SIZE ? end : CHUNK_SIZE;
}

int boot_area_read(const struct disk_io *d, uint8_t *ret, uint64_t size, struct failure *f)
{
    uint64_t table_end = partition_table_head_size(d->sector_size);

    if (disk_io_read(d, 0, ret, (size_t)size, f))
        return -1;
    if (table_end > size)
        table_end = size;
    memset(ret + BOOT_CODE_SIZE, 0, (size_t)table_end - BOOT_CODE_SIZE);
    return 0;
}
