/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a qcow2 image (QEMU's docs/interop/qcow2.txt, versions 2 and 3) keeps the disk's bytes: its tables read and
 * checked, and the pieces of the file in the order in which they lie in it, so that the file can be read as a stream.
 * Every offset is untrusted. */
#ifndef SLIPWAY_AGENT_QCOW2_H
#define SLIPWAY_AGENT_QCOW2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/image/chunk_id.h"

#define QCOW2_HEADER 112             /* bytes that qcow2_is looks at and version 3 has at least, with its compression */
#define QCOW2_PIECE_MAX (4u << 20)   /* bytes of the file in one piece */
#define QCOW2_CLUSTER_MAX (2u << 20) /* bytes; QEMU's limit, too */

enum qcow2_piece_kind {
    QCOW2_TABLE,   /* part of a table, which must still have `tables[guest]` as its hash */
    QCOW2_DATA,    /* bytes of the disk; behind the end of the file they are zeros */
    QCOW2_DEFLATE, /* one cluster, compressed: `length` is an upper bound of what it takes */
    QCOW2_ZSTD,
};

struct qcow2_piece {
    uint64_t host;   /* offset in the file */
    uint64_t guest;  /* on the disk */
    uint32_t length; /* bytes in the file, 1 to QCOW2_PIECE_MAX; host + length is within the file */
    uint32_t size;   /* bytes on the disk; DATA: may be more than `length` at the end of the file */
    enum qcow2_piece_kind kind;
};

struct qcow2_gap { /* of the disk: zeros */
    uint64_t start, size;
};

struct qcow2 {
    uint64_t size; /* of the disk, bytes */
    uint32_t cluster_size;
    struct qcow2_piece *pieces; /* by `host` */
    size_t piece_count;
    struct qcow2_gap *gaps; /* by `start` */
    size_t gap_count;
    uint8_t (*tables)[CHUNK_ID_SIZE];
    size_t table_count;
};

/* Reads exactly `size` bytes at `offset` of the file. Returns 0, or -1 with *f. */
typedef int (*qcow2_read)(void *arg, uint64_t offset, void *ret, size_t size, struct failure *f);

/* True when the first bytes are those of a qcow2 image of any version. */
bool qcow2_is(const void *data, size_t size);

/* Reads the tables of an image of `file_size` bytes. Returns 0, or -1 with *f: "bad-image" when it contradicts itself
 * or needs what is not supported (backing file, encryption, external data, extended L2 entries, internal damage),
 * "out-of-memory", and the reasons of `read`. Release with qcow2_free in both cases. */
int qcow2_open(struct qcow2 *q, qcow2_read read, void *arg, uint64_t file_size, struct failure *f);
void qcow2_free(struct qcow2 *q);

/* Unpacks the compressed cluster of a piece from `data` (p->length bytes) into `ret` (q->cluster_size bytes). Returns
 * false when it is damaged. */
bool qcow2_unpack(const struct qcow2 *q, const struct qcow2_piece *p, const void *data, void *ret);

#endif
