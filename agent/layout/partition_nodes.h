/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device nodes for the partitions of a disk that has no partition table yet: told to the kernel one by one (BLKPG), or,
 * for a file and for a driver that takes no partitions, as loop devices over their part of the disk. */
#ifndef SLIPWAY_AGENT_PARTITION_NODES_H
#define SLIPWAY_AGENT_PARTITION_NODES_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

struct partition_nodes {
    int disk_fd;
    unsigned count;
    struct {
        char path[80];
        int loop_fd;     /* -1: the kernel's own partition */
        unsigned number; /* 0: the disk itself, which has no table */
    } list[MANIFEST_PARTITIONS];
};

/* The node of partition `number` of `disk` by the kernel's rule: /dev/sda1, /dev/nvme0n1p1, /dev/mmcblk0p1. */
void partition_node_path(const char *disk, unsigned number, char *ret, size_t size);

/* `disk` must not be held exclusively by anybody. Returns 0, or -1 with *f ("disk-error") and no node left. */
int partition_nodes_open(struct partition_nodes *n, const char *disk, bool block, const struct manifest *m,
                         struct failure *f);

/* Flushes and removes all nodes. Returns 0, or -1 with *f ("disk-error"): something did not reach the disk, or a node
 * is still in use. */
int partition_nodes_close(struct partition_nodes *n, struct failure *f);

#endif
