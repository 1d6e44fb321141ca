/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/boot_sector.h"

#include <string.h>

#include "agent/base/le.h"

#define HIDDEN 28
#define FAT32_COPY 50 /* of the boot sector: in which sector */
#define SECTOR_MAX 4096

static void put_hidden(uint8_t *sector, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        sector[HIDDEN + i] = (uint8_t)(value >> 8 * i);
}

static int move_one(const struct disk_io *d, uint64_t at, uint64_t old_start, uint64_t new_start, struct failure *f)
{
    uint8_t sector[SECTOR_MAX];

    if (disk_io_read(d, at, sector, d->sector_size, f))
        return -1;
    if (sector[510] != 0x55 || sector[511] != 0xaa || le32_read(sector + HIDDEN) != old_start / d->sector_size ||
        new_start / d->sector_size > UINT32_MAX)
        return 0;
    put_hidden(sector, (uint32_t)(new_start / d->sector_size));
    return disk_io_write(d, at, sector, d->sector_size, f);
}

/* NTFS keeps the copy in the last sector, FAT32 where it says; FAT12 and FAT16 have none. */
static int find_copy(const struct disk_io *d, const struct manifest_partition *p, uint64_t *ret, struct failure *f)
{
    uint8_t sector[SECTOR_MAX];

    *ret = 0;
    if (!strcmp(p->fs_type, "ntfs")) {
        *ret = p->size - d->sector_size;
        return 0;
    }
    if (disk_io_read(d, p->start, sector, d->sector_size, f))
        return -1;
    if (!memcmp(sector + 82, "FAT32", 5) && le16_read(sector + FAT32_COPY) < 32)
        *ret = (uint64_t)le16_read(sector + FAT32_COPY) * d->sector_size;
    return 0;
}

int boot_sector_move(const struct disk_io *d, const struct manifest_partition *p, uint64_t old_start, struct failure *f)
{
    uint64_t copy;

    if (p->raw || (strcmp(p->fs_type, "ntfs") && strcmp(p->fs_type, "vfat")) || d->sector_size > SECTOR_MAX)
        return 0;
    if (find_copy(d, p, &copy, f) || (copy && copy < p->size && move_one(d, p->start + copy, old_start, p->start, f)))
        return -1;
    return move_one(d, p->start, old_start, p->start, f);
}
