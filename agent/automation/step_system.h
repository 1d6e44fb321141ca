/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deployed system for the steps that work in it. */
#ifndef SLIPWAY_AGENT_STEP_SYSTEM_H
#define SLIPWAY_AGENT_STEP_SYSTEM_H

#include "agent/automation/step.h"
#include "agent/layout/disk_partitions.h"
#include "agent/layout/partition_nodes.h"
#include "agent/system/system_volumes.h"

struct step_system {
    const char *disks[MANIFEST_DISKS];
    struct disk_partitions partitions;
    struct partition_nodes *nodes; /* one for each disk whose partitions the kernel does not know */
    unsigned node_count;
    struct system_volumes volumes;
    char folder[64];
    int root; /* a descriptor of its root folder */
};

/* Mounts the one Linux system on the step's disks. Returns 0, or -1 with *f ("identity", "file" and others) and nothing
 * to close: there is none, or more than one. */
int step_system_open(const struct step_work *w, struct step_system *s, struct failure *f);

/* Flushes and unmounts. Returns 0, or -1 with *f. */
int step_system_close(struct step_system *s, struct failure *f);

/* The folder that a step's path is in: the system's root, or automation's. Returns 0 with *ret_root, or -1 with *f. The
 * same with step_root_close(). */
int step_root_open(const struct step_work *w, struct step_system *s, int *ret_root, struct failure *f);
int step_root_close(const struct step_work *w, struct step_system *s, int root, struct failure *f);

#endif
