/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/disk/disk.h"
#include "agent/image/chunk_pack.h"
#include "agent/image/manifest_map.h"
#include "agent/imaging/capture_run.h"
#include "agent/imaging/disk_set.h"
#include "agent/imaging/imaging.h"
#include "agent/imaging/system_disk.h"
#include "agent/layout/boot_area.h"
#include "agent/layout/partition_table.h"

struct capture {
    const struct capture_request *request;
    struct store *store;
    const struct progress *progress;
    struct disk_set disks;
    struct manifest *manifests[MANIFEST_DISKS]; /* of each disk */
    uint64_t used;                              /* bytes on all disks */
    struct capture_shared shared;
};

static void note(const struct capture *c, const struct region *g)
{
    char text[384];

    snprintf(text, sizeof(text), "%s: %s%s", g->what, g->map.raw ? "taken raw: " : "", g->map.note);
    if (c->progress->note && g->map.note[0])
        c->progress->note(c->progress->arg, text);
}

/* The question comes before the hours of work, the refusal of a name taken meanwhile after them. */
static int check_name(const struct capture *c, struct failure *f)
{
    struct buffer b = {0};
    int result;

    if (!manifest_name_valid(c->request->image))
        return fail(f, "internal", "\"%.64s\" is no name for an image", c->request->image);
    result = store_get_file(c->store, c->request->image, "manifest.json", &b, f);
    free(b.data);
    if (!result)
        return fail(f, "image-exists", "image %s exists already", c->request->image);
    return strcmp(f->reason, "no-such-image") ? -1 : 0;
}

static int map_partition(struct capture *c, unsigned disk, unsigned i, struct region *g, struct failure *f)
{
    struct manifest *m = c->manifests[disk];
    struct manifest_partition *p = &m->partitions[i];

    g->disk = &c->disks.list[disk];
    g->start = p->start;
    g->size = p->size;
    /* Said before the hours of work, not after them. */
    if (caibx_file_size(p->size) > STORE_FILE_MAX)
        return fail(f, "disk-error",
                    "%s: partition %u of %" PRIu64 " GiB is too large: its index would have more than %u MiB",
                    g->disk->path, p->number, p->size >> 30, STORE_FILE_MAX >> 20);
    if (block_map_read(&g->map, g->disk, p->start, p->size, f) || caibx_init(&g->index, p->size, f))
        return -1;
    if (p->raw)
        block_map_take_whole(&g->map, p->note);
    manifest_index_name(disk, p->number, p->index.file);
    manifest_set_map(p, &g->map);
    region_describe(g, disk, c->disks.count, i, m->count, p->fs_type);
    m->used += g->map.used;
    note(c, g);
    return 0;
}

static int map_partitions(struct capture *c, struct failure *f)
{
    unsigned partitions = 0;
    struct region *next;

    for (unsigned disk = 0; disk < c->disks.count; disk++)
        partitions += c->manifests[disk]->count;
    if (region_set_init(&c->shared.regions, partitions, f))
        return -1;
    next = c->shared.regions.list;
    for (unsigned disk = 0; disk < c->disks.count; disk++) {
        for (unsigned i = 0; i < c->manifests[disk]->count; i++)
            if (map_partition(c, disk, i, next++, f))
                return -1;
        c->used += c->manifests[disk]->used;
    }
    region_set_number(&c->shared.regions);
    return 0;
}

static void describe(void *arg, size_t run, char *ret, size_t size)
{
    const struct capture_shared *shared = arg;

    snprintf(ret, size, "%s", region_set_run(&shared->regions, run).region->what);
}

static int capture_partitions(struct capture *c, struct failure *f)
{
    const struct pipeline_work work = {.step = "capture",
                                       .runs = c->shared.regions.runs,
                                       .total = c->used,
                                       .threads = c->request->threads,
                                       .regions = &c->shared.regions,
                                       .arg = &c->shared,
                                       .open = capture_run_open,
                                       .run = capture_run,
                                       .finish = capture_run_finish,
                                       .close = capture_run_close,
                                       .describe = describe};

    return pipeline_run(&work, c->progress, f);
}

/* What could not be read goes into the manifest, and to who watches. */
static void note_bad_sectors(struct capture *c)
{
    struct region *g = c->shared.regions.list;
    char text[256], line[384];

    for (unsigned disk = 0; disk < c->disks.count; disk++)
        for (unsigned i = 0; i < c->manifests[disk]->count; i++, g++) {
            char *note = c->manifests[disk]->partitions[i].note;
            size_t room = sizeof(c->manifests[disk]->partitions[i].note), n = strlen(note);
            bad_sectors_describe(&g->bad, text, sizeof(text));
            if (!text[0])
                continue;
            snprintf(note + n, room - n, "%s%s", n ? "; " : "", text);
            snprintf(line, sizeof(line), "%s: %s", g->what, text);
            if (c->progress->note)
                c->progress->note(c->progress->arg, line);
        }
}

