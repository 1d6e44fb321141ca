/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands a machine its job. All calls hold the server's lock. */
#ifndef SLIPWAY_SERVER_JOB_ASSIGN_H
#define SLIPWAY_SERVER_JOB_ASSIGN_H

#include <jansson.h>

#include "server/refusal.h"
#include "server/server.h"

/* A machine may start the same job so many times: then something is wrong with it that another start does not cure. */
#define STARTS_MAX 3

/* The machine's job as the agent gets it (docs/protocol.md, "Job"), counted as one start more and running from here on;
 * or JSON null when it has none. A job that was started too often fails here, one whose cancelling was asked for ends
 * here: its agent has restarted and works on nothing. A new reference, or NULL with *r. */
json_t *assign_job(struct server *s, int64_t machine, struct refusal *r);

/* What the machine (a row) shall do without a job: "wait" or "reboot". */
const char *assign_when_idle(const json_t *machine);

#endif
