/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/bad_sectors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void bad_sectors_init(struct bad_sectors *b)
{
    pthread_mutex_init(&b->lock, NULL);
}

static void add(struct bad_sectors *b, uint64_t offset, size_t size)
{
    pthread_mutex_lock(&b->lock);
    if (b->listed < BAD_SECTORS_LISTED)
        b->offsets[b->listed++] = offset;
    b->count++;
    b->bytes += size;
    pthread_mutex_unlock(&b->lock);
}

void bad_sectors_end_row(struct bad_sectors *b)
{
    if (atomic_load(&b->row))
        atomic_store(&b->row, 0);
}

/* A disk that has gone fails every read; its zeros would pass for its contents. */
static int blank_sector(struct bad_sectors *b, const struct disk_io *d, uint64_t offset, uint8_t *at, size_t size,
                        struct failure *f)
{
    if (disk_io_check_size(d, f))
        return -1;
    memset(at, 0, size);
    add(b, offset, size);
    if (atomic_fetch_add(&b->row, size) + size < BAD_SECTORS_ROW)
        return 0;
    return fail(f, "disk-error", "%s: nothing of %" PRIu64 " MiB can be read, up to byte %" PRIu64 " of the partition",
                d->path, BAD_SECTORS_ROW >> 20, offset + size);
}

int bad_sectors_read(struct bad_sectors *b, enum bad_sector_policy policy, const struct disk_io *d, uint64_t start,
                     uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    uint8_t *at = buffer;

    if (!disk_io_read(d, start + offset, buffer, size, f)) {
        bad_sectors_end_row(b);
        return 0;
    }
    /* Beyond the disk's end is no bad sector: nothing there could be read again one day. */
    if (policy == BAD_SECTORS_FAIL || start + offset + size > d->size)
        return -1;
    while (size) {
        size_t n = size < d->sector_size ? size : d->sector_size;
        struct failure ignored;
        if (!disk_io_read(d, start + offset, at, n, &ignored))
            bad_sectors_end_row(b);
        else if (blank_sector(b, d, offset, at, n, f))
            return -1;
        at += n;
        offset += n;
        size -= n;
    }
    return 0;
}

void bad_sectors_describe(const struct bad_sectors *b, char *ret, size_t size)
{
    int n;

    *ret = 0;
    if (!b->count)
        return;
    n = snprintf(ret, size, "%" PRIu64 " unreadable sector%s (%" PRIu64 " bytes) %s in the image, at byte", b->count,
                 b->count == 1 ? "" : "s", b->bytes, b->count == 1 ? "is zeros" : "are zeros");
    for (unsigned i = 0; i < b->listed && n > 0 && (size_t)n < size; i++)
        n += snprintf(ret + n, size - (size_t)n, "%s %" PRIu64, i ? "," : "", b->offsets[i]);
    if (n > 0 && (size_t)n < size)
        snprintf(ret + n, size - (size_t)n, "%s of the partition", b->count > b->listed ? " ..." : "");
}
