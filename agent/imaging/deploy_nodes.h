/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partitions of all targets of a deploy as device nodes, while no target has a partition table yet. */
#ifndef SLIPWAY_AGENT_DEPLOY_NODES_H
#define SLIPWAY_AGENT_DEPLOY_NODES_H

#include "agent/imaging/deploy_plan.h"
#include "agent/layout/partition_nodes.h"

struct deploy_nodes {
    unsigned count;        /* partitions, those of the first disk first */
    const char **paths;    /* of their nodes */
    const char **fs_types; /* "ext4", ... or ""; the plan's */
    const char **uuids;    /* of their entries; the plan's */
    unsigned *numbers;     /* in their table */
    unsigned *owners;      /* of which disk, from 0 */
    unsigned disk_count;
    struct partition_nodes *disks;
};

/* Nobody else may hold the disks of `plan` exclusively. NULL with *f (disk-error, out-of-memory) and no node left. The
 * plan's manifests must outlive the answer. */
struct deploy_nodes *deploy_nodes_open(const struct deploy_plan *plan, struct failure *f);

/* Flushes and removes all nodes and frees `n`. Returns 0, or -1 with *f (disk-error): something did not reach a disk,
 * or a node is still in use. */
int deploy_nodes_close(struct deploy_nodes *n, struct failure *f);

#endif
