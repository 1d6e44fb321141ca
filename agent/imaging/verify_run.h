/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker of verify does with a run of chunks. */
#ifndef SLIPWAY_AGENT_VERIFY_RUN_H
#define SLIPWAY_AGENT_VERIFY_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "agent/image/manifest.h"
#include "agent/imaging/pipeline.h"
#include "agent/imaging/region.h"
#include "agent/imaging/verify.h"

struct verify_place {
    unsigned disk, partition;        /* as in struct verify_finding */
    const struct manifest *manifest; /* of that disk */
};

struct verify_shared {
    const struct verify_request *request;
    const struct store *store;   /* cloned by each worker */
    bool compares;               /* disks with the image, instead of looking at the image alone */
    struct region_set regions;   /* of each disk its partitions and, if there is one, its boot area */
    struct verify_place *places; /* of each region */
    atomic_flag zero_seen;       /* the chunk of zeros has been looked at */
    pthread_mutex_t lock;        /* guards what follows, and the calls of request->found */
    struct verify_result result;
};

/* Counts a finding and passes it on. */
void verify_tell(struct verify_shared *v, const struct verify_finding *finding);

/* Counts a finding about region `g` and passes it on. */
void verify_found(struct verify_shared *v, enum verify_kind kind, const struct region *g, uint64_t offset,
                  uint64_t size, const uint8_t *id, const char *wrong);

/* For struct pipeline_work; `arg` is the struct verify_shared. */
void *verify_run_open(void *arg, struct failure *f);
int verify_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);

#endif
