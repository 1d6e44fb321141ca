/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/disk_ends.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdisk/libfdisk.h>

#include "agent/base/le.h"
#include "agent/disk/memory_disk.h"
#include "agent/fs/block_map.h"
#include "agent/image/manifest_map.h"
#include "agent/layout/partition_table.h"

#define BOOT_SIZE 4096 /* bytes: the first sector, of any disk; without it nothing boots, and no table is seen */

int disk_ends_open(struct disk_ends *e, const struct disk_io *d, struct failure *f)
{
    *e = (struct disk_ends){.disk = d, .shadow = {.fd = -1, .direct_fd = -1}};
    if (d->size < 2 * DISK_END_SIZE)
        return fail(f, "target-too-small", "%s has less than 2 MiB", d->path);
    return memory_disk_open(&e->shadow, d->path, d->size, d->sector_size, f);
}

void disk_ends_close(struct disk_ends *e)
{
    disk_io_close(&e->shadow);
}

static int put(const struct disk_io *d, uint64_t offset, const uint8_t *data, uint64_t size, struct failure *f)
{
    return data ? disk_io_write(d, offset, data, (size_t)size, f) : disk_io_zero(d, offset, size, f);
}

int disk_ends_write(const struct disk_ends *e, uint64_t offset, const void *data, uint64_t size, struct failure *f)
{
    const uint64_t edges[] = {DISK_END_SIZE, e->disk->size - DISK_END_SIZE, e->disk->size};
    const uint8_t *at = data;

    if (offset > e->disk->size || size > e->disk->size - offset)
        return fail(f, "target-too-small", "%s has %llu bytes; the image needs more", e->disk->path,
                    (unsigned long long)e->disk->size);
    for (unsigned i = 0; i < 3 && size; i++) {
        uint64_t n = offset < edges[i] ? edges[i] - offset : 0;
        if (n > size)
            n = size;
        if (n && put(i == 1 ? e->disk : &e->shadow, offset, at, n, f))
            return -1;
        offset += n;
        size -= n;
        at = at ? at + n : NULL;
    }
    return 0;
}

/* The header's own word for where its backup is (UEFI 2.10, 5.3.2). */
static bool has_gpt_for_other_size(const struct disk_ends *e)
{
    uint32_t sector = e->disk->sector_size;
    uint8_t header[48];
    struct failure ignored;

    return !disk_io_read(&e->shadow, sector, header, sizeof(header), &ignored) && !memcmp(header, "EFI PART", 8) &&
           le64_read(header + 32) != e->disk->size / sector - 1;
}

int disk_ends_fit_table(const struct disk_ends *e, bool *ret_moved, struct failure *f)
{
    struct fdisk_context *c;
    int result;

    *ret_moved = has_gpt_for_other_size(e);
    if (!*ret_moved)
        return 0;
    c = fdisk_new_context();
    if (!c)
        return fail(f, "out-of-memory", "no memory for a partition table");
    fdisk_disable_dialogs(c, 1);
    fdisk_save_user_sector_size(c, e->disk->sector_size, e->disk->sector_size);
    result = fdisk_assign_device_by_fd(c, e->shadow.fd, e->disk->path, 0);
    if (!result && !fdisk_is_labeltype(c, FDISK_DISKLABEL_GPT))
        result = -EINVAL;
    fdisk_enable_bootbits_protection(c, 1);
    if (!result)
        result = fdisk_write_disklabel(c);
    fdisk_unref_context(c);
    if (result)
        return fail(f, "bad-table", "the image's partition table cannot be fitted to %s: %s", e->disk->path,
                    strerror(-result));
    return 0;
}

/* The extended boot record that the shadow's chain of logical partitions ends in: it may be on the disk already.
 * Returns whether there is one. */
