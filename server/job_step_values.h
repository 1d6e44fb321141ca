/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_SERVER_JOB_STEP_VALUES_H
#define SLIPWAY_SERVER_JOB_STEP_VALUES_H

#include <jansson.h>

#include "server/refusal.h"

/* Checks the value of a step's member: flags, and all of run, put, get and wait (docs/protocol.md, "Steps"). The members of
 * captures and deploys are job_options.h's and job_disks.h's: any value is good here. Returns 0, or -1 with *r (400
 * bad-request). */
int job_step_value_check(const char *name, const json_t *value, struct refusal *r);

#endif
