/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator may say about how a job is done: docs/protocol.md, "Job". */
#ifndef SLIPWAY_SERVER_JOB_OPTIONS_H
#define SLIPWAY_SERVER_JOB_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>

#include "server/refusal.h"

/* Takes level, bad_sectors, grow, keep and source out of the administrator's request for a job, checked. A new
 * reference to an object of those that were given (null counts as not given), or NULL with *r (400 bad-request). */
json_t *job_options_read(const json_t *body, bool capture, struct refusal *r);

/* The URL of `options`, which stays theirs; NULL when the job has no source. */
const char *job_options_source(const json_t *options);

/* Adds the options of a job's row to a view of it; a job with a source has no image. */
void job_options_show(json_t *view, const json_t *job);

#endif