static bool copy_ebr(const struct disk_ends *e, const struct manifest *m)
{
    const struct manifest_extended *x = &m->extended;
    const struct manifest_ebr *last = x->count ? &x->ebrs[x->count - 1] : NULL;
    uint8_t sector[MBR_SIZE];
    struct failure ignored;

    return last && !mbr_is_signed(last->sector) && !disk_io_read(e->disk, last->start, sector, MBR_SIZE, &ignored) &&
           mbr_is_signed(sector) && !disk_io_write(&e->shadow, last->start, sector, MBR_SIZE, &ignored);
}

static int read_table(const struct disk_ends *e, struct manifest *ret)
{
    struct failure ignored;
    int result;

    for (unsigned i = 0; i < MANIFEST_PARTITIONS; i++) {
        memset(ret, 0, sizeof(*ret));
        result = partition_table_read(&e->shadow, ret, &ignored);
        if (result || !copy_ebr(e, ret))
            break;
    }
    return result;
}

/* Copies what partitions have in [start, end) of the disk. */
static int copy_part(const struct disk_io *from, const struct disk_io *to, const struct manifest *m, uint64_t start,
                     uint64_t end, uint8_t *buffer, struct failure *f)
{
    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        uint64_t first = p->start > start ? p->start : start;
        uint64_t last = p->start + p->size < end ? p->start + p->size : end;
        if (first < last && (disk_io_read(from, first, buffer, (size_t)(last - first), f) ||
                             disk_io_write(to, first, buffer, (size_t)(last - first), f)))
            return -1;
    }
    return 0;
}

/* Without a table the boot sector belongs to the partition, and must still come last. */
static int copy_partitions(const struct disk_io *from, const struct disk_io *to, const struct manifest *m,
                           struct failure *f)
{
    uint8_t *buffer;
    int result;

    if (!strcmp(m->table, "none"))
        return 0;
    buffer = aligned_alloc(DISK_IO_ALIGN, DISK_END_SIZE);
    if (!buffer)
        return fail(f, "out-of-memory", "no memory for an end of %s", to->path);
    result = copy_part(from, to, m, 0, DISK_END_SIZE, buffer, f) ||
                     copy_part(from, to, m, to->size - DISK_END_SIZE, to->size, buffer, f)
                 ? -1
                 : 0;
    free(buffer);
    return result;
}

int disk_ends_partitions(const struct disk_ends *e, struct manifest *ret, struct failure *f)
{
    struct block_map map;

    if (read_table(e, ret)) {
        ret->count = 0;
        return 0;
    }
    if (copy_partitions(&e->shadow, e->disk, ret, f) || disk_io_flush(e->disk, f))
        return -1;
    for (unsigned i = 0; i < ret->count; i++) {
        if (block_map_read(&map, e->disk, ret->partitions[i].start, ret->partitions[i].size, f))
            return -1;
        manifest_set_map(&ret->partitions[i], &map);
        block_map_free(&map);
    }
    return 0;
}

int disk_ends_take_back(const struct disk_ends *e, const struct manifest *m, struct failure *f)
{
    return copy_partitions(e->disk, &e->shadow, m, f);
}

static int release(const struct disk_ends *e, const struct disk_io *d, uint64_t start, uint64_t end, uint8_t *buffer,
                   struct failure *f)
{
    size_t size = (size_t)(end - start);

    if (disk_io_read(&e->shadow, start, buffer, size, f) || disk_io_write(d, start, buffer, size, f))
        return -1;
    return disk_io_flush(d, f);
}

int disk_ends_release(const struct disk_ends *e, const struct disk_io *d, struct failure *f)
{
    uint8_t *buffer = aligned_alloc(DISK_IO_ALIGN, DISK_END_SIZE);
    int result;

    if (!buffer)
        return fail(f, "out-of-memory", "no memory for an end of %s", d->path);
    result = release(e, d, d->size - DISK_END_SIZE, d->size, buffer, f) ||
                     release(e, d, BOOT_SIZE, DISK_END_SIZE, buffer, f) || release(e, d, 0, BOOT_SIZE, buffer, f)
                 ? -1
                 : 0;
    free(buffer);
    return result;
}
