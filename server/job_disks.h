/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_SERVER_JOB_DISKS_H
#define SLIPWAY_SERVER_JOB_DISKS_H

#include <jansson.h>

#include "server/refusal.h"

/* Checks "disk" (the rule of one disk) or "disks" (those of several, in the order of the image's) of a step:
 * docs/protocol.md, "Steps". Returns 0, or -1 with *r (400 bad-request). */
int job_disks_check(const json_t *step, struct refusal *r);

#endif