static int put_chunk(struct capture *c, const void *data, size_t size, const uint8_t id[CHUNK_ID_SIZE],
                     struct failure *f)
{
    struct chunk_packer *packer;
    const void *frame;
    bool missing;
    int result;

    if (store_missing(c->store, (const uint8_t(*)[CHUNK_ID_SIZE])id, 1, &missing, f))
        return -1;
    if (!missing)
        return 0;
    packer = chunk_packer_new(c->request->level, f);
    if (!packer)
        return -1;
    result = chunk_pack(packer, data, size, &frame, &size, f) || store_put_chunk(c->store, id, frame, size, f) ? -1 : 0;
    chunk_packer_free(packer);
    return result;
}

static bool has_id(const struct caibx *x, const uint8_t id[CHUNK_ID_SIZE])
{
    for (size_t i = 0; i < x->count; i++)
        if (!memcmp(caibx_id(x, i), id, CHUNK_ID_SIZE))
            return true;
    return false;
}

/* Workers do not send chunks of zeros; casync wants to find them in the store nevertheless. */
static int put_zero_chunks(struct capture *c, const uint8_t *zeros, struct failure *f)
{
    for (unsigned i = 0; i < c->shared.regions.count; i++) {
        const struct caibx *x = &c->shared.regions.list[i].index;
        const size_t sizes[2] = {caibx_chunk_size(x, 0), caibx_chunk_size(x, x->count - 1)};
        for (unsigned k = 0; k < 2; k++) {
            uint8_t id[CHUNK_ID_SIZE];
            chunk_id_zeros(sizes[k], id);
            if (has_id(x, id) && put_chunk(c, zeros, sizes[k], id, f))
                return -1;
        }
    }
    return 0;
}

static int put_file(struct capture *c, const void *data, size_t size, struct manifest_index *ret, struct failure *f)
{
    file_sha256(data, size, ret->sha256);
    return store_put_file(c->store, c->request->image, ret->file, data, size, f);
}

/* Of a disk without a table the boot area is the first chunk of its only partition, which is in the store already. */
static const uint8_t *captured_boot_area(const struct capture *c, unsigned disk)
{
    const struct region *g = c->shared.regions.list;

    for (unsigned i = 0; i < disk; i++)
        g += c->manifests[i]->count;
    return strcmp(c->manifests[disk]->table, "none") ? NULL : caibx_id(&g->index, 0);
}

static int put_boot_area(struct capture *c, unsigned disk, uint8_t *buffer, struct failure *f)
{
    struct manifest *m = c->manifests[disk];
    const uint8_t *captured = captured_boot_area(c, disk);
    struct caibx x;
    uint8_t id[CHUNK_ID_SIZE];
    int result;

    m->boot_size = boot_area_size(&c->disks.list[disk], m);
    manifest_index_name(disk, 0, m->boot.file);
    if (!captured) {
        if (boot_area_read(&c->disks.list[disk], m, buffer, m->boot_size, f))
            return -1;
        chunk_id_compute(buffer, (size_t)m->boot_size, id);
        if (put_chunk(c, buffer, (size_t)m->boot_size, id, f))
            return -1;
    }
    if (caibx_init(&x, m->boot_size, f))
        return -1;
    caibx_set_id(&x, 0, captured ? captured : id);
    result = put_file(c, x.bytes, x.bytes_size, &m->boot, f);
    caibx_free(&x);
    return result;
}

/* One buffer serves first as zeros, then for the boot areas. */
static int put_small_chunks(struct capture *c, struct failure *f)
{
    uint8_t *buffer = calloc(1, CHUNK_SIZE);
    int result;

    if (!buffer)
        return fail(f, "out-of-memory", "no memory for the boot area");
    result = put_zero_chunks(c, buffer, f);
    for (unsigned disk = 0; !result && disk < c->disks.count; disk++)
        result = put_boot_area(c, disk, buffer, f);
    free(buffer);
    return result;
}

static void fill_disk(const struct disk_io *d, struct manifest *m)
{
    struct disk disks[DISKS_MAX];
    unsigned count = d->block ? disk_list(disks, DISKS_MAX) : 0;

    m->disk_size = d->size;
    m->sector_size = d->sector_size;
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(disks[i].path, d->path))
            snprintf(m->model, sizeof(m->model), "%s", disks[i].model);
}

