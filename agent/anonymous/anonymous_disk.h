/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk of an anonymous capture: a copy-on-write view of it, its partitions as device nodes over that view. */
#ifndef SLIPWAY_AGENT_ANONYMOUS_DISK_H
#define SLIPWAY_AGENT_ANONYMOUS_DISK_H

#include "agent/disk/cow.h"
#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"
#include "agent/kernel/fuse_file.h"
struct anonymous_node {
    char path[24], fs_type[32];
    unsigned number;  /* of the partition */
    const char *uuid; /* of its entry */
    int loop_fd;
};

struct anonymous_disk {
    struct disk_io io; /* the source, read-only */
    struct cow *cow;
    struct manifest *manifest; /* its table */
    /* While the systems are looked for and changed. */
    struct fuse_file file;
    unsigned count;
    struct anonymous_node nodes[MANIFEST_PARTITIONS];
};

/* Opens the disk and reads its table; up to `memory` bytes may change. Returns 0, or -1 with *f; release with
 * anonymous_disk_close in both cases. */
int anonymous_disk_open(struct anonymous_disk *d, const char *path, uint64_t memory, struct failure *f);
void anonymous_disk_close(struct anonymous_disk *d);

/* Makes the nodes of the partitions that have a file system in which a system may be, in the mounts of this thread.
 * Returns 0, or -1 with *f ("anonymous", "disk-error"): anonymous_disk_hide all the same. */
int anonymous_disk_show(struct anonymous_disk *d, struct failure *f);

/* Takes them away; nothing may be mounted of them. Returns 0, or -1 with *f: something that was written did not arrive,
 * the first failure of the disk or the memory among it ("disk-error", "snapshot-full"). */
int anonymous_disk_hide(struct anonymous_disk *d, struct failure *f);

#endif
