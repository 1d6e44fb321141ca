/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/image_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/copy_meter.h"
#include "agent/disk/memory_disk.h"
#include "agent/image/chunk_fetch.h"
#include "agent/image/image_files.h"
#include "agent/image/split_file.h"
#include "agent/layout/partition_table.h"

struct export
{
    const struct image_export_request *request;
    struct store *store;
    struct manifest *first;    /* disk's */
    struct manifest *manifest; /* of the disk that is being written */
    struct chunk_fetcher *fetcher;
    struct split_file *files[MANIFEST_DISKS]; /* finished together, when all disks are complete */
    struct split_file *file;
    struct disk_io table; /* what lies outside of the partitions */
    uint8_t *data;        /* one chunk */
    uint8_t zero_id[CHUNK_ID_SIZE];
    struct copy_meter meter;
    char what[64];
    uint64_t done, total; /* bytes of all disks */
};

/* One region of the disk; boot: it goes to x->table, where the partition table will be added. */
static int write_region(struct export *x, const struct manifest_index *index, uint64_t start, uint64_t size, bool boot,
                        struct failure *f)
{
    struct caibx c;
    int result = image_fetch_index(x->store, x->manifest->name, index, size, &c, f);

    if (result)
        return -1;
    for (size_t i = 0; !result && i < c.count; i++) {
        size_t n = caibx_chunk_size(&c, i);
        uint64_t at = start + (uint64_t)i * CHUNK_SIZE;
        if (memcmp(caibx_id(&c, i), x->zero_id, CHUNK_ID_SIZE)) {
            result = chunk_fetch(x->fetcher, caibx_id(&c, i), x->data, n, x->what, f);
            if (!result)
                result =
                    boot ? disk_io_write(&x->table, at, x->data, n, f) : split_file_write(x->file, at, x->data, n, f);
        }
        x->done += n;
        if (!result)
            result = copy_meter_count(&x->meter, x->done, x->total, f);
    }
    caibx_free(&c);
    return result;
}

static int write_partitions(struct export *x, struct failure *f)
{
    const struct manifest *m = x->manifest;

    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        snprintf(x->what, sizeof(x->what), "partition %u of %u, %.20s", i + 1, m->count,
                 p->has_fs ? p->fs_type : "unknown");
        if (write_region(x, &p->index, p->start, p->size, false, f))
            return -1;
    }
    return 0;
}

/* Copies what was written to x->table: all else there is holes. */
static int copy_table(struct export *x, struct failure *f)
{
    off_t at = 0, end;

    while ((at = lseek(x->table.fd, at, SEEK_DATA)) >= 0) {
        end = lseek(x->table.fd, at, SEEK_HOLE);
        for (; at < end; at += CHUNK_SIZE) {
            size_t n = end - at < (off_t)CHUNK_SIZE ? (size_t)(end - at) : CHUNK_SIZE;
            if (disk_io_read(&x->table, (uint64_t)at, x->data, n, f) ||
                split_file_write(x->file, (uint64_t)at, x->data, n, f))
                return -1;
        }
        at = end;
    }
    return errno == ENXIO ? 0 : fail(f, "out-of-memory", "the table in memory: %s", strerror(errno));
}

/* The partitions come last: what a page of the table reaches beyond it is theirs. */
static int write_all(struct export *x, struct failure *f)
{
    const struct manifest *m = x->manifest;

    if (m->boot_size && write_region(x, &m->boot, 0, m->boot_size, true, f))
        return -1;
    return partition_table_write(&x->table, m, f) || copy_table(x, f) || write_partitions(x, f) ? -1 : 0;
}

/* FILE of the first disk; FILE-disk2, or NAME-disk2.img of NAME.img, of the second one. */
static int disk_path(const char *path, unsigned disk, char *ret, size_t size, struct failure *f)
{
    size_t length = strlen(path);
    const char *end = length > 4 && !strcmp(path + length - 4, ".img") ? path + length - 4 : path + length;
    char number[16] = "";
    int n;

    if (disk)
        snprintf(number, sizeof(number), "-disk%u", disk + 1);
    n = snprintf(ret, size, "%.*s%s%s", (int)(end - path), path, number, end);
    return (size_t)n < size ? 0 : fail(f, "disk-error", "the name %.200s... is too long", path);
}

static int fetch_manifest(struct export *x, unsigned disk, struct failure *f)
{
    if (disk)
        return image_fetch_further(x->store, x->first, disk - 1, x->manifest, f);
    *x->manifest = *x->first;
    return 0;
}

static int write_disk(struct export *x, unsigned disk, struct failure *f)
{
    const struct manifest *m = x->manifest;
    char path[4096];
    int result;

    if (fetch_manifest(x, disk, f) || disk_path(x->request->path, disk, path, sizeof(path), f) ||
        memory_disk_open(&x->table, path, m->disk_size, m->sector_size, f))
        return -1;
    snprintf(x->what, sizeof(x->what), "boot area");
    x->files[disk] = x->file = split_file_create(path, m->disk_size, x->request->split, f);
    result = x->file ? write_all(x, f) : -1;
    disk_io_close(&x->table);
    return result;
}

static int prepare(struct export *x, struct failure *f)
{
    if (image_fetch_manifest(x->store, x->request->image, x->first, f))
        return -1;
    for (unsigned disk = 0; disk <= x->first->further_count; disk++) {
        if (fetch_manifest(x, disk, f))
            return -1;
        x->total += x->manifest->disk_size;
    }
    chunk_id_zeros(CHUNK_SIZE, x->zero_id);
    x->fetcher = chunk_fetcher_new(x->store, f);
    return x->fetcher ? 0 : -1;
}

/* The first disk's file is the last to get its name. */
static int write_disks(struct export *x, unsigned *ret_files, struct failure *f)
{
    unsigned count = x->first->further_count + 1, files = 0;

    for (unsigned disk = 0; disk < count; disk++)
        if (write_disk(x, disk, f))
            return -1;
    for (unsigned disk = count; disk-- > 0;) {
        if (split_file_finish(x->files[disk], f))
            return -1;
        files += split_file_count(x->files[disk]);
    }
    copy_meter_end(&x->meter, x->total);
    *ret_files = files;
    return 0;
}

int image_export(const struct image_export_request *r, struct store *s, const struct progress *p, unsigned *ret_files,
                 struct failure *f)
{
    struct export x = {.request = r, .store = s, .table = {.fd = -1, .direct_fd = -1}};
    int result = -1;

    x.first = malloc(sizeof(*x.first));
    x.manifest = malloc(sizeof(*x.manifest));
    x.data = malloc(CHUNK_SIZE);
    copy_meter_begin(&x.meter, p, "export", x.what);
    if (!x.first || !x.manifest || !x.data)
        fail(f, "out-of-memory", "no memory for an export");
    else if (!prepare(&x, f))
        result = write_disks(&x, ret_files, f);
    for (unsigned disk = 0; disk < MANIFEST_DISKS; disk++)
        if (x.files[disk])
            split_file_close(x.files[disk]);
    chunk_fetcher_free(x.fetcher);
    free(x.first);
    free(x.manifest);
    free(x.data);
    return result;
}
