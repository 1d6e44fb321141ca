/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job from its first event to its last. */
#ifndef SLIPWAY_AGENT_JOB_RUN_H
#define SLIPWAY_AGENT_JOB_RUN_H

#include "agent/automation/machine.h"
#include "agent/protocol/job.h"

/* Works on `job` and tells server and console how it goes; returns when the server has answered the finish. `name` is
 * the machine's. Returns 0 when the job succeeded and the server knows, or -1 with *f. */
int job_run(const char *server, const char *name, struct machine *m, const struct job *job, struct failure *f);

/* Tells the server that a job cannot be done at all. */
void job_refuse(const char *server, const struct job *job, const struct failure *why);

#endif
