/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order is what makes a broken deploy harmless: old table away and flushed, data, flush, personalise, flush, boot
 * area, flush, partition table, flush. Whatever ends in between leaves a disk that does not boot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/deploy_plan.h"
#include "agent/deploy_run.h"
#include "agent/imaging.h"
#include "agent/partition_nodes.h"
#include "agent/partition_table.h"

struct deploy {
    const struct deploy_request *request;
    struct store *store;
    const struct progress *progress;
    struct disk_io disk;
    struct deploy_plan plan;
};

static int check_cancelled(const struct deploy *d, struct failure *f)
{
    if (d->progress->cancelled && d->progress->cancelled(d->progress->arg))
        return fail(f, "cancelled", "the deploy was cancelled");
    return 0;
}

static void describe(void *arg, size_t run, char *ret, size_t size)
{
    const struct deploy_shared *shared = arg;

    snprintf(ret, size, "%s", region_set_run(shared->regions, run).region->what);
}

static int write_partitions(struct deploy *d, struct failure *f)
{
    struct deploy_shared shared = {.disk = &d->disk, .store = d->store, .regions = &d->plan.regions};
    const struct pipeline_work work = {.step = "deploy",
                                       .runs = d->plan.regions.runs,
                                       .total = d->plan.total,
                                       .threads = d->request->threads,
                                       .arg = &shared,
                                       .open = deploy_run_open,
                                       .run = deploy_run,
                                       .close = run_worker_close,
                                       .describe = describe};

    return pipeline_run(&work, d->progress, f) || disk_io_flush(&d->disk, f) ? -1 : 0;
}

static int call_personalise(const struct deploy *d, const struct partition_nodes *nodes, struct failure *f)
{
    const char *paths[MANIFEST_PARTITIONS], *types[MANIFEST_PARTITIONS];

    for (unsigned i = 0; i < nodes->count; i++) {
        paths[i] = nodes->list[i].path;
        types[i] = d->plan.manifest->partitions[i].fs_type;
    }
    return d->request->personalise(d->request->arg, paths, types, nodes->count, f);
}

static int with_nodes(const struct deploy *d, bool block, struct failure *f)
{
    struct partition_nodes *nodes = malloc(sizeof(*nodes));
    struct failure second;
    int result;

    if (!nodes)
        return fail(f, "out-of-memory", "no memory for the partitions' nodes");
    result = partition_nodes_open(nodes, d->request->disk, block, d->plan.manifest, f);
    if (!result) {
        result = call_personalise(d, nodes, f);
        /* The first failure is the one to tell. */
        if (partition_nodes_close(nodes, result ? &second : f))
            result = -1;
    }
    free(nodes);
    return result;
}

/* Nobody can mount a partition of a disk that somebody else holds exclusively, so the disk is let go meanwhile. */
static int personalise(struct deploy *d, struct failure *f)
{
    bool block = d->disk.block;

    if (!d->request->personalise)
        return 0;
    disk_io_close(&d->disk);
    if (with_nodes(d, block, f))
        return -1;
    return disk_io_open(&d->disk, d->request->disk, DISK_IO_WRITE, f) || disk_io_flush(&d->disk, f) ? -1 : 0;
}

static int make_bootable(struct deploy *d, struct failure *f)
{
    struct failure ignored;

    if ((d->plan.boot && disk_io_write(&d->disk, 0, d->plan.boot, (size_t)d->plan.manifest->boot_size, f)) ||
        disk_io_flush(&d->disk, f) || partition_table_write(&d->disk, d->plan.manifest, f)) {
        /* Half a table must not be taken for a whole one by a firmware that repairs it from its backup. */
        partition_table_clear(&d->disk, &ignored);
        return -1;
    }
    /* The disk is complete, whatever the running kernel makes of its new table. */
    disk_io_reread_table(&d->disk, &ignored);
    return 0;
}

static int deploy_opened(struct deploy *d, struct failure *f)
{
    if (deploy_plan_make(&d->plan, d->request->image, &d->disk, d->store, f) || check_cancelled(d, f))
        return -1;
    if (partition_table_clear(&d->disk, f) || write_partitions(d, f) || check_cancelled(d, f) || personalise(d, f))
        return -1;
    return check_cancelled(d, f) || make_bootable(d, f) ? -1 : 0;
}

int deploy_image(const struct deploy_request *r, struct store *s, const struct progress *p, struct failure *f)
{
    struct deploy d = {.request = r, .store = s, .progress = p};
    int result;

    if (disk_io_open(&d.disk, r->disk, DISK_IO_WRITE, f))
        return -1;
    result = deploy_opened(&d, f);
    deploy_plan_free(&d.plan);
    disk_io_close(&d.disk);
    return result;
}
