/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/deploy_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/image/chunk_fetch.h"
#include "agent/image/image_files.h"
#include "agent/layout/boot_area.h"
#include "agent/layout/mbr_table.h"
#include "agent/layout/partition_table.h"

static int fetch_manifests(struct deploy_plan *plan, const char *image, struct store *s, struct failure *f)
{
    const struct manifest *first;

    for (unsigned i = 0; i < plan->count; i++)
        if (!(plan->disks[i].manifest = malloc(sizeof(struct manifest))))
            return fail(f, "out-of-memory", "no memory for a manifest");
    first = plan->disks[0].manifest;
    if (image_fetch_manifest(s, image, plan->disks[0].manifest, f))
        return -1;
    if (first->further_count + 1 != plan->count)
        return fail(f, "disk-count", "image %s has %u disk%s, and %u %s named", image, first->further_count + 1,
                    first->further_count ? "s" : "", plan->count, plan->count == 1 ? "was" : "were");
    for (unsigned i = 1; i < plan->count; i++)
        if (image_fetch_further(s, first, i - 1, plan->disks[i].manifest, f))
            return -1;
    return 0;
}

static int check_disk(const struct deploy_disk *disk, struct failure *f)
{
    const struct manifest *m = disk->manifest;
    const struct disk_io *d = disk->io;

    if (d->sector_size != m->sector_size)
        return fail(f, "sector-size",
                    "%s has sectors of %" PRIu32 " bytes, image %s was taken from a disk with %" PRIu32, d->path,
                    d->sector_size, m->name, m->sector_size);
    return 0;
}

static int read_kept(struct deploy_disk *disk, const struct deploy_layout *layout, struct failure *f)
{
    struct failure why;

    disk->kept = calloc(1, sizeof(struct manifest));
    if (!disk->kept)
        return fail(f, "out-of-memory", "no memory for a partition table");
    if (partition_table_read(disk->io, disk->kept, &why))
        return fail(f, "bad-layout", "partitions are to be kept, but there are none: %.300s", why.message);
    if (!strcmp(disk->kept->table, "none"))
        return fail(f, "bad-layout", "partitions are to be kept, but %s has no partition table", disk->io->path);
    if (strcmp(disk->kept->table, disk->manifest->table))
        return fail(f, "bad-layout", "partitions are to be kept, but %s has a table of the kind %s, and the image %s",
                    disk->io->path, disk->kept->table, disk->manifest->table);
    if (layout_select_kept(disk->kept, layout, f) || mbr_table_select(disk->kept, f))
        return -1;
    return mbr_table_check_kept(disk->manifest, disk->kept, f);
}

static int lay_out_disk(struct deploy_disk *disk, const struct deploy_layout *layout, struct failure *f)
{
    struct layout_target target = {.name = disk->io->path, .size = disk->io->size};
    struct mbr_place from[MANIFEST_PARTITIONS];

    if (check_disk(disk, f) || (layout && layout->keep_count && read_kept(disk, layout, f)))
        return -1;
    target.kept = disk->kept;
    if (layout_make(disk->manifest, &target, layout, &disk->layout, f))
        return -1;
    for (unsigned i = 0; i < disk->manifest->count; i++)
        from[i] = (struct mbr_place){disk->layout.list[i].source_start, disk->layout.list[i].source_size};
    return mbr_table_fit(disk->manifest, from, disk->io->size, disk->kept, f);
}

/* Numbers of partitions are those of the first disk. */
static int lay_out_disks(struct deploy_plan *plan, const struct deploy_layout *layout, struct failure *f)
{
    const struct deploy_layout further = {.grow = layout && layout->grow == DEPLOY_GROW_NONE ? DEPLOY_GROW_NONE
                                                                                             : DEPLOY_GROW_AUTO};

    for (unsigned i = 0; i < plan->count; i++)
        if (lay_out_disk(&plan->disks[i], i ? &further : layout, f))
            return -1;
    return 0;
}

