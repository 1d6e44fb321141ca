/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine that is worked on: what it is, and the disks that a job may touch. */
#ifndef SLIPWAY_AGENT_MACHINE_H
#define SLIPWAY_AGENT_MACHINE_H

#include <stdbool.h>

#include "agent/protocol/inventory.h"

struct machine {
    struct inventory inventory;
    bool is_real;              /* its disks are this computer's own: they may appear late, and are listed again */
    bool commands;             /* not is_real: jobs may run commands and write files on this computer all the same */
    uint64_t disks_changed_ms; /* when the list last changed */
    unsigned disks_generation; /* counts the changes */
};

/* Lists the disks again, if they are the computer's own. Returns whether the list is another than before. */
bool machine_refresh(struct machine *m);

/* Refreshes until the list has stayed the same for a while: a disk that comes up late must not make the other one "the
 * only one". Ends early when `stop(arg)` says so. */
void machine_settle(struct machine *m, bool (*stop)(void *arg), void *arg);

/* Adds a file or block device as a disk: "PATH" or "PATH,serial=TEXT". Returns 0, or -1 with *f. */
int machine_add_disk(struct machine *m, const char *text, struct failure *f);

#endif
