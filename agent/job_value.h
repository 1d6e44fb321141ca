/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of a job share: members taken out of the server's JSON, within bounds. */
#ifndef SLIPWAY_AGENT_JOB_VALUE_H
#define SLIPWAY_AGENT_JOB_VALUE_H

#include "agent/job.h"

/* Says that `member` is not understood. Returns -1. */
int job_bad(struct failure *f, const char *member);

/* A string of 1 to size - 1 bytes, printable, of the characters in `allowed` (NULL: any). False, *ret undefined, for
 * anything else. */
bool job_take_string(const json_t *value, char *ret, size_t size, const char *allowed);

/* A whole number from 1 to `max`. */
bool job_take_number(const json_t *value, json_int_t max, uint64_t *ret);

/* Fills ret->options and ret->source; ret->kind is set. What belongs to the other kind of job is refused, and so is
 * what would be ignored. Returns 0, or -1 with *f ("internal"). */
int job_options_parse(const json_t *object, struct job *ret, struct failure *f);

#endif
