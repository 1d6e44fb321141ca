/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/deploy_source.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agent/imaging/imaging.h"
#include "agent/layout/partition_nodes.h"
#include "agent/layout/partition_table.h"
#include "agent/source/disk_ends.h"
#include "agent/source/image_source_format.h"
#include "agent/source/source_grow.h"

struct job {
    const struct deploy_source_request *request;
    const struct progress *progress;
    struct image_source *source;
    struct disk_io disk;
    struct disk_ends ends;
    uint64_t size; /* bytes of the image's disk; known when it was streamed */
    struct source_grow grow;
};

static int check_sector_size(const struct job *j, uint32_t sector, struct failure *f)
{
    if (!sector || sector == j->disk.sector_size)
        return 0;
    return fail(f, "sector-size", "%s has sectors of %" PRIu32 " bytes, %.150s was made for a disk with %" PRIu32,
                j->disk.path, j->disk.sector_size, j->request->source.where, sector);
}

static int check_disk(const struct job *j, struct failure *f)
{
    uint64_t size = image_source_disk_size(j->source);

    if (size != UINT64_MAX && size > j->disk.size)
        return fail(f, "target-too-small", "%s has %" PRIu64 " bytes; %.150s is a disk of %" PRIu64, j->disk.path,
                    j->disk.size, j->request->source.where, size);
    return check_sector_size(j, image_source_sector_size(j->source), f);
}

/* The table of a qcow2 image is seen only when its data has come. */
static int check_table(const struct job *j, struct failure *f)
{
    uint8_t start[8192];

    if (disk_io_read(&j->ends.shadow, 0, start, sizeof(start), f))
        return -1;
    return check_sector_size(j, image_source_format_sector_size(start, sizeof(start)), f);
}

static int write_disk(void *arg, uint64_t offset, const void *data, size_t size, struct failure *f)
{
    const struct job *j = arg;

    return disk_ends_write(&j->ends, offset, data, size, f);
}

static int zero_disk(void *arg, uint64_t offset, uint64_t size, struct failure *f)
{
    const struct job *j = arg;

    return disk_ends_write(&j->ends, offset, NULL, size, f);
}

static int stream(struct job *j, struct failure *f)
{
    const struct image_sink sink = {.write = write_disk, .zero = zero_disk, .arg = j};
    bool moved;

    if (image_source_copy(j->source, "deploy", &sink, &j->size, f) || disk_io_flush(&j->disk, f) || check_table(j, f) ||
        disk_ends_fit_table(&j->ends, &moved, f))
        return -1;
    if (moved && j->progress->note)
        j->progress->note(j->progress->arg, "the disk is larger than the image: the backup partition table goes to its "
                                            "end");
    return 0;
}

static int personalise(const struct job *j, const struct partition_nodes *nodes, const struct manifest *m,
                       struct failure *f)
{
    const char *paths[MANIFEST_PARTITIONS], *types[MANIFEST_PARTITIONS], *uuids[MANIFEST_PARTITIONS];
    unsigned numbers[MANIFEST_PARTITIONS];
    const struct system_partitions p = {
        .count = nodes->count, .nodes = paths, .fs_types = types, .numbers = numbers, .part_uuids = uuids};

    if (!j->request->personalise)
        return 0;
    for (unsigned i = 0; i < nodes->count; i++) {
        paths[i] = nodes->list[i].path;
        types[i] = m->partitions[i].fs_type;
        uuids[i] = m->partitions[i].uuid;
        numbers[i] = m->partitions[i].number;
    }
    return j->request->personalise(j->request->arg, &p, f);
}

static int change_nodes(struct job *j, const struct manifest *m, struct failure *f)
{
    struct partition_nodes *nodes = malloc(sizeof(*nodes));
    struct failure second;
    int result;

    if (!nodes)
        return fail(f, "out-of-memory", "no memory for the partitions' nodes");
    result = partition_nodes_open(nodes, j->request->disk, j->disk.block, m, f);
    if (!result) {
        result = source_grow_fs(&j->grow, nodes, m, f) || personalise(j, nodes, m, f) ? -1 : 0;
        if (partition_nodes_close(nodes, result ? &second : f))
            result = -1;
    }
    free(nodes);
    return result;
}

/* Nobody can mount a partition of a disk that somebody else holds exclusively, so the disk is let go meanwhile. */
static int change_partitions(struct job *j, struct manifest *m, struct failure *f)
{
    if (disk_ends_partitions(&j->ends, m, f) || (j->disk.size > j->size && source_grow_table(&j->grow, &j->ends, m, f)))
        return -1;
    if (!j->request->personalise && !j->grow.grown)
        return 0;
    disk_io_close(&j->disk);
    if (change_nodes(j, m, f) || disk_io_open(&j->disk, j->request->disk, DISK_IO_WRITE, f) ||
        disk_io_flush(&j->disk, f))
        return -1;
    return disk_ends_take_back(&j->ends, m, f);
}

static int grow_and_personalise(struct job *j, struct failure *f)
{
    struct manifest *m;
    int result;

    if (!j->request->personalise && (j->request->grow == DEPLOY_GROW_NONE || j->disk.size <= j->size))
        return 0;
    m = malloc(sizeof(*m));
    if (!m)
        return fail(f, "out-of-memory", "no memory for the partitions");
    result = change_partitions(j, m, f);
    free(m);
    return result;
}

static int write_all(struct job *j, struct failure *f)
{
    struct failure ignored;

    if (partition_table_clear(&j->disk, f) || stream(j, f) || grow_and_personalise(j, f))
        return -1;
    if (disk_ends_release(&j->ends, &j->disk, f)) {
        /* Half a table must not be taken for a whole one. */
        partition_table_clear(&j->disk, &ignored);
        return -1;
    }
    disk_io_reread_table(&j->disk, &ignored);
    return 0;
}

int deploy_source(const struct deploy_source_request *r, const struct progress *p, struct failure *f)
{
    struct job j = {.request = r,
                    .progress = p,
                    .ends = {.shadow = {.fd = -1, .direct_fd = -1}},
                    .grow = {.which = r->grow, .progress = p}};
    int result = -1;

    if (disk_io_open(&j.disk, r->disk, DISK_IO_WRITE, f))
        return -1;
    j.source = image_source_open(&r->source, p, f);
    if (j.source && !check_disk(&j, f) && !disk_ends_open(&j.ends, &j.disk, f))
        result = write_all(&j, f);
    disk_ends_close(&j.ends);
    image_source_close(j.source);
    disk_io_close(&j.disk);
    return result;
}
