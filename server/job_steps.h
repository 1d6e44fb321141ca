/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a job as an administrator orders them: docs/protocol.md, "Steps". */
#ifndef SLIPWAY_SERVER_JOB_STEPS_H
#define SLIPWAY_SERVER_JOB_STEPS_H

#include <jansson.h>

#include "server/refusal.h"

#define JOB_STEPS_MAX 64

/* What a list of steps does, for lists and for the checks around a job. The strings are the list's. */
struct job_summary {
    const char *kind;  /* "capture" when one captures, else "deploy" when one deploys, else the first step's word */
    const char *image; /* of that capture or deploy: its name, or the URL of its source; "" */
    unsigned capture;  /* the number of the step that captures, from 1; 0: none */
    unsigned count;
};

/* Checks the administrator's list, every member of every step. A new reference to it, members that are null left out,
 * or NULL with *r (400 bad-request, the step's number in the message). */
json_t *job_steps_read(const json_t *list, struct refusal *r);

/* Of a list that was read. */
void job_steps_summarise(const json_t *list, struct job_summary *ret);

/* The list of a job's row: a new reference, never NULL but out of memory. */
json_t *job_steps_of(const json_t *job);

#endif
