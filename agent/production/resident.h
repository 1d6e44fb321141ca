/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent on a production Linux: takes no job itself, but brings the machine to where jobs are taken. */
#ifndef SLIPWAY_AGENT_RESIDENT_H
#define SLIPWAY_AGENT_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/protocol/inventory.h"

#define RESIDENT_CONFIG "/etc/slipway/resident.conf"
#define RESIDENT_STATE "/var/lib/slipway/restarts"
#define RESIDENT_LIMIT 86400 /* seconds, of each of the two below */

struct resident_config {
    char server[300];    /* http://host:port */
    unsigned interval;   /* seconds between two questions */
    unsigned warning;    /* seconds between the first word to users and the restart */
    char message[256];   /* to users, beside the agent's own words; "" */
    char terminals[256]; /* the folder of the terminals that are told, "/dev"; "": nobody is */
    char state[256];     /* where restarts are counted (restart_count.h) */
    char firmware[256];  /* the folder of its variables (efi_vars.h); "": BootNext is not set */
};

/* Reads what `text` (the file's content, NUL-terminated) says over *c, which holds the defaults. Returns 0, or -1 with
 * *f ("internal"): a value that makes no sense. */
int resident_config_read(struct resident_config *c, const char *text, struct failure *f);

struct resident_job {
    uint64_t number;
    char mac[18]; /* of the card that the machine comes to automation by, as far as the server knows; "" */
};

/* Asks the server once whether a job waits for this machine: 1 with *ret, 0, or -1 with *f (the server's reason).
 * Nothing is taken or counted by that. */
int resident_ask(const struct resident_config *c, const struct inventory *i, struct resident_job *ret,
                 struct failure *f);

/* Asks for ever; when a job waits, warns users, waits, and restarts this computer into its network boot: at most
 * RESTART_COUNT_LIMIT times for one job. Returns when the restart was ordered (0) or refused (-1 with *f). */
int resident_run(const struct resident_config *c, const struct inventory *i, struct failure *f);

#endif
