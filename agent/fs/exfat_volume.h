/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exFAT: boot region and file allocation table. Names and rules as in Microsoft's "exFAT file system specification"
 * (revision 1.00). */
#ifndef SLIPWAY_AGENT_EXFAT_VOLUME_H
#define SLIPWAY_AGENT_EXFAT_VOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "agent/fs/block_map.h"

#define EXFAT_WINDOW 16384    /* bytes of the FAT held at once */
#define EXFAT_FIRST_CLUSTER 2 /* what the first cluster of the heap is called */

struct exfat {
    struct fs_source *source;
    uint32_t sector_size;                /* bytes */
    uint64_t cluster_size, size;         /* bytes */
    uint64_t fat_start, heap_start;      /* bytes; of the active FAT; of the clusters */
    uint32_t clusters;                   /* all inside the partition, and each with an entry in the FAT */
    uint32_t root;                       /* first cluster of the root directory */
    unsigned fats;                       /* 1, or 2 for TexFAT */
    uint8_t window[EXFAT_WINDOW];        /* what exfat_next has read */
    uint64_t window_start, window_bytes; /* bytes from fat_start on */
};

/* Reads and checks the boot region: its checksum and that the volume is not dirty. Returns 0, or -1 with a doubt. */
int exfat_volume_read(struct exfat *x, struct fs_source *s);

/* Where a cluster lies in the partition, bytes. */
uint64_t exfat_offset(const struct exfat *x, uint32_t cluster);

/* The clusters of a file: one after the other, or along the FAT. */
struct exfat_stream {
    uint32_t cluster; /* the next one */
    bool contiguous;
    bool open;     /* its length is not known: up to the end of the chain, as the root directory is */
    uint64_t left; /* clusters, unless open */
};

/* Prepares for a file of `bytes` bytes. */
struct exfat_stream exfat_stream_of(const struct exfat *x, uint32_t first, uint64_t bytes, bool contiguous);

/* Gives the next cluster, which exists. Returns 1 with *ret, 0 at the end, -1 with a doubt. A chain may run in a
 * circle: the caller has to notice. */
int exfat_stream_next(struct exfat *x, struct exfat_stream *stream, uint32_t *ret);

#endif
