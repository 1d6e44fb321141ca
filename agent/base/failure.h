/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a job failed: a word for programs (docs/protocol.md, "Reasons") and a sentence for people. */
#ifndef SLIPWAY_AGENT_FAILURE_H
#define SLIPWAY_AGENT_FAILURE_H

struct failure {
    char reason[32];
    char message[384];
};

/* Fills *f and returns -1, so that a caller can `return fail(f, "no-disk", "...", ...)`. Control characters in the
 * message become '?'. */
int fail(struct failure *f, const char *reason, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
