/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is an image whole, and does a disk hold what the image says? Both only read, and go on after what they find. */
#ifndef SLIPWAY_AGENT_VERIFY_H
#define SLIPWAY_AGENT_VERIFY_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"
#include "agent/image/store.h"

enum verify_kind {
    VERIFY_INDEX,     /* an index is missing, malformed or has another SHA-256: its partition cannot be looked at */
    VERIFY_MISSING,   /* a chunk is not in the store, or cannot be read */
    VERIFY_DAMAGED,   /* a chunk does not decompress, or has another hash */
    VERIFY_PARTITION, /* the disk does not have this partition where the image has it */
    VERIFY_TABLE,     /* the disk has a table of another kind, or one with another UUID or signature */
    VERIFY_DIFFERS,   /* the disk holds something else than the image */
    VERIFY_UNREADABLE /* the disk cannot be read there */
};

struct verify_finding {
    enum verify_kind kind;
    unsigned disk;      /* of the image, from 1 */
    unsigned partition; /* its number; 0: the boot area */
    uint64_t offset;    /* bytes from the start of the partition (boot area: of the disk) */
    uint64_t size;      /* bytes that are meant */
    const char *what;   /* for people: which part, and what is wrong with it */
    const char *chunk;  /* its id in hexadecimal, or "" */
};

struct verify_request {
    const char *image;
    const char *const *disks; /* `disk_count` disks in the order of the image's; 0: the image alone */
    unsigned disk_count;
    unsigned threads; /* 0: one more than there are processors, at most 4 */
    /* Called for each finding, from several threads, one at a time. */
    void (*found)(void *arg, const struct verify_finding *finding);
    void *arg;
};

struct verify_result {
    uint64_t chunks; /* looked at */
    uint64_t bytes;  /* of data in them */
    uint64_t findings;
};

/* Without disks: fetches, decompresses and hashes every chunk of the image. With them: compares table, boot area and
 * the used blocks of every partition with the image, whose chunks are not fetched. Returns 0 when all was looked at,
 * whatever was found; -1 with *f: no such image, a manifest that cannot be read, the store is gone, the disk cannot be
 * opened or has no table that is understood, cancelled. */
int verify_image(const struct verify_request *r, struct store *s, const struct progress *p, struct verify_result *ret,
                 struct failure *f);

#endif
