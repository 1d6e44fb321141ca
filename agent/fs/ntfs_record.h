/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of NTFS's master file table: update-sequence fixups and the list of attributes. */
#ifndef SLIPWAY_AGENT_NTFS_RECORD_H
#define SLIPWAY_AGENT_NTFS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/fs/ntfs_volume.h"

enum {
    NTFS_ATTRIBUTE_LIST = 0x20,
    NTFS_FILE_NAME = 0x30,
    NTFS_VOLUME_INFORMATION = 0x70,
    NTFS_DATA = 0x80,
};

#define NTFS_COMPRESSED 0x00ffu
#define NTFS_ENCRYPTED 0x4000u

struct ntfs_attribute {
    uint32_t type;
    uint16_t flags; /* NTFS_COMPRESSED, NTFS_ENCRYPTED, sparse */
    bool named, resident;
    const uint8_t *value; /* resident: the content; else the mapping pairs. Points into the record */
    uint32_t length;      /* of value, bytes */
    /* not resident */
    uint64_t first, end;        /* the clusters of the stream that `value` places: first inclusive, end exclusive */
    uint64_t size, initialized; /* bytes; counts in the attribute whose `first` is 0 */
};

/* Puts back what the update sequence holds of each 512 bytes. Returns false when the block is torn or is none. */
bool ntfs_fixup(uint8_t *block, size_t size);

/* Whether a record (before or after its fixups) describes a file. */
bool ntfs_record_in_use(const uint8_t *record);

/* The record that this one extends, or `number` itself. */
uint64_t ntfs_record_base(const uint8_t *record, uint64_t number);

/* Walks through the attributes: *cursor is 0 at first. `record` has n->record_size bytes and its fixups done; `number`
 * is for the doubt. Returns 1 with *ret, 0 at the end, -1 with a doubt. */
int ntfs_attribute_next(const struct ntfs *n, uint64_t number, const uint8_t *record, uint32_t *cursor,
                        struct ntfs_attribute *ret);

/* Looks for the unnamed attribute of this type that starts at cluster `first` of its stream. Returns as above, 0: there
 * is none. */
int ntfs_attribute_find(const struct ntfs *n, uint64_t number, const uint8_t *record, uint32_t type, uint64_t first,
                        struct ntfs_attribute *ret);

/* One run of mapping pairs after the other. */
struct ntfs_runs {
    const uint8_t *at, *limit;
    uint64_t vcn, end;
    uint64_t lcn; /* of the last run that was no hole: the next is relative to it */
};

void ntfs_runs_init(struct ntfs_runs *r, const struct ntfs_attribute *a);

/* Returns 1 with *ret, which lies inside the volume or is a hole; 0 at the end, when all clusters up to the attribute's
 * end were placed; -1 with a doubt. */
int ntfs_runs_next(const struct ntfs *n, struct ntfs_runs *r, struct ntfs_extent *ret);

#endif
