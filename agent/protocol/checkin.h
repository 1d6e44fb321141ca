/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check-in and long poll (docs/protocol.md). */
#ifndef SLIPWAY_AGENT_CHECKIN_H
#define SLIPWAY_AGENT_CHECKIN_H

#include "agent/net/http.h"
#include "agent/protocol/inventory.h"
#include "agent/protocol/job.h"

struct assignment {
    bool has_job; /* `job` is what to do */
    bool job_bad; /* there is a job that cannot be understood: `why`; job.id is 0 when not even that can */
    struct job job;
    struct failure why;
    bool reboot_when_idle;
};

struct machine_identity {
    uint64_t id;
    char name[64];
    bool is_new;
};

/* Tells the server what this machine is. Returns 0 with who it is and what to do, or -1 with *f. `h` decides how often
 * a silent server is asked. */
int checkin_send(struct http *h, const struct inventory *i, struct machine_identity *ret_machine,
                 struct assignment *ret, struct failure *f);

/* Waits for a job for up to `wait_seconds`. Returns 0, or -1 with *f (reason "no-such-machine": check in again). */
int checkin_wait(struct http *h, uint64_t machine, unsigned wait_seconds, struct assignment *ret, struct failure *f);

/* The body of a check-in. The caller releases it with free(); NULL when out of memory. */
char *checkin_body(const struct inventory *i);

#endif
