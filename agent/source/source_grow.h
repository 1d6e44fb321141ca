/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A streamed image on a larger disk: the last partition and its file system get the rest. Nothing moves, because the
 * data lies where the stream put it. */
#ifndef SLIPWAY_AGENT_SOURCE_GROW_H
#define SLIPWAY_AGENT_SOURCE_GROW_H

#include <stdbool.h>

#include "agent/base/progress.h"
#include "agent/image/manifest.h"
#include "agent/layout/partition_nodes.h"
#include "agent/source/disk_ends.h"

struct source_grow {
    int which;         /* as in struct deploy_layout */
    uint64_t old_size; /* bytes of the last partition in the image */
    bool grown;        /* the last partition of the manifest is larger than that */
    const struct progress *progress;
};

/* Makes the last partition of `m`, which disk_ends_partitions has read, and its entry in the table that is held back as
 * large as the disk allows, and clears its end. Sets g->grown and says so. Returns 0, or -1 with *f: "bad-layout",
 * "disk-error", "bad-image" (its MBR contradicts itself), out-of-memory. */
int source_grow_table(struct source_grow *g, const struct disk_ends *e, struct manifest *m, struct failure *f);

/* Grows its file system on its node, when g->grown. One that cannot be grown stays as it is, and a note says why.
 * Returns 0, or -1 with *f ("resize", "cancelled"): it was damaged. */
int source_grow_fs(struct source_grow *g, const struct partition_nodes *n, const struct manifest *m, struct failure *f);

#endif
