/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices for the logical volumes of an LVM2 physical volume, without device mapper: one that lies there in one
 * piece is a loop device over it, one in several pieces a loop device over a file that puts them together. Volumes of
 * groups with several physical volumes, snapshots, mirrors and pools are left out. */
#ifndef SLIPWAY_AGENT_LVM_NODES_H
#define SLIPWAY_AGENT_LVM_NODES_H

#include <stdbool.h>

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/fs/block_map.h"
#include "agent/kernel/fuse_file.h"

#define LVM_NODES 32

struct lvm_pieces {
    const struct disk_io *disk;
    struct fs_extent *extents; /* of the physical volume, in order */
    size_t count;
};

struct lvm_volume_node {
    char path[24], fs_type[32];
    char name[128]; /* "group/volume" */
    int loop_fd;
    /* Of a volume in several pieces. */
    struct lvm_pieces pieces;
    struct fuse_file file;
};

struct lvm_nodes {
    struct disk_io disk; /* the physical volume */
    unsigned count;
    struct lvm_volume_node *list;
};

/* Makes the devices of the physical volume on the block device `node`, in the mounts of this thread. One whose metadata
 * is in doubt has none. Returns 0, or -1 with *f ("disk-error", "out-of-memory", `reason`) and nothing left. */
int lvm_nodes_open(struct lvm_nodes *n, const char *node, bool writable, const char *reason, struct failure *f);

/* Takes them away; nothing may be mounted of them. Returns 0, or -1 with *f: something that was written did not
 * arrive. Harmless after a failed open. */
int lvm_nodes_close(struct lvm_nodes *n, struct failure *f);

#endif
