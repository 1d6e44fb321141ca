/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a deployed Windows its own machine, and an image's Windows nobody's. docs/operations.md, "Windows identity",
 * lists what is written where. The NTFS volume is written without being mounted; one that is hibernated or dirty is
 * refused. */
#ifndef SLIPWAY_AGENT_WINDOWS_IDENTITY_H
#define SLIPWAY_AGENT_WINDOWS_IDENTITY_H

#include "agent/identity/identity.h"
#include "agent/system/system.h"

/* Writes `id` into the Windows `s`, which windows_system_find found. May be repeated: what is there already is written
 * again with the same content. Killed half way it leaves the volume marked as dirty; the deploy that goes on writes
 * what differs from the image, so nothing is lost. What cannot be done is told by a line on the console. Returns 0 when
 * all is flushed, or -1 with *f (reason "identity"). */
int windows_identity_write(const struct identity *id, const struct system *s, struct failure *f);

/* The name that a system has in an image. */
#define WINDOWS_ANONYMOUS_NAME "SLIPWAY-IMAGE"

/* What is taken out of a Windows that was not generalised. */
struct windows_anonymous {
    bool host_name; /* its name becomes WINDOWS_ANONYMOUS_NAME */
    bool slipway;   /* slipway.cfg and AClient.cfg are removed */
};

/* Makes the Windows `s` on s->node, a snapshot, nobody's. A generalised one is left alone. With one that is not,
 * *ret_shares_sid: all machines from this image share its SID, which the caller tells. Returns 0, or -1 with *f (reason
 * "identity"). */
int windows_anonymise(const struct system *s, const struct windows_anonymous *what, bool *ret_shares_sid,
                      struct failure *f);

#endif
