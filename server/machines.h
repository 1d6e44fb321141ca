/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machines that the server knows. All calls hold the server's lock; rows and answers are new references. */
#ifndef SLIPWAY_SERVER_MACHINES_H
#define SLIPWAY_SERVER_MACHINES_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* The row of the machine with this name (any case) or MAC. NULL with *r: no-such-machine, the message naming those
 * there are. */
json_t *machines_find(struct server *s, const char *who, struct refusal *r);

/* The row of machine `id`. NULL with *r: no-such-machine. */
json_t *machines_get(struct server *s, int64_t id, struct refusal *r);

/* The administrator's view of a row, and of all machines. NULL with *r. */
json_t *machines_describe(struct server *s, json_t *row, struct refusal *r);
json_t *machines_list(struct server *s, struct refusal *r);

/* Takes {"mac", "name"}, {"name"?, "set"?}. NULL with *r: bad-request, no-such-machine, machine-exists. */
json_t *machines_add(struct server *s, json_t *body, struct refusal *r);
json_t *machines_change(struct server *s, const char *name, json_t *body, struct refusal *r);

/* Returns 0, or -1 with *r: no-such-machine, machine-busy. */
int machines_delete(struct server *s, const char *name, struct refusal *r);

/* Whether `name` is a host name that no other machine than `id` (0: none) has. Returns 0, or -1 with *r. */
int machines_check_name(struct server *s, const char *name, int64_t id, struct refusal *r);

/* Writes the machine's PXE answer again and describes it. */
json_t *machines_force_pxe(struct server *s, const char *name, struct refusal *r);

/* A text or number column of a row; "" and 0 where it is NULL. */
const char *row_text(const json_t *row, const char *column);
int64_t row_integer(const json_t *row, const char *column);

/* A time column (milliseconds) as text, or JSON null. */
json_t *row_time(const json_t *row, const char *column);

#endif
