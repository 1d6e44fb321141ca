/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The imaging engine: a disk into an image, an image onto a disk. Knows nothing of jobs, consoles or machines. */
#ifndef SLIPWAY_AGENT_IMAGING_H
#define SLIPWAY_AGENT_IMAGING_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"
#include "agent/disk/bad_sectors.h"
#include "agent/image/store.h"
#include "agent/layout/layout.h"
#include "agent/system/system.h"

struct capture_request {
    const char *image;         /* its name */
    const char *const *disks;  /* `disk_count` block devices or files, 1 to MANIFEST_DISKS; opened read-only */
    unsigned disk_count;
    const char *firmware;      /* "uefi" or "bios" */
    const char *machine, *uuid, *mac; /* for the manifest's "source"; may be "" */
    unsigned threads;          /* 0: one more than there are processors, at most 4 */
    int level;                 /* zstd; 0: the default, 1 */
    enum bad_sector_policy bad_sectors; /* what to do about used blocks that cannot be read */
    struct cow *const *cows;            /* what lies over each disk (agent/anonymous/anonymous.h); NULL: nothing does */
};

/* Captures whole disks: table, boot area, used blocks of every partition. The manifest is written last. Returns 0, or
 * -1 with *f; the sources are never written to. The same disk twice is "ambiguous-disk". */
int capture_disk(const struct capture_request *r, struct store *s, const struct progress *p, struct failure *f);

struct deploy_request {
    const char *image;
    const char *const *disks;           /* `disk_count` targets, in the order of the image's disks */
    unsigned disk_count;
    const struct deploy_layout *layout; /* NULL: the defaults */
    unsigned threads;          /* 0: one more than there are processors, at most 4 */
    /* Called once the data is written, verified and flushed, while no disk can boot yet: the partitions are there as
     * device nodes, those of the first disk first, each disk's in the order of its manifest. A nonzero return with *f
     * fails the deploy. May be NULL. */
    int (*personalise)(void *arg, const struct system_partitions *p, struct failure *f);
    void *arg;
};

/* Clears the old partition tables, writes every partition, verifies each chunk before it is written, flushes, calls
 * `personalise`, flushes, and writes the boot areas and partition tables last, those of the first disk after all others.
 * Returns 0, or -1 with *f: no disk then boots. Refused before anything is written to any disk: image missing or
 * malformed, another number of disks than the image has ("disk-count"), the same disk twice ("ambiguous-disk"), target
 * too small, sector size. */
int deploy_image(const struct deploy_request *r, struct store *s, const struct progress *p, struct failure *f);

#endif
