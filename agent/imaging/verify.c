/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/image/image_files.h"
#include "agent/imaging/disk_set.h"
#include "agent/imaging/run_worker.h"
#include "agent/imaging/verify_run.h"
#include "agent/layout/partition_table.h"

struct verify {
    struct verify_shared shared;
    const struct verify_request *request;
    struct store *store;
    const struct progress *progress;
    struct disk_set disks;
    unsigned count;             /* disks of the image */
    struct manifest *manifests; /* of each */
};

static int no_memory(struct failure *f)
{
    return fail(f, "out-of-memory", "no memory to verify an image");
}

static int fetch_manifests(struct verify *v, struct failure *f)
{
    struct manifest *all;

    v->manifests = malloc(sizeof(*v->manifests));
    if (!v->manifests)
        return no_memory(f);
    if (image_fetch_manifest(v->store, v->request->image, &v->manifests[0], f))
        return -1;
    v->count = v->manifests[0].further_count + 1;
    if (v->request->disk_count && v->request->disk_count != v->count)
        return fail(f, "disk-count", "image %s has %u disks, and %u were named", v->request->image, v->count,
                    v->request->disk_count);
    all = realloc(v->manifests, v->count * sizeof(*all));
    if (!all)
        return no_memory(f);
    v->manifests = all;
    for (unsigned i = 1; i < v->count; i++)
        if (image_fetch_further(v->store, &all[0], i - 1, &all[i], f))
            return -1;
    return 0;
}

/* An index that cannot be used is a finding: its region stays empty. Only a store that is gone ends the work. */
static int fetch_index(struct verify *v, struct region *g, const struct manifest_index *index, struct failure *f)
{
    if (!image_fetch_index(v->store, v->manifests[0].name, index, g->size, &g->index, f))
        return 0;
    g->index = (struct caibx){0};
    if (strcmp(f->reason, "bad-image"))
        return -1;
    verify_found(&v->shared, VERIFY_INDEX, g, 0, g->size, NULL, f->message);
    return 0;
}

/* By the partition's number, not by how many there are: findings are looked up in the disk's table. */
static void name_region(const struct verify *v, struct region *g, unsigned disk, const struct manifest_partition *p)
{
    char which[20] = "", part[24] = "boot area";

    if (v->count > 1)
        snprintf(which, sizeof(which), "disk %u, ", disk + 1);
    if (p)
        snprintf(part, sizeof(part), "partition %u", p->number);
    snprintf(g->what, sizeof(g->what), "%s%s%s%.16s", which, part, p && p->has_fs ? ", " : "", p ? p->fs_type : "");
}

static int fetch_disk(struct verify *v, unsigned disk, unsigned *next, struct failure *f)
{
    const struct manifest *m = &v->manifests[disk];
    struct region *g;

    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        v->shared.places[*next] = (struct verify_place){disk + 1, p->number, m};
        g = &v->shared.regions.list[(*next)++];
        g->start = p->start;
        g->size = p->size;
        name_region(v, g, disk, p);
        if (fetch_index(v, g, &p->index, f))
            return -1;
    }
    if (!m->boot_size)
        return 0;
    v->shared.places[*next] = (struct verify_place){disk + 1, 0, m};
    g = &v->shared.regions.list[(*next)++];
    g->size = m->boot_size;
    name_region(v, g, disk, NULL);
    return fetch_index(v, g, &m->boot, f);
}

static int fetch_disks(struct verify *v, struct failure *f)
{
    unsigned regions = 0, next = 0;

    for (unsigned i = 0; i < v->count; i++)
        regions += v->manifests[i].count + (v->manifests[i].boot_size > 0);
    v->shared.places = calloc(regions + 1, sizeof(*v->shared.places));
    if (!v->shared.places)
        return no_memory(f);
    if (region_set_init(&v->shared.regions, regions, f))
        return -1;
    for (unsigned i = 0; i < v->count; i++)
        if (fetch_disk(v, i, &next, f))
            return -1;
    return 0;
}

static const struct manifest_partition *find_partition(const struct manifest *m, unsigned number)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number == number)
            return &m->partitions[i];
    return NULL;
}

static bool lies_there(const struct region *g, const struct manifest_partition *p)
{
    return p && p->start == g->start && p->size == g->size;
}

