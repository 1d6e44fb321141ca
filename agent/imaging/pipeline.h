/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worker threads over the chunks of a disk. The work is cut into runs of chunks; each worker claims the next run that
 * nobody has. The first failure, or a cancellation, stops all of them. */
#ifndef SLIPWAY_AGENT_PIPELINE_H
#define SLIPWAY_AGENT_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

struct pipeline; /* the running one */
struct region_set;

struct pipeline_work {
    const char *step; /* "capture", "deploy" */
    size_t runs;
    uint64_t total;   /* bytes that pipeline_count will have counted in the end */
    unsigned threads; /* 0: one per processor and one for those that wait for the network; at most 4 */
    const struct region_set *regions; /* whose runs these are, to tell how far a part is; NULL: that is not told */
    void *arg;
    /* All are called from the workers' threads. `open` makes what one worker owns (NULL with *f: failed). */
    void *(*open)(void *arg, struct failure *f);
    int (*run)(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f);
    /* When no run is left, unless something failed: what a worker has put off. May be NULL. */
    int (*finish)(void *arg, void *worker, struct pipeline *l, struct failure *f);
    void (*close)(void *arg, void *worker);
    /* Called from the caller's thread: what the run is part of, for people. */
    void (*describe)(void *arg, size_t run, char *ret, size_t size);
};

/* Runs the work to its end, reports to `p` at most once a second and once at the end. Returns 0, or -1 with *f: the
 * first failure of a worker, or "cancelled". No worker is left when it returns. */
int pipeline_run(const struct pipeline_work *work, const struct progress *p, struct failure *f);

/* For `run`: bytes of the disk that are done with, bytes that went over the network. */
void pipeline_count(struct pipeline *l, uint64_t done, uint64_t moved);

/* For `run`, between chunks: whether to give up. It then returns 0 or -1, which does not matter any more. */
bool pipeline_stopped(const struct pipeline *l);

#endif
