/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/deploy_fit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/fs/resize.h"
#include "agent/image/manifest_layout.h"
#include "agent/imaging/deploy_shrink.h"
#include "agent/layout/boot_sector.h"
#include "agent/layout/partition_table.h"

#define BOOT_CODE 440
#define BOOT_AREA (1024 * 1024)

/* libfdisk writes backup before primary: at every moment one of them is whole, and has the kept entries. */
static int keep_entries(const struct deploy_disk *disk, struct failure *f)
{
    uint64_t head = manifest_head_size(disk->kept), end = layout_kept_start(disk->kept, disk->kept->partitions);

    if (end > BOOT_AREA)
        end = BOOT_AREA;
    if (partition_table_write(disk->io, disk->kept, f) || disk_io_write_zeros(disk->io, 0, BOOT_CODE, f))
        return -1;
    if (head < end && disk_io_write_zeros(disk->io, head, end - head, f))
        return -1;
    return disk_io_flush(disk->io, f) || disk_io_reread_table(disk->io, f) ? -1 : 0;
}

int deploy_fit_clear(const struct deploy_disk *disk, struct failure *f)
{
    return disk->kept ? keep_entries(disk, f) : partition_table_clear(disk->io, f);
}

static void tell_partition(const struct deploy_disk *disk, unsigned i, const struct progress *p)
{
    const struct manifest_partition *to = &disk->manifest->partitions[i];
    uint64_t start = disk->layout.list[i].source_start, size = disk->layout.list[i].source_size;

    if (!size)
        progress_note(p, "%s: partition %u stays as it is", disk->io->path, to->number);
    else if (to->size != size)
        progress_note(p, "%s: partition %u (%.20s) %s from %" PRIu64 " to %" PRIu64 " bytes", disk->io->path,
                      to->number, to->fs_type, to->size > size ? "grows" : "shrinks", size, to->size);
    if (size && to->start != start)
        progress_note(p, "%s: partition %u moves from byte %" PRIu64 " to %" PRIu64, disk->io->path, to->number, start,
                      to->start);
}

void deploy_fit_tell(const struct deploy_plan *plan, const struct progress *p)
{
    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++)
            tell_partition(&plan->disks[k], i, p);
}

static bool grows(const struct deploy_disk *disk, unsigned i)
{
    uint64_t size = disk->layout.list[i].source_size;

    return size && disk->manifest->partitions[i].size > size;
}

static bool shrinks(const struct deploy_disk *disk, unsigned i)
{
    return disk->manifest->partitions[i].size < disk->layout.list[i].source_size;
}

static int move_boot_sector(const struct deploy_disk *disk, unsigned i, struct failure *f)
{
    const struct manifest_partition *p = &disk->manifest->partitions[i];
    uint64_t start = disk->layout.list[i].source_start;

    if (!disk->layout.list[i].source_size || start == p->start)
        return 0;
    return boot_sector_move(disk->io, p, start, f);
}

static int clear_end(const struct deploy_disk *disk, unsigned i, struct failure *f)
{
    const struct manifest_partition *p = &disk->manifest->partitions[i];
    uint64_t size = p->size - disk->layout.list[i].source_size;

    if (size > BLOCK_MAP_TAIL)
        size = BLOCK_MAP_TAIL;
    return disk_io_write_zeros(disk->io, p->start + p->size - size, size, f);
}

/* Calls `step` for every partition of the plan. */
static int for_each(const struct deploy_plan *plan, const struct progress *progress,
                    int (*step)(const struct fit_partition *p, void *arg, struct failure *f), void *arg,
                    struct failure *f)
{
    struct fit_partition p = {.plan = plan, .region = plan->regions.list, .progress = progress};

    for (unsigned k = 0; k < plan->count; k++) {
        p.disk = &plan->disks[k];
        for (p.i = 0; p.i < p.disk->manifest->count; p.i++, p.region++)
            if (step(&p, arg, f))
                return -1;
    }
    return 0;
}

static int check_partition(const struct fit_partition *p, void *store, struct failure *f)
{
    if (!shrinks(p->disk, p->i))
        return 0;
    progress_note(p->progress, "%s: looking whether the file system can be shrunk", p->region->what);
    return deploy_shrink_check(p, store, f);
}

int deploy_fit_check(const struct deploy_plan *plan, const struct store *s, const struct progress *p, struct failure *f)
{
    return for_each(plan, p, check_partition, (void *)s, f);
}

static int fit_end(const struct fit_partition *p, void *store, struct failure *f)
{
    if (shrinks(p->disk, p->i)) {
        progress_note(p->progress, "%s: the file system is being shrunk", p->region->what);
        if (deploy_shrink(p, store, f))
            return -1;
    }
    if (grows(p->disk, p->i) && clear_end(p->disk, p->i, f))
        return -1;
    return move_boot_sector(p->disk, p->i, f);
}

int deploy_fit_ends(const struct deploy_plan *plan, const struct store *s, const struct progress *p, struct failure *f)
{
    return for_each(plan, p, fit_end, (void *)s, f);
}

bool deploy_fit_grows(const struct deploy_plan *plan)
{
    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++)
            if (grows(&plan->disks[k], i))
                return true;
    return false;
}

/* What was taken raw may be anything, and nothing that is wrong with it becomes better by resizing. */
static int grow_partition(const struct fit_partition *p, void *nodes, struct failure *f)
{
    const struct manifest_partition *to = &p->disk->manifest->partitions[p->i];
    const char *path = ((const struct deploy_nodes *)nodes)->paths[p->region - p->plan->regions.list];
    const struct resize_volume v = {.path = path,
                                    .fs_type = to->fs_type,
                                    .size = to->size,
                                    .stopped = fit_partition_stopped,
                                    .stopped_arg = (void *)p};
    enum resize_result result = RESIZE_LEFT;
    struct failure why;

    if (!grows(p->disk, p->i))
        return 0;
    if (to->raw)
        fail(&why, "resize", "%.200s", to->note[0] ? to->note : "it was taken raw");
    else
        result = resize_fs(&v, &why);
    if (result == RESIZE_BROKEN)
        return fail(f, why.reason, "%s: growing it failed: %.300s", p->region->what, why.message);
    if (result == RESIZE_LEFT)
        progress_note(p->progress, "%s: the partition is larger than what it holds, which was not grown: %.300s",
                      p->region->what, why.message);
    return 0;
}

int deploy_fit_grow(const struct deploy_plan *plan, const struct deploy_nodes *nodes, const struct progress *p,
                    struct failure *f)
{
    return for_each(plan, p, grow_partition, (void *)nodes, f);
}
