/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker of the deploy does: make zeros of the chunks that are zeros, and as soon as it holds a batch of others,
 * leave alone what the disk holds already, fetch, decompress and verify the rest, and only then write it. */
#ifndef SLIPWAY_AGENT_DEPLOY_RUN_H
#define SLIPWAY_AGENT_DEPLOY_RUN_H

#include <stdatomic.h>

#include "agent/image/store.h"
#include "agent/imaging/bad_chunks.h"
#include "agent/imaging/pipeline.h"
#include "agent/imaging/region.h"
#include "agent/imaging/run_worker.h"

struct deploy_shared {
    const struct store *store; /* cloned by each worker */
    const struct region_set *regions;
    struct bad_chunks bad; /* they are not written; all others are, so that a repeated deploy finds them */
    atomic_ullong kept;    /* bytes of chunks that the disk held already */
};

/* For struct pipeline_work; `arg` is the struct deploy_shared. */
void *deploy_run_open(void *arg, struct failure *f);
int deploy_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);
int deploy_run_finish(void *arg, void *worker, struct pipeline *l, struct failure *f);
void deploy_run_close(void *arg, void *worker);

#endif
