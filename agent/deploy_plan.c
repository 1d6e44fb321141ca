/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/deploy_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/chunk_fetch.h"
#include "agent/image_files.h"

static int fetch_manifest(struct deploy_plan *plan, const char *image, struct store *s, struct failure *f)
{
    plan->manifest = malloc(sizeof(*plan->manifest));
    if (!plan->manifest)
        return fail(f, "out-of-memory", "no memory for a manifest");
    return image_fetch_manifest(s, image, plan->manifest, f);
}

static int check_disk(const struct deploy_plan *plan, const struct disk_io *d, struct failure *f)
{
    const struct manifest *m = plan->manifest;
    uint64_t smallest = manifest_smallest_disk(m);

    if (d->sector_size != m->sector_size)
        return fail(f, "sector-size",
                    "%s has sectors of %" PRIu32 " bytes, image %s was taken from a disk with %" PRIu32, d->path,
                    d->sector_size, m->name, m->sector_size);
    if (d->size < smallest)
        return fail(f, "target-too-small",
                    "%s has %" PRIu64 " bytes; image %s, taken from a disk of %" PRIu64
                    " bytes, needs at least %" PRIu64,
                    d->path, d->size, m->name, m->disk_size, smallest);
    return 0;
}

static uint64_t data_size(const struct caibx *x)
{
    uint8_t zero_id[CHUNK_ID_SIZE];
    uint64_t total = 0;

    chunk_id_zeros(CHUNK_SIZE, zero_id);
    for (size_t i = 0; i < x->count; i++)
        if (memcmp(caibx_id(x, i), zero_id, CHUNK_ID_SIZE))
            total += caibx_chunk_size(x, i);
    return total;
}

static int fetch_indexes(struct deploy_plan *plan, struct store *s, struct failure *f)
{
    const struct manifest *m = plan->manifest;

    if (region_set_init(&plan->regions, m->count, f))
        return -1;
    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        struct region *g = &plan->regions.list[i];
        g->start = p->start;
        g->size = p->size;
        snprintf(g->what, sizeof(g->what), "partition %u of %u, %.20s", i + 1, m->count,
                 p->has_fs ? p->fs_type : "unknown");
        if (image_fetch_index(s, m->name, &p->index, p->size, &g->index, f))
            return -1;
        plan->total += data_size(&g->index);
    }
    region_set_number(&plan->regions);
    return 0;
}

static int fetch_boot_area(struct deploy_plan *plan, struct store *s, struct failure *f)
{
    size_t size = (size_t)plan->manifest->boot_size;
    struct chunk_fetcher *fetcher;
    struct caibx x;
    int result;

    if (!size)
        return 0;
    if (image_fetch_index(s, plan->manifest->name, &plan->manifest->boot, size, &x, f))
        return -1;
    plan->boot = calloc(1, size);
    fetcher = plan->boot ? chunk_fetcher_new(s, f) : NULL;
    if (!plan->boot)
        fail(f, "out-of-memory", "no memory for the boot area");
    result = fetcher ? chunk_fetch(fetcher, caibx_id(&x, 0), plan->boot, size, "the boot area", f) : -1;
    chunk_fetcher_free(fetcher);
    caibx_free(&x);
    return result;
}

int deploy_plan_make(struct deploy_plan *plan, const char *image, const struct disk_io *d, struct store *s,
                     struct failure *f)
{
    *plan = (struct deploy_plan){0};
    if (fetch_manifest(plan, image, s, f) || check_disk(plan, d, f))
        return -1;
    return fetch_indexes(plan, s, f) || fetch_boot_area(plan, s, f) ? -1 : 0;
}

void deploy_plan_free(struct deploy_plan *plan)
{
    region_set_free(&plan->regions);
    free(plan->boot);
    free(plan->manifest);
}