static void fill_source(const struct capture_request *r, time_t now, struct manifest *m)
{
    struct tm utc;

    snprintf(m->name, sizeof(m->name), "%s", r->image);
    snprintf(m->agent, sizeof(m->agent), "%s", SLIPWAY_VERSION);
    snprintf(m->machine, sizeof(m->machine), "%s", r->machine);
    snprintf(m->uuid, sizeof(m->uuid), "%s", r->uuid);
    snprintf(m->mac, sizeof(m->mac), "%s", r->mac);
    snprintf(m->firmware, sizeof(m->firmware), "%s", r->firmware);
    strftime(m->created, sizeof(m->created), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

static int put_indexes(struct capture *c, struct failure *f)
{
    struct region *g = c->shared.regions.list;

    for (unsigned disk = 0; disk < c->disks.count; disk++)
        for (unsigned i = 0; i < c->manifests[disk]->count; i++, g++)
            if (put_file(c, g->index.bytes, g->index.bytes_size, &c->manifests[disk]->partitions[i].index, f))
                return -1;
    return 0;
}

/* The first disk's names all others and comes last: with it the image begins to exist. */
static int put_manifests(struct capture *c, struct failure *f)
{
    struct manifest_index itself = {.file = ""};
    time_t now = time(NULL);
    int result = 0;

    c->manifests[0]->further_count = c->disks.count - 1;
    for (unsigned disk = c->disks.count; !result && disk-- > 0;) {
        struct manifest_index *entry = disk ? &c->manifests[0]->further[disk - 1] : &itself;
        char *text;
        fill_source(c->request, now, c->manifests[disk]);
        manifest_file_name(disk, entry->file);
        text = manifest_format(c->manifests[disk], f);
        result = text ? put_file(c, text, strlen(text), entry, f) : -1;
        free(text);
    }
    return result;
}

static int check_cancelled(const struct capture *c, struct failure *f)
{
    if (c->progress->cancelled && c->progress->cancelled(c->progress->arg))
        return fail(f, "cancelled", "the capture was cancelled");
    return 0;
}

/* By hand it may be the only way, and the person there knows what goes on; in automation nobody mounts anything. */
static void tell_in_use(const struct capture *c, const struct disk_io *d)
{
    char text[400];

    snprintf(text, sizeof(text),
             "%s is in use (mounted, or part of another device): what changes meanwhile may be torn in "
             "the image",
             d->path);
    if (c->progress->note && disk_io_in_use(d))
        c->progress->note(c->progress->arg, text);
}

static int read_table(struct capture *c, unsigned disk, struct failure *f)
{
    struct manifest *m = calloc(1, sizeof(*m));
    char text[sizeof(m->note) + 260];

    c->manifests[disk] = m;
    if (!m)
        return fail(f, "out-of-memory", "no memory for a manifest");
    fill_disk(&c->disks.list[disk], m);
    tell_in_use(c, &c->disks.list[disk]);
    if (partition_table_read(&c->disks.list[disk], m, f))
        return -1;
    snprintf(text, sizeof(text), "%s: %s", c->disks.list[disk].path, m->note);
    if (m->note[0] && c->progress->note)
        c->progress->note(c->progress->arg, text);
    return 0;
}

/* An image is as good without knowing what is in it. */
static void find_systems(struct capture *c)
{
    struct failure f;
    char text[512];

    for (unsigned disk = 0; disk < c->disks.count; disk++) {
        struct manifest *m = c->manifests[disk];
        if (system_disk_find(&c->disks.list[disk], m, &f) && c->progress->note) {
            snprintf(text, sizeof(text), "not all systems could be looked for: %.384s", f.message);
            c->progress->note(c->progress->arg, text);
        }
        for (unsigned i = 0; i < m->system_count && c->progress->note; i++) {
            snprintf(text, sizeof(text), "%s: %.128s on partition %u", c->disks.list[disk].path, m->systems[i].name,
                     m->systems[i].partition);
            c->progress->note(c->progress->arg, text);
        }
    }
}

static int capture_opened(struct capture *c, struct failure *f)
{
    for (unsigned disk = 0; disk < c->disks.count; disk++)
        if (read_table(c, disk, f))
            return -1;
    if (map_partitions(c, f))
        return -1;
    find_systems(c);
    if (capture_partitions(c, f))
        return -1;
    note_bad_sectors(c);
    if (put_small_chunks(c, f) || put_indexes(c, f))
        return -1;
    return check_cancelled(c, f) || put_manifests(c, f) ? -1 : 0;
}

int capture_disk(const struct capture_request *r, struct store *s, const struct progress *p, struct failure *f)
{
    struct capture c = {.request = r, .store = s, .progress = p};
    int result;

    if (check_name(&c, f) || disk_set_open(&c.disks, r->disks, r->disk_count, DISK_IO_READ, f))
        return -1;
    for (unsigned i = 0; r->cows && i < c.disks.count; i++)
        c.disks.list[i].cow = r->cows[i];
    c.shared.store = s;
    c.shared.level = r->level;
    c.shared.policy = r->bad_sectors;
    result = capture_opened(&c, f);
    region_set_free(&c.shared.regions);
    for (unsigned i = 0; i < MANIFEST_DISKS; i++)
        free(c.manifests[i]);
    disk_set_close(&c.disks);
    return result;
}
