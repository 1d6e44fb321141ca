/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/inspect.h"

#include "agent/fs/block_map.h"
#include "agent/image/manifest_map.h"
#include "agent/imaging/system_disk.h"
#include "agent/layout/partition_table.h"

static int inspect_partition(const struct disk_io *d, struct manifest *m, unsigned i, struct failure *f)
{
    struct manifest_partition *p = &m->partitions[i];
    struct block_map map;

    if (block_map_read(&map, d, p->start, p->size, f))
        return -1;
    if (p->raw)
        block_map_take_whole(&map, p->note);
    manifest_set_map(p, &map);
    m->used += map.used;
    block_map_free(&map);
    return 0;
}

int inspect_disk(const char *path, struct manifest *ret, struct failure *f)
{
    struct disk_io d;
    int result;

    if (disk_io_open(&d, path, DISK_IO_READ, f))
        return -1;
    ret->disk_size = d.size;
    ret->sector_size = d.sector_size;
    result = partition_table_read(&d, ret, f);
    for (unsigned i = 0; !result && i < ret->count; i++)
        result = inspect_partition(&d, ret, i, f);
    disk_io_close(&d);
    return result;
}

int inspect_systems(const char *path, struct manifest *m, struct failure *f)
{
    struct disk_io d;
    int result;

    if (disk_io_open(&d, path, DISK_IO_READ, f))
        return -1;
    result = system_disk_find(&d, m, f);
    disk_io_close(&d);
    return result;
}
