/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker of the capture does: read what is used, and as soon as it holds a batch of chunks that are not zeros,
 * hash them side by side, ask which the store lacks, compress and send those. */
#ifndef SLIPWAY_AGENT_CAPTURE_RUN_H
#define SLIPWAY_AGENT_CAPTURE_RUN_H

#include "agent/disk/bad_sectors.h"
#include "agent/image/store.h"
#include "agent/imaging/pipeline.h"
#include "agent/imaging/region.h"

struct capture_shared {
    const struct store *store; /* cloned by each worker */
    struct region_set regions;
    enum bad_sector_policy policy;
    int level;
};

/* For struct pipeline_work; `arg` is the struct capture_shared. */
void *capture_run_open(void *arg, struct failure *f);
int capture_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);
int capture_run_finish(void *arg, void *worker, struct pipeline *l, struct failure *f);
void capture_run_close(void *arg, void *worker);

#endif
