/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture does with bytes that the disk cannot give, and what it remembers of them. */
#ifndef SLIPWAY_AGENT_BAD_SECTORS_H
#define SLIPWAY_AGENT_BAD_SECTORS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"

enum bad_sector_policy {
    BAD_SECTORS_FAIL, /* the first one ends the capture */
    BAD_SECTORS_ZERO, /* they become zeros and are reported */
};

#define BAD_SECTORS_LISTED 6
#define BAD_SECTORS_ROW ((uint64_t)64 * 1024 * 1024) /* bytes; a disk that reads none of so many is no longer there */

/* Of one partition. Zero-initialise, then bad_sectors_init. */
struct bad_sectors {
    pthread_mutex_t lock;
    uint64_t count, bytes;                /* sectors; bytes of them */
    uint64_t offsets[BAD_SECTORS_LISTED]; /* of the first ones found, from the partition's start */
    unsigned listed;
    atomic_ullong row; /* bytes that could not be read since the last that could */
};

void bad_sectors_init(struct bad_sectors *b);

/* Reads `size` bytes at `offset` of the partition at `start`. When that fails and the policy says so, reads sector by
 * sector; those that fail are zeros in `buffer` and are added to *b. Safe from several threads. Returns 0, or -1 with
 * *f ("disk-error"), whatever the policy, also when the disk has lost its size or BAD_SECTORS_ROW bytes in a row could
 * not be read. */
int bad_sectors_read(struct bad_sectors *b, enum bad_sector_policy policy, const struct disk_io *d, uint64_t start,
                     uint64_t offset, void *buffer, size_t size, struct failure *f);

/* Something of the partition could be read without bad_sectors_read. */
void bad_sectors_end_row(struct bad_sectors *b);

/* "3 unreadable sectors (1536 bytes) are zeros in the image, at byte 4096, 8192, 8704 of the partition", or "" when
 * there are none. */
void bad_sectors_describe(const struct bad_sectors *b, char *ret, size_t size);

#endif