/* Zeros count: not every disk has a quick way to them. */
static uint64_t written_bytes(const struct region *g)
{
    uint64_t total = 0;

    for (size_t i = g->skip; i < g->index.count; i++)
        total += caibx_chunk_size(&g->index, i);
    return total;
}

/* A partition that shrinks is written up to its new end, one that grows up to its old one, one that stays not at all.
 */
static uint64_t written_size(const struct deploy_disk *disk, unsigned i)
{
    uint64_t from = disk->layout.list[i].source_size, to = disk->manifest->partitions[i].size;

    return from < to ? from : to;
}

static int fetch_region_index(const struct deploy_disk *disk, unsigned i, struct region *g, struct store *s,
                              struct failure *f)
{
    const struct manifest_partition *p = &disk->manifest->partitions[i];
    uint64_t size = disk->layout.list[i].source_size;

    if (!size)
        return 0;
    if (image_fetch_index(s, disk->manifest->name, &p->index, size, &g->index, f))
        return -1;
    if (g->size < size)
        g->index = caibx_part(&g->index, g->size);
    return 0;
}

static int fetch_indexes(struct deploy_plan *plan, unsigned disk, struct region *regions, struct store *s,
                         struct failure *f)
{
    const struct manifest *m = plan->disks[disk].manifest;

    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        struct region *g = &regions[i];
        g->disk = plan->disks[disk].io;
        g->start = p->start;
        g->size = written_size(&plan->disks[disk], i);
        region_describe(g, disk, plan->count, i, m->count, p->fs_type);
        if (fetch_region_index(&plan->disks[disk], i, g, s, f))
            return -1;
        /* Without a table, the first chunk is the boot area. */
        g->skip = !strcmp(m->table, "none") && g->index.count;
        plan->total += written_bytes(g);
    }
    return 0;
}

static int fetch_boot_area(struct deploy_disk *disk, struct store *s, struct failure *f)
{
    size_t size = (size_t)disk->manifest->boot_size;
    struct chunk_fetcher *fetcher;
    struct caibx x;
    int result;

    if (!size)
        return 0;
    if (image_fetch_index(s, disk->manifest->name, &disk->manifest->boot, size, &x, f))
        return -1;
    disk->boot = calloc(1, size);
    fetcher = disk->boot ? chunk_fetcher_new(s, f) : NULL;
    if (!disk->boot)
        fail(f, "out-of-memory", "no memory for the boot area");
    result = fetcher ? chunk_fetch(fetcher, caibx_id(&x, 0), disk->boot, size, "the boot area", f) : -1;
    if (!result)
        boot_area_take_signature(disk->boot, disk->manifest);
    chunk_fetcher_free(fetcher);
    caibx_free(&x);
    return result;
}

static int fetch_disks(struct deploy_plan *plan, struct store *s, struct failure *f)
{
    unsigned partitions = 0;

    for (unsigned i = 0; i < plan->count; i++)
        partitions += plan->disks[i].manifest->count;
    if (region_set_init(&plan->regions, partitions, f))
        return -1;
    for (unsigned i = 0, next = 0; i < plan->count; next += plan->disks[i++].manifest->count)
        if (fetch_indexes(plan, i, plan->regions.list + next, s, f) || fetch_boot_area(&plan->disks[i], s, f))
            return -1;
    region_set_number(&plan->regions);
    return 0;
}

int deploy_plan_make(struct deploy_plan *plan, const char *image, const struct disk_set *disks,
                     const struct deploy_layout *layout, struct store *s, struct failure *f)
{
    *plan = (struct deploy_plan){.count = disks->count};
    for (unsigned i = 0; i < plan->count; i++)
        plan->disks[i].io = &disks->list[i];
    return fetch_manifests(plan, image, s, f) || lay_out_disks(plan, layout, f) || fetch_disks(plan, s, f) ? -1 : 0;
}

void deploy_plan_free(struct deploy_plan *plan)
{
    region_set_free(&plan->regions);
    for (unsigned i = 0; i < plan->count; i++) {
        free(plan->disks[i].boot);
        free(plan->disks[i].kept);
        free(plan->disks[i].manifest);
    }
}
