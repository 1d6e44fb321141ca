/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/deploy_fit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/boot_sector.h"
#include "agent/manifest_layout.h"
#include "agent/overlay_file.h"
#include "agent/partition_table.h"
#include "agent/resize.h"

#define BOOT_CODE 440
#define BOOT_AREA (1024 * 1024)

__attribute__((format(printf, 2, 3))) static void note(const struct progress *p, const char *format, ...)
{
    char text[512];
    va_list args;

    if (!p->note)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    p->note(p->arg, text);
}

/* libfdisk writes backup before primary: at every moment one of them is whole, and has the kept entries. */
static int keep_entries(const struct deploy_disk *disk, struct failure *f)
{
    uint64_t head = manifest_head_size(disk->kept), end = disk->kept->partitions[0].start;

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
        note(p, "%s: partition %u stays as it is", disk->io->path, to->number);
    else if (to->size != size)
        note(p, "%s: partition %u (%.20s) %s from %" PRIu64 " to %" PRIu64 " bytes", disk->io->path, to->number,
             to->fs_type, to->size > size ? "grows" : "shrinks", size, to->size);
    if (size && to->start != start)
        note(p, "%s: partition %u moves from byte %" PRIu64 " to %" PRIu64, disk->io->path, to->number, start,
             to->start);
}

void deploy_fit_tell(const struct deploy_plan *plan, const struct progress *p)
{
    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++)
            tell_partition(&plan->disks[k], i, p);
}

static int run_on_overlay(void *arg, const struct program *p, struct program_result *ret, struct failure *f)
{
    return overlay_file_run(arg, p, ret, f);
}

static int on_file(struct overlay *o, const struct manifest_partition *p,
                   int (*step)(struct overlay *o, const struct resize_volume *v, struct failure *f), struct failure *f)
{
    struct overlay_file file;
    const struct resize_volume v = {
        .path = file.path, .fs_type = p->fs_type, .size = p->size, .run = run_on_overlay, .arg = &file};
    struct failure why;
    int result;

    if (overlay_file_open(&file, o, f))
        return -1;
    result = step(o, &v, &why);
    overlay_file_close(&file);
    if (result)
        return fail(f, why.reason, "partition %u (%.20s) cannot be shrunk to %" PRIu64 " bytes: %.250s", p->number,
                    p->fs_type, p->size, why.message);
    return 0;
}

static int shrink(struct overlay *o, const struct resize_volume *v, struct failure *f)
{
    (void)o;
    return resize_fs(v, f) == RESIZE_DONE ? 0 : -1;
}

static int check(struct overlay *o, const struct resize_volume *v, struct failure *f)
{
    uint8_t block_size[4]; /* ext: 1024 << this */

    if (overlay_read(o, 1024 + 24, block_size, sizeof(block_size), f))
        return -1;
    return resize_check(v, 1024u << (block_size[0] & 7), f);
}

/* Of the partition, `disk_size` bytes are on the disk. */
static int with_overlay(const struct deploy_disk *disk, unsigned i, const struct region *r, uint64_t disk_size,
                        const struct store *s,
                        int (*step)(struct overlay *o, const struct resize_volume *v, struct failure *f),
                        struct failure *f)
{
    const struct caibx whole = caibx_part(&r->index, disk->layout.list[i].source_size);
    const struct overlay_source source = {
        .disk = disk->io, .start = r->start, .disk_size = disk_size, .index = &whole, .what = r->what};
    struct overlay *o = overlay_new(&source, s, f);
    int result;

    if (!o)
        return -1;
    result = on_file(o, &disk->manifest->partitions[i], step, f);
    overlay_free(o);
    return result;
}

static int shrink_partition(const struct deploy_disk *disk, unsigned i, const struct region *r, const struct store *s,
                            struct failure *f)
{
    return with_overlay(disk, i, r, r->size, s, shrink, f) || disk_io_flush(disk->io, f) ? -1 : 0;
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

int deploy_fit_check(const struct deploy_plan *plan, const struct store *s, const struct progress *p, struct failure *f)
{
    const struct region *r = plan->regions.list;

    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++, r++) {
            if (!shrinks(&plan->disks[k], i))
                continue;
            note(p, "%s: looking whether the file system can be shrunk", r->what);
            if (with_overlay(&plan->disks[k], i, r, 0, s, check, f))
                return -1;
        }
    return 0;
}

int deploy_fit_ends(const struct deploy_plan *plan, const struct store *s, const struct progress *p, struct failure *f)
{
    const struct region *r = plan->regions.list;

    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++, r++) {
            if (shrinks(&plan->disks[k], i))
                note(p, "%s: the file system is being shrunk", r->what);
            if ((shrinks(&plan->disks[k], i) && shrink_partition(&plan->disks[k], i, r, s, f)) ||
                (grows(&plan->disks[k], i) && clear_end(&plan->disks[k], i, f)) ||
                move_boot_sector(&plan->disks[k], i, f))
                return -1;
        }
    return 0;
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
static int grow_partition(const struct manifest_partition *to, const char *path, const struct region *r,
                          const struct progress *p, struct failure *f)
{
    const struct resize_volume v = {.path = path, .fs_type = to->fs_type, .size = to->size};
    enum resize_result result = RESIZE_LEFT;
    struct failure why;

    if (to->raw)
        fail(&why, "resize", "it was taken raw");
    else
        result = resize_fs(&v, &why);
    if (result == RESIZE_BROKEN)
        return fail(f, "resize", "%s: growing it failed: %.300s", r->what, why.message);
    if (result == RESIZE_LEFT)
        note(p, "%s: the partition is larger than its file system, which was not grown: %.300s", r->what, why.message);
    return 0;
}

int deploy_fit_grow(const struct deploy_plan *plan, const struct deploy_nodes *nodes, const struct progress *p,
                    struct failure *f)
{
    unsigned node = 0;

    for (unsigned k = 0; k < plan->count; k++)
        for (unsigned i = 0; i < plan->disks[k].manifest->count; i++, node++)
            if (grows(&plan->disks[k], i) && grow_partition(&plan->disks[k].manifest->partitions[i], nodes->paths[node],
                                                            &plan->regions.list[node], p, f))
                return -1;
    return 0;
}
