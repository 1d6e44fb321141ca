/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/bios_boot.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/disk/mbr.h"

/* GRUB's first sector has its name among its messages, and at 0x5c the number of the sector with the rest of it (GRUB,
 * include/grub/i386/pc/boot.h). */
#define GRUB_NAME "GRUB"
#define GRUB_REST 0x5c
#define BIOS_SECTOR 512 /* a BIOS counts in these */

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool is_grub(const uint8_t sector[MBR_SIZE])
{
    return memmem(sector, MBR_CODE_SIZE, GRUB_NAME, strlen(GRUB_NAME)) != NULL;
}

static int cannot(char ret[160], const char *why)
{
    snprintf(ret, 160, "%s", why);
    return 0;
}

static int check_grub(const struct disk_io *d, const uint8_t sector[MBR_SIZE], char ret_why[160], struct failure *f)
{
    uint64_t rest = le64_read(sector + GRUB_REST);
    uint8_t core[BIOS_SECTOR];

    if (rest == 0 || rest >= d->size / BIOS_SECTOR)
        return cannot(ret_why, "GRUB's boot sector leads nowhere");
    if (disk_io_read(d, rest * BIOS_SECTOR, core, sizeof(core), f))
        return -1;
    return is_zero(core, sizeof(core)) ? cannot(ret_why, "there is nothing where GRUB's boot sector looks for the rest")
                                       : 1;
}

/* Any other boot code starts the active partition. */
static int check_active(const struct disk_io *d, const struct manifest *m, char ret_why[160], struct failure *f)
{
    const struct mbr_entry *active = NULL;
    struct mbr_entry entries[MBR_ENTRIES];
    uint8_t sector[MBR_SIZE];

    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        entries[i] = mbr_get(m->mbr, i);
        if (!entries[i].count || !(entries[i].status & MBR_ACTIVE))
            continue;
        if (active)
            return cannot(ret_why, "two partitions are active");
        active = &entries[i];
    }
    if (!active)
        return cannot(ret_why, "no partition is active, and the boot code is not GRUB's");
    if (active->start >= d->size / d->sector_size)
        return cannot(ret_why, "the active partition is not on the disk");
    if (disk_io_read(d, (uint64_t)active->start * d->sector_size, sector, sizeof(sector), f))
        return -1;
    return mbr_is_signed(sector) ? 1 : cannot(ret_why, "the active partition has no boot sector");
}

int bios_boot_check(const struct disk_io *d, const struct manifest *m, char ret_why[160], struct failure *f)
{
    uint8_t sector[MBR_SIZE];

    if (disk_io_read(d, 0, sector, sizeof(sector), f))
        return -1;
    if (!mbr_is_signed(sector) || is_zero(sector, MBR_CODE_SIZE))
        return cannot(ret_why, "there is no boot code in its first sector");
    if (is_grub(sector))
        return check_grub(d, sector, ret_why, f);
    if (!strcmp(m->table, "mbr"))
        return check_active(d, m, ret_why, f);
    return 1; /* other boot code that finds its way in a GPT, or on a disk without a table */
}
