/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that comes with network cards which nobody has seen. */
#ifndef SLIPWAY_SERVER_MACHINE_BY_UUID_H
#define SLIPWAY_SERVER_MACHINE_BY_UUID_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Sets *ret to the number of the machine that had the firmware's UUID `uuid` before, 0 when there is none, or not exactly
 * one. Vendors have given one UUID to many boards: where a machine had disks and the caller has some (`disks` of its
 * check-in; NULL: it says nothing of them), it is the same only with one of those disks, by serial number or WWN. Returns
 * -1 with *r after a failure of the database. The lock is held. */
int machine_by_uuid(struct server *s, const char *uuid, const json_t *disks, int64_t *ret, struct refusal *r);

#endif
