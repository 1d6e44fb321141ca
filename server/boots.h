/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines tell of their network boots: "the boot file is in" (core/confirmation.h), by UDP, from anybody. Believed
 * for nothing but a line in a list: no PXE answer follows from it, and no state of a machine but that a job which waits to be
 * confirmed has succeeded. */
#ifndef SLIPWAY_SERVER_BOOTS_H
#define SLIPWAY_SERVER_BOOTS_H

#include <jansson.h>
#include <stddef.h>

#include "server/refusal.h"
#include "server/server.h"

/* A machine's confirmations that come closer than this are not recorded. */
#define BOOTS_PAUSE_MS 1000

/* Takes one datagram from `peer`. Records the boot of the machine that has its MAC, and an event of that machine's
 * unfinished job. Returns whether it did: not when the datagram is no confirmation, nobody has the MAC, or the last one is
 * less than BOOTS_PAUSE_MS old. Takes the lock. */
bool boots_take(struct server *s, const uint8_t *data, size_t size, const char *peer);

/* {"time", "file", "from"} of the machine's last boot, JSON null when there was none; a new reference, or NULL with *r.
 * The lock is held. */
json_t *boots_last(struct server *s, int64_t machine, struct refusal *r);

#endif
