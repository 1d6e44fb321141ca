/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A partition of an image as large as it was, while the disk has room for its beginning only: below `disk_size` reads
 * and writes go to the disk, behind it reads come from the chunk store and writes stay in memory. What shrinks a file
 * system moves what lies behind to the front; then the memory may be forgotten. */
#ifndef SLIPWAY_AGENT_OVERLAY_H
#define SLIPWAY_AGENT_OVERLAY_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/image/caibx.h"
#include "agent/image/store.h"

#define OVERLAY_MEMORY_MAX ((size_t)32 << 20) /* bytes written behind `disk_size` */

struct overlay;

struct overlay_source {
    const struct disk_io *disk;
    uint64_t start;            /* of the partition on the disk, bytes */
    uint64_t disk_size;        /* bytes of it that are on the disk: whole chunks */
    const struct caibx *index; /* of the whole partition: index->size bytes */
    const char *what;          /* for messages; all of this must outlive the overlay */
};

/* Returns NULL with *f. Belongs to one thread at a time. */
struct overlay *overlay_new(const struct overlay_source *source, const struct store *s, struct failure *f);
void overlay_free(struct overlay *o);

/* Bytes of the whole partition. */
uint64_t overlay_size(const struct overlay *o);

/* All within overlay_size. Return 0, or -1 with *f: disk-error, bad-chunk, server, out-of-memory (too much written). */
int overlay_read(struct overlay *o, uint64_t offset, void *buffer, size_t size, struct failure *f);
int overlay_write(struct overlay *o, uint64_t offset, const void *buffer, size_t size, struct failure *f);

#endif
