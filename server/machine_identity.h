/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine's identity in the database. The lock is held. */
#ifndef SLIPWAY_SERVER_MACHINE_IDENTITY_H
#define SLIPWAY_SERVER_MACHINE_IDENTITY_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Puts `set` ({"key": "value"}, docs/operations.md, "Identity"; "" and null remove) over what the machine's row has, and
 * saves it within the caller's transaction. `row` may be JSON null: a machine without anything. Returns 0, or -1 with *r. */
int machine_identity_change(struct server *s, int64_t machine, const json_t *row, const json_t *set, struct refusal *r);

/* The identity of a row as people may see it. A new reference. */
json_t *machine_identity_show(const json_t *row);

#endif
