/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine has booted into automation and says what it is (docs/protocol.md, "POST /v1/checkin"). */
#ifndef SLIPWAY_SERVER_MACHINE_CHECKIN_H
#define SLIPWAY_SERVER_MACHINE_CHECKIN_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Finds or makes the machine of the untrusted `body`, which came from `peer`, and hands it its job. The answer is a new
 * reference, or NULL with *r. The lock is held. */
json_t *checkin(struct server *s, json_t *body, const char *peer, struct refusal *r);

#endif
