/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One partition that is smaller, or larger, than in the image, and its file system. */
#ifndef SLIPWAY_AGENT_DEPLOY_SHRINK_H
#define SLIPWAY_AGENT_DEPLOY_SHRINK_H

#include <stdbool.h>

#include "agent/base/progress.h"
#include "agent/imaging/deploy_plan.h"

struct fit_partition {
    const struct deploy_plan *plan;
    const struct deploy_disk *disk;
    unsigned i;                  /* of the disk's manifest */
    const struct region *region; /* what of it is written to the disk */
    const struct progress *progress;
};

/* For struct resize_volume's `stopped`; `arg` is a struct fit_partition. Reports that the deploy goes on, which the
 * server wants to hear, and asks whether it is cancelled. */
bool fit_partition_stopped(void *arg);

/* Asks whether the file system can be shrunk, with all its bytes coming from the store. Returns 0, or -1 with *f:
 * "target-too-small", "resize", "cancelled", or why the store cannot be read. */
int deploy_shrink_check(const struct fit_partition *p, const struct store *s, struct failure *f);

/* Shrinks it, with the beginning on the disk. Returns 0, or -1 with *f: "resize", "cancelled", ... */
int deploy_shrink(const struct fit_partition *p, const struct store *s, struct failure *f);

#endif
