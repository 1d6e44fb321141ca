/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partitions, and behind them the logical volumes that lie on them: systems are looked for on both. */
#ifndef SLIPWAY_AGENT_SYSTEM_VOLUMES_H
#define SLIPWAY_AGENT_SYSTEM_VOLUMES_H

#include "agent/fs/lvm_nodes.h"
#include "agent/system/system.h"

#define SYSTEM_GROUPS 8 /* physical volumes that are looked into */

struct system_volumes {
    struct system_partitions view; /* what was given, then the logical volumes; each has its partition's number */
    unsigned group_count;
    struct lvm_nodes groups[SYSTEM_GROUPS];
    void *arrays; /* behind the view */
};

/* Makes devices for the logical volumes on `p`, whose contents must stay until the close. Returns 0, or -1 with *f
 * (`reason`, "disk-error", "out-of-memory") and nothing to close. */
int system_volumes_open(struct system_volumes *v, const struct system_partitions *p, bool writable, const char *reason,
                        struct failure *f);

/* Nothing may be mounted of them. Returns 0, or -1 with *f: something that was written did not arrive. */
int system_volumes_close(struct system_volumes *v, struct failure *f);

#endif
