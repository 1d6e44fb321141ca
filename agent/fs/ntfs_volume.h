/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NTFS: what its boot sector says, and the parts that the ntfs_*.c share. There is no official specification; names and
 * layouts follow the Linux kernel's fs/ntfs3/ntfs.h and the Linux-NTFS documentation. */
#ifndef SLIPWAY_AGENT_NTFS_VOLUME_H
#define SLIPWAY_AGENT_NTFS_VOLUME_H

#include <stdint.h>

#include "agent/fs/block_map.h"

#define NTFS_CLUSTER_MAX (2u * 1024 * 1024)
#define NTFS_RECORD_MAX 4096u
#define NTFS_HOLE UINT64_MAX

/* Records of the master file table (MFT) that are always there. */
enum {
    NTFS_FILE_MFT = 0,
    NTFS_FILE_LOG = 2,
    NTFS_FILE_VOLUME = 3,
    NTFS_FILE_ROOT = 5,
    NTFS_FILE_BITMAP = 6,
};

/* Where a part of a stream lies. */
struct ntfs_extent {
    uint64_t vcn, count; /* clusters of the stream */
    uint64_t lcn;        /* its first cluster on the volume, or NTFS_HOLE: zeros */
};

/* The content of one unnamed attribute; ntfs_stream.h. */
struct ntfs_stream {
    uint64_t size, initialized; /* bytes; what lies between the two reads as zeros */
    uint8_t *value;             /* resident: the content itself */
    struct ntfs_extent *extents;
    size_t count;
    uint64_t clusters; /* of all extents */
};

struct ntfs {
    struct fs_source *source;
    uint32_t sector_size, cluster_size, record_size; /* bytes */
    uint64_t clusters;
    uint64_t mft, mirror;       /* first clusters of $MFT and $MFTMirr, both inside the volume */
    uint64_t size;              /* bytes; at least one sector behind it is inside the partition */
    struct ntfs_stream records; /* $MFT's content */
};

/* Reads the boot sector into *n, checks it and compares it with its backup. Returns 0, or -1 with a doubt. */
int ntfs_volume_read(struct ntfs *n, struct fs_source *s);

#endif
