/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images that no machine captures: `slipway image import` has the agent make them from a file. To the rest of the
 * server an import is a capture job without a machine, with a token of its own. All calls hold the server's lock. */
#ifndef SLIPWAY_SERVER_IMPORTS_H
#define SLIPWAY_SERVER_IMPORTS_H

#include <jansson.h>
#include <stdbool.h>

#include "server/refusal.h"
#include "server/server.h"

/* Begins the import of {"image"}: {"id", "token", "url"}. NULL with *r: bad-request, image-exists. */
json_t *imports_begin(struct server *s, const json_t *body, struct refusal *r);

/* Ends it as {"result": "succeeded" | "failed" | "running", "message"?} says, or with "running" takes it for a sign of
 * life: the job's new view. NULL with *r: bad-request,
 * no-such-job (also: a job that is no import), job-over. */
json_t *imports_tell(struct server *s, int64_t id, const json_t *body, struct refusal *r);

/* Whether a job's row is an import: nobody else has to be asked to stop. */
bool imports_is(const json_t *job);

#endif
