/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes file systems larger or smaller, with the programs that know them (e2fsck, resize2fs, ntfsresize) or, for those
 * that only grow while mounted (XFS, btrfs), through the kernel. */
#ifndef SLIPWAY_AGENT_RESIZE_H
#define SLIPWAY_AGENT_RESIZE_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/program.h"

struct resize_volume {
    const char *path;    /* device node or file; not mounted */
    const char *fs_type; /* as libblkid names it */
    uint64_t size;       /* bytes that the file system may have */
    /* How programs are run on it; NULL: program_run. */
    int (*run)(void *arg, const struct program *p, struct program_result *ret, struct failure *f);
    void *arg;
    bool (*stopped)(void *arg); /* as in struct program; may be NULL */
    void *stopped_arg;
};

enum resize_result {
    RESIZE_DONE,   /* it has the size, less than one of its own units */
    RESIZE_LEFT,   /* it is whole and has its old size; *f says why */
    RESIZE_BROKEN, /* something went wrong half way; *f ("resize") says what */
};

/* Where *f has the reason "resize" below, it is "cancelled" when v->stopped said so. */

/* Whether the file system, ext2, ext3, ext4 (of blocks of `block_size` bytes) or NTFS, could be shrunk to v->size;
 * nothing is written. Returns 0, or -1 with *f: "target-too-small", or "resize" when nobody can tell. */
int resize_check(const struct resize_volume *v, uint32_t block_size, struct failure *f);

/* Checks the file system, resizes it and checks it again: ext with e2fsck, NTFS with what ntfsresize checks. XFS and
 * btrfs check what they touch while the kernel grows them. */
enum resize_result resize_fs(const struct resize_volume *v, struct failure *f);

/* XFS and btrfs: mounts `v->path`, grows it, unmounts it. */
enum resize_result resize_mounted(const struct resize_volume *v, struct failure *f);

#endif
