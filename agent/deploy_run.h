/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker of the deploy does with a run: fetch, decompress, verify, and only then write. */
#ifndef SLIPWAY_AGENT_DEPLOY_RUN_H
#define SLIPWAY_AGENT_DEPLOY_RUN_H

#include "agent/pipeline.h"
#include "agent/region.h"
#include "agent/run_worker.h"
#include "agent/store.h"

struct deploy_shared {
    const struct store *store; /* cloned by each worker */
    const struct region_set *regions;
};

/* For struct pipeline_work, with run_worker_close; `arg` is the struct deploy_shared. */
void *deploy_run_open(void *arg, struct failure *f);
int deploy_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);

#endif
