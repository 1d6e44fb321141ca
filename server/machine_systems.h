/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What operating systems a machine has, as its agent saw them last. The lock is held. */
#ifndef SLIPWAY_SERVER_MACHINE_SYSTEMS_H
#define SLIPWAY_SERVER_MACHINE_SYSTEMS_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Whether `systems` is what docs/protocol.md says of the member of an event: an array of at most 16 objects of short
 * texts, numbers and booleans. */
bool machine_systems_valid(const json_t *systems);

/* Keeps them for the machine, within the caller's transaction. Returns 0, or -1 with *r. */
int machine_systems_keep(struct server *s, int64_t machine, const json_t *systems, struct refusal *r);

/* The same for the manifests of all disks of a machine that was captured, whose members `systems` are as good as what
 * an event says. What cannot be kept is logged: the image is none the worse. */
void machine_systems_of_disks(struct server *s, int64_t machine, const json_t *manifests);

#endif
