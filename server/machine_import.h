/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_SERVER_MACHINE_IMPORT_H
#define SLIPWAY_SERVER_MACHINE_IMPORT_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Takes {"rows": [{"line", "mac", "name", "set"?}]}: machines that are added, or, when one has that MAC already, renamed and
 * changed; all or none. {"added", "changed"}, a new reference, or NULL with *r, the line in the message: bad-request,
 * machine-exists. The lock is held. */
json_t *machines_import(struct server *s, const json_t *body, struct refusal *r);

#endif
