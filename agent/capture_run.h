/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker of the capture does with a run: read what is used, hash, ask what is missing, compress and send that.
 */
#ifndef SLIPWAY_AGENT_CAPTURE_RUN_H
#define SLIPWAY_AGENT_CAPTURE_RUN_H

#include "agent/pipeline.h"
#include "agent/region.h"
#include "agent/run_worker.h"
#include "agent/store.h"

struct capture_shared {
    const struct store *store; /* cloned by each worker */
    struct region_set regions;
    int level;
};

/* For struct pipeline_work, with run_worker_close; `arg` is the struct capture_shared. */
void *capture_run_open(void *arg, struct failure *f);
int capture_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);

#endif
