/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator may say about how a capture or a deploy is done: docs/protocol.md, "Steps". */
#ifndef SLIPWAY_SERVER_JOB_OPTIONS_H
#define SLIPWAY_SERVER_JOB_OPTIONS_H

#include <jansson.h>

#include "server/refusal.h"

/* Checks the member `name` of a step: image, level, bad_sectors, grow, keep, leave, source; any other is good. Returns
 * 0, or -1 with *r (400 bad-request). */
int job_options_check(const char *name, const json_t *value, struct refusal *r);

/* Whether the members of a deploy go together: an image or a source, and what belongs to each. Returns 0, or -1 with
 * *r. */
int job_options_check_image(const json_t *step, struct refusal *r);

#endif
