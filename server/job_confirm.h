/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The word of the production system behind a job that was ordered with "confirm". All calls hold the server's lock. */
#ifndef SLIPWAY_SERVER_JOB_CONFIRM_H
#define SLIPWAY_SERVER_JOB_CONFIRM_H

#include <jansson.h>
#include <stdbool.h>

#include "server/refusal.h"
#include "server/server.h"

/* Whether a job whose agent ended it with `result` waits to be confirmed. */
bool job_confirm_waits(const json_t *job, const char *result);

/* Within the caller's transaction: the job waits from now on. Returns 0, or -1 with *r. */
int job_confirm_begin(struct server *s, const json_t *job, struct refusal *r);

/* The production system's unit has spoken, with the job's one-time token. It may say so again. Returns 0, or -1 with
 * *r: bad-token, job-over (it was too late, or too early). */
int job_confirm_take(struct server *s, int64_t id, const char *token, struct refusal *r);

/* The machine's boot client was heard of: its job, if one waits, has succeeded. Returns 0, or -1 with *r. */
int job_confirm_boot(struct server *s, int64_t machine, struct refusal *r);

#endif
