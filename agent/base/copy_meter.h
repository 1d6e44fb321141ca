/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress reports of a copy that one thread makes from a stream. */
#ifndef SLIPWAY_AGENT_COPY_METER_H
#define SLIPWAY_AGENT_COPY_METER_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

struct copy_meter {
    const struct progress *progress;
    const char *step, *what;
    uint64_t begun_ms, reported_ms;
};

/* The texts must outlive the meter. */
void copy_meter_begin(struct copy_meter *m, const struct progress *p, const char *step, const char *what);

/* `done` of `total` bytes (UINT64_MAX: not known): reports once a second. Returns 0, or -1 with *f: "cancelled". */
int copy_meter_count(struct copy_meter *m, uint64_t done, uint64_t total, struct failure *f);

/* The last report. */
void copy_meter_end(struct copy_meter *m, uint64_t done);

#endif
