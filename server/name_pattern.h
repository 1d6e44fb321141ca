/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for machines that are seen for the first time: "lab1-{n:02}" gives lab1-01, lab1-02, ... The lock is held. */
#ifndef SLIPWAY_SERVER_NAME_PATTERN_H
#define SLIPWAY_SERVER_NAME_PATTERN_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

#define NAME_PATTERN_NUMBERS 9999

/* What is wrong with a pattern, for people; NULL when it is one: a host name with one {n}, or {n:0W} for a number of W digits
 * with zeros before it. */
const char *name_pattern_problem(const char *pattern);

/* The name with this number; `name` has room for 64 bytes. The pattern is one. */
void name_pattern_format(const char *pattern, unsigned number, char ret[64]);

/* The pattern as it is set, "" when there is none; a new string reference, or NULL with *r. */
json_t *name_pattern_get(struct server *s, struct refusal *r);

/* Sets it, or with "" removes it. Returns 0, or -1 with *r (400 bad-request). */
int name_pattern_set(struct server *s, const char *pattern, struct refusal *r);

/* The lowest number's name that no machine has, within the caller's transaction; "" when there is no pattern or no number
 * left. Returns 0, or -1 with *r. */
int name_pattern_next(struct server *s, char ret[64], struct refusal *r);

#endif
