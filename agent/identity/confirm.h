/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The word of a production system that it has started: a systemd unit that runs once, tells the server with the job's
 * one-time token, and removes itself. */
#ifndef SLIPWAY_AGENT_CONFIRM_H
#define SLIPWAY_AGENT_CONFIRM_H

#include <stdint.h>

#include "agent/base/failure.h"

#define CONFIRM_FOLDER "/usr/local/lib/slipway"

/* Puts this program, its unit and what it has to say into the system with the root folder `root`. One that has no
 * systemd is left alone: the boot client's next contact confirms the job then, and a line on the console says so.
 * Returns 0, or -1 with *f ("identity"). */
int confirm_install(int root, const char *server, uint64_t job, const char *token, struct failure *f);

/* Takes out of a system all that confirm_install wrote, whether it has been sent or not: the token is the job's alone.
 * Returns how many files went, or -1 with errno. */
int confirm_remove(int root);

/* In the system that has started: tells the server what lies in `folder` below `root`, and removes all that
 * confirm_install wrote, also when the server does not want to know any more. A server that stays silent for
 * `seconds` is a failure, and everything stays: the unit tries again. Returns 0, or -1 with *f. */
int confirm_send(int root, unsigned seconds, struct failure *f);

#endif
