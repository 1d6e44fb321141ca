/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's life with its server: check in, wait for a job, work, again. */
#ifndef SLIPWAY_AGENT_SESSION_H
#define SLIPWAY_AGENT_SESSION_H

#include "agent/automation/machine.h"

struct session {
    const char *server; /* http://host:port */
    struct machine *machine;
    bool once; /* end after the first job, however it went */
};

enum session_end {
    SESSION_REBOOT, /* into production: a job ended so, or there is nothing to do here */
    SESSION_POWEROFF,
    SESSION_KEXEC, /* into production, whose kernel is loaded */
    SESSION_ONCE_SUCCEEDED, /* .once */
    SESSION_ONCE_FAILED,
};

/* Runs until there is a reason to end. After a failed or cancelled job, or one that ends with `hold`, it waits for
 * another one for ever: a machine whose disk may not boot must not be sent there. */
enum session_end session_run(const struct session *s);

#endif
