/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order is what makes a broken deploy harmless: old tables away and flushed, data, flush, file systems fitted,
 * personalise, flush, boot area, flush, partition table, flush. Whatever ends in between leaves disks that do not boot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/imaging/deploy_fit.h"
#include "agent/imaging/deploy_nodes.h"
#include "agent/imaging/deploy_plan.h"
#include "agent/imaging/deploy_run.h"
#include "agent/imaging/imaging.h"
#include "agent/layout/boot_area.h"
#include "agent/layout/partition_table.h"

struct deploy {
    const struct deploy_request *request;
    struct store *store;
    const struct progress *progress;
    struct disk_set disks;
    struct deploy_plan plan;
};

static int check_cancelled(const struct deploy *d, struct failure *f)
{
    if (d->progress->cancelled && d->progress->cancelled(d->progress->arg))
        return fail(f, "cancelled", "the deploy was cancelled");
    return 0;
}

static int clear_tables(const struct deploy *d, struct failure *f)
{
    for (unsigned i = 0; i < d->plan.count; i++)
        if (deploy_fit_clear(&d->plan.disks[i], f))
            return -1;
    return 0;
}

static void describe(void *arg, size_t run, char *ret, size_t size)
{
    const struct deploy_shared *shared = arg;

    snprintf(ret, size, "%s", region_set_run(shared->regions, run).region->what);
}

static void tell_kept(const struct deploy *d, uint64_t kept)
{
    char text[96];

    snprintf(text, sizeof(text), "%" PRIu64 " MiB were on the disk already and were left alone", kept >> 20);
    if (d->progress->note && kept)
        d->progress->note(d->progress->arg, text);
}

static int write_partitions(struct deploy *d, struct failure *f)
{
    struct deploy_shared shared = {.store = d->store, .regions = &d->plan.regions};
    const struct pipeline_work work = {.step = "deploy",
                                       .runs = d->plan.regions.runs,
                                       .total = d->plan.total,
                                       .threads = d->request->threads,
                                       .regions = &d->plan.regions,
                                       .arg = &shared,
                                       .open = deploy_run_open,
                                       .run = deploy_run,
                                       .finish = deploy_run_finish,
                                       .close = deploy_run_close,
                                       .describe = describe};
    int result;

    bad_chunks_init(&shared.bad);
    result = pipeline_run(&work, d->progress, f);
    if (!result)
        tell_kept(d, shared.kept);
    if (!result)
        result = bad_chunks_result(&shared.bad, d->progress, f);
    bad_chunks_free(&shared.bad);
    return result || disk_set_flush(&d->disks, f) ? -1 : 0;
}

static int personalise(const struct deploy *d, const struct deploy_nodes *nodes, struct failure *f)
{
    const struct system_partitions p = {.count = nodes->count,
                                        .nodes = nodes->paths,
                                        .fs_types = nodes->fs_types,
                                        .numbers = nodes->numbers,
                                        .disks = nodes->owners,
                                        .part_uuids = nodes->uuids};

    return d->request->personalise(d->request->arg, &p, f);
}

/* Nobody can mount a partition of a disk that somebody else holds exclusively, so the disks are let go meanwhile. */
static int grow_and_personalise(struct deploy *d, struct failure *f)
{
    struct deploy_nodes *nodes;
    struct failure second;
    int result;

    if (!d->request->personalise && !deploy_fit_grows(&d->plan))
        return 0;
    disk_set_close(&d->disks);
    nodes = deploy_nodes_open(&d->plan, f);
    if (!nodes)
        return -1;
    result = deploy_fit_grow(&d->plan, nodes, d->progress, f);
    if (!result && d->request->personalise)
        result = personalise(d, nodes, f);
    /* The first failure is the one to tell. */
    if (deploy_nodes_close(nodes, result ? &second : f))
        result = -1;
    if (result || disk_set_open(&d->disks, d->request->disks, d->request->disk_count, DISK_IO_WRITE, f))
        return -1;
    return disk_set_flush(&d->disks, f);
}

static bool has_no_table(const struct deploy_disk *disk)
{
    return !strcmp(disk->manifest->table, "none");
}

/* Without a table, the boot area is the head of the file system, which whoever mounts it needs; without its signature
 * it is no boot sector yet. */
static int write_heads(const struct deploy *d, struct failure *f)
{
    for (unsigned i = 0; i < d->plan.count; i++) {
        const struct deploy_disk *disk = &d->plan.disks[i];
        if (has_no_table(disk) && disk->boot &&
            disk_io_write(disk->io, 0, disk->boot, (size_t)disk->manifest->boot_size, f))
            return -1;
    }
    return disk_set_flush(&d->disks, f);
}

static int make_disk_bootable(const struct deploy_disk *disk, struct failure *f)
{
    if (!has_no_table(disk) && disk->boot && boot_area_write(disk->io, disk->manifest, disk->boot, f))
        return -1;
    return disk_io_flush(disk->io, f) || partition_table_write(disk->io, disk->manifest, f) ? -1 : 0;
}

/* The first disk, which machines boot from, comes last. */
static int make_bootable(struct deploy *d, struct failure *f)
{
    struct failure ignored;

    for (unsigned i = d->plan.count; i-- > 0;)
        if (make_disk_bootable(&d->plan.disks[i], f)) {
            /* Half a table must not be taken for a whole one by a firmware that repairs it from its backup. */
            clear_tables(d, &ignored);
            return -1;
        }
    /* The disks are complete, whatever the running kernel makes of their new tables. */
    for (unsigned i = 0; i < d->disks.count; i++)
        disk_io_reread_table(&d->disks.list[i], &ignored);
    return 0;
}

static int deploy_opened(struct deploy *d, struct failure *f)
{
    if (deploy_plan_make(&d->plan, d->request->image, &d->disks, d->request->layout, d->store, f) ||
        check_cancelled(d, f))
        return -1;
    deploy_fit_tell(&d->plan, d->progress);
    if (deploy_fit_check(&d->plan, d->store, d->progress, f) || check_cancelled(d, f))
        return -1;
    if (clear_tables(d, f) || write_partitions(d, f) || check_cancelled(d, f) || write_heads(d, f) ||
        deploy_fit_ends(&d->plan, d->store, d->progress, f) || grow_and_personalise(d, f))
        return -1;
    return check_cancelled(d, f) || make_bootable(d, f) ? -1 : 0;
}

int deploy_image(const struct deploy_request *r, struct store *s, const struct progress *p, struct failure *f)
{
    struct deploy *d = calloc(1, sizeof(*d));
    int result;

    if (!d)
        return fail(f, "out-of-memory", "no memory for a deploy");
    *d = (struct deploy){.request = r, .store = s, .progress = p};
    if (disk_set_open(&d->disks, r->disks, r->disk_count, DISK_IO_WRITE, f)) {
        free(d);
        return -1;
    }
    result = deploy_opened(d, f);
    deploy_plan_free(&d->plan);
    disk_set_close(&d->disks);
    free(d);
    return result;
}
