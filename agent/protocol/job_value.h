/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of a job share: members taken out of the server's JSON, within bounds. */
#ifndef SLIPWAY_AGENT_JOB_VALUE_H
#define SLIPWAY_AGENT_JOB_VALUE_H

#include "agent/protocol/job.h"

#define JOB_ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Says that `member` is not understood. Returns -1. */
int job_bad(struct failure *f, const char *member);

/* A member; NULL when it is missing or null. */
const json_t *job_get(const json_t *object, const char *name);

/* A string of 1 to size - 1 bytes, printable, of the characters in `allowed` (NULL: any). False, *ret undefined, for
 * anything else. */
bool job_take_string(const json_t *value, char *ret, size_t size, const char *allowed);

/* A whole number from 1 to `max`. */
bool job_take_number(const json_t *value, json_int_t max, uint64_t *ret);

/* One of `count` words. */
bool job_take_word(const json_t *value, const char *const *words, unsigned count, unsigned *ret);

/* A step of any kind into zeros. What belongs to another kind is refused, and so is what would be ignored. Returns 0,
 * or -1 with *f ("internal"). */
int job_step_parse(const json_t *object, struct job_step *ret, struct failure *f);

/* The part of a capture or a deploy: ret->options and ret->source; ret->kind is set. */
int job_options_parse(const json_t *object, struct job_step *ret, struct failure *f);

#endif
