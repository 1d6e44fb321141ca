/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partitions that disks have now, by their tables, as the kernel's own device nodes. */
#ifndef SLIPWAY_AGENT_DISK_PARTITIONS_H
#define SLIPWAY_AGENT_DISK_PARTITIONS_H

#include "agent/image/manifest.h"
#include "agent/system/system.h"

struct disk_partitions {
    const char *const *disks; /* the caller's */
    unsigned disk_count;
    struct manifest *tables;       /* of each disk; file systems are not looked into */
    struct system_partitions view; /* of all disks, those of the first disk first */
    struct disk_partition_node *nodes;
};

/* Reads the tables of `count` disks and what file systems their partitions hold. Nothing is written. A disk without a
 * table is one partition, the disk itself. Returns 0, or -1 with *f ("bad-table", "disk-error", "out-of-memory") and
 * nothing to close. */
int disk_partitions_open(struct disk_partitions *p, const char *const *disks, unsigned count, struct failure *f);

void disk_partitions_close(struct disk_partitions *p);

/* The node of partition `number` of disk `disk`, NULL when there is none. */
const char *disk_partitions_node(const struct disk_partitions *p, unsigned disk, unsigned number);

#endif
