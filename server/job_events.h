/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an agent tells about its job (docs/protocol.md, "POST /v1/jobs/ID/events"). */
#ifndef SLIPWAY_SERVER_JOB_EVENTS_H
#define SLIPWAY_SERVER_JOB_EVENTS_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* Takes one event of `job` (a row, which may have ended). When it is the finish of the job, the machine's PXE answer
 * has changed by the time this returns. The answer {"cancel": ...}, a new reference, or NULL with *r: bad-request,
 * job-over. The lock is held. */
json_t *events_take(struct server *s, const json_t *job, json_t *body, struct refusal *r);

#endif
