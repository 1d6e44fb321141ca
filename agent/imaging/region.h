/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partitions of all disks of an image as one row of runs: up to RUN_CHUNKS consecutive chunks that a worker handles
 * at once. */
#ifndef SLIPWAY_AGENT_REGION_H
#define SLIPWAY_AGENT_REGION_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/disk/bad_sectors.h"
#include "agent/fs/block_map.h"
#include "agent/image/caibx.h"

#define RUN_CHUNKS 8
#define BATCHES_COMPARED 4 /* of a deploy: the first ones, and those after one that brought something */
#define RUN_SIZE ((size_t)RUN_CHUNKS * CHUNK_SIZE)

struct region {
    const struct disk_io *disk;
    uint64_t start, size;   /* bytes on the disk */
    char what[64];          /* "partition 2 of 3, ext4", with "disk 2, " before it when there are several disks */
    struct block_map map;   /* capture only */
    struct bad_sectors bad; /* capture only */
    struct caibx index;
    size_t skip; /* chunks at its beginning that no run covers */
    atomic_int
        matching; /* deploy only: more than 0: whole batches are compared; each that brings nothing takes one away */
    size_t first_run;
};

struct region_set {
    struct region *list;
    unsigned count;
    size_t runs;
};

/* What one run covers. */
struct run {
    struct region *region;
    size_t first, count; /* chunks of region->index */
};

/* Makes `count` empty regions. Returns 0, or -1 with *f (out-of-memory). */
int region_set_init(struct region_set *s, unsigned count, struct failure *f);
void region_set_free(struct region_set *s);

/* Sets r->what. `disk` and `number` count from 0, disk_count and count are how many there are; fs_type may be "". */
void region_describe(struct region *r, unsigned disk, unsigned disk_count, unsigned number, unsigned count,
                     const char *fs_type);

/* Numbers the runs; call when every region has its index. */
void region_set_number(struct region_set *s);

/* Where in its region a run begins, and how large the region is, in bytes; from s->runs on it is the last one's end. */
void region_set_place(const struct region_set *s, size_t run, uint64_t *ret_done, uint64_t *ret_size);

/* `run` must be less than s->runs. */
struct run region_set_run(const struct region_set *s, size_t run);

#endif