static void compare_entry(struct verify *v, const struct region *g, const struct manifest_partition *wanted,
                          const struct manifest_partition *p)
{
    char wrong[192] = "";

    if (!p)
        snprintf(wrong, sizeof(wrong), "the disk has no such partition");
    else if (!lies_there(g, p))
        snprintf(wrong, sizeof(wrong),
                 "on the disk it begins at byte %" PRIu64 " and has %" PRIu64 " bytes, in the image %" PRIu64
                 " and %" PRIu64,
                 p->start, p->size, g->start, g->size);
    else if (strcasecmp(p->type, wanted->type) || strcasecmp(p->uuid, wanted->uuid) || strcmp(p->name, wanted->name))
        snprintf(wrong, sizeof(wrong), "its entry in the disk's table has another type, UUID or name");
    if (wrong[0])
        verify_found(&v->shared, VERIFY_PARTITION, g, 0, g->size, NULL, wrong);
}

/* What is elsewhere on the disk cannot be compared: its region becomes empty. */
static int map_region(struct verify *v, size_t i, const struct manifest *there, struct failure *f)
{
    const struct verify_place *place = &v->shared.places[i];
    struct region *g = &v->shared.regions.list[i];
    const struct manifest_partition *p;

    g->disk = &v->disks.list[place->disk - 1];
    if (!place->partition) {
        /* Without a table the boot area is a part of the partition. */
        if (!strcmp(place->manifest->table, "none"))
            caibx_free(&g->index);
        return 0;
    }
    p = find_partition(there, place->partition);
    compare_entry(v, g, find_partition(&v->manifests[place->disk - 1], place->partition), p);
    if (lies_there(g, p))
        return block_map_read(&g->map, g->disk, g->start, g->size, f);
    caibx_free(&g->index);
    return 0;
}

static void compare_tables(struct verify *v, unsigned disk, const struct manifest *there)
{
    const struct manifest *m = &v->manifests[disk];
    char what[256];
    const struct verify_finding finding = {.kind = VERIFY_TABLE, .disk = disk + 1, .what = what, .chunk = ""};

    if (!strcmp(m->table, there->table) && !strcasecmp(m->disk_uuid, there->disk_uuid))
        return;
    snprintf(what, sizeof(what), "partition table: %s has %s %s, the image %s %s", v->disks.list[disk].path,
             there->table, there->disk_uuid, m->table, m->disk_uuid);
    verify_tell(&v->shared, &finding);
}

static int map_disks(struct verify *v, struct failure *f)
{
    struct manifest *there = NULL;
    int result = 0;

    if (!v->request->disk_count)
        return 0;
    if (disk_set_open(&v->disks, v->request->disks, v->request->disk_count, DISK_IO_READ, f))
        return -1;
    v->shared.compares = true;
    there = malloc(sizeof(*there));
    if (!there)
        return no_memory(f);
    for (size_t i = 0, disk = 0; !result && i < v->shared.regions.count; i++) {
        if (v->shared.places[i].disk != disk) {
            disk = v->shared.places[i].disk;
            memset(there, 0, sizeof(*there));
            result = partition_table_read(&v->disks.list[disk - 1], there, f);
            if (!result)
                compare_tables(v, (unsigned)disk - 1, there);
        }
        if (!result)
            result = map_region(v, i, there, f);
    }
    free(there);
    return result;
}

static uint64_t total_of(const struct region_set *regions)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < regions->count; i++)
        if (regions->list[i].index.count)
            total += regions->list[i].size;
    return total;
}

static void describe(void *arg, size_t run, char *ret, size_t size)
{
    const struct verify_shared *shared = arg;

    snprintf(ret, size, "%s", region_set_run(&shared->regions, run).region->what);
}

static int check_runs(struct verify *v, struct failure *f)
{
    struct pipeline_work work = {.step = "verify",
                                 .threads = v->request->threads,
                                 .regions = &v->shared.regions,
                                 .arg = &v->shared,
                                 .open = verify_run_open,
                                 .run = verify_run,
                                 .close = run_worker_close,
                                 .describe = describe};

    region_set_number(&v->shared.regions);
    work.runs = v->shared.regions.runs;
    work.total = v->shared.result.bytes = total_of(&v->shared.regions);
    return pipeline_run(&work, v->progress, f);
}

int verify_image(const struct verify_request *r, struct store *s, const struct progress *p, struct verify_result *ret,
                 struct failure *f)
{
    struct verify v = {
        .shared = {.request = r, .store = s, .zero_seen = ATOMIC_FLAG_INIT}, .request = r, .store = s, .progress = p};
    int result = -1;

    pthread_mutex_init(&v.shared.lock, NULL);
    if (!fetch_manifests(&v, f) && !fetch_disks(&v, f) && !map_disks(&v, f))
        result = check_runs(&v, f);
    *ret = v.shared.result;
    pthread_mutex_destroy(&v.shared.lock);
    region_set_free(&v.shared.regions);
    disk_set_close(&v.disks);
    free(v.shared.places);
    free(v.manifests);
    return result;
}
