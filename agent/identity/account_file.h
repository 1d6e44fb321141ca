/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passwd(5), shadow(5), group(5) and gshadow(5): lines of fields with ':' between them, of which each begins with a
 * name. Text from a system that is not trusted; lines that are not understood stay as they are. */
#ifndef SLIPWAY_AGENT_ACCOUNT_FILE_H
#define SLIPWAY_AGENT_ACCOUNT_FILE_H

#include <stdbool.h>

#include "agent/identity/identity_file.h"

#define ACCOUNT_FIELDS 9

/* Field `n`, from 0, of the line of `name`. Returns false, *ret undefined, when there is no such line or field or when
 * it does not fit. */
bool account_field(const char *text, const char *name, unsigned n, char *ret, size_t size);

bool account_exists(const char *text, const char *name);

/* Whether any line has this number as field `n`. */
bool account_number_taken(const char *text, unsigned n, unsigned number);

/* Writes `text` to *ret with field `n` of the line of `name` set to `value`, which has neither ':' nor a line end. */
void account_set(const char *text, const char *name, unsigned n, const char *value, struct identity_draft *ret);

/* The same with `member` added to the list with commas in that field, unless it is in there. */
void account_add_member(const char *text, const char *name, unsigned n, const char *member, struct identity_draft *ret);

#endif
