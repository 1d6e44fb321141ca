/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that is written to in memory only: what was written is there for who reads through it, and the disk itself
 * stays as it is. The anonymous capture looks at its source in this way. */
#ifndef SLIPWAY_AGENT_COW_H
#define SLIPWAY_AGENT_COW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

#define COW_PAGE 4096

struct cow;
struct disk_io;

/* At most `limit` bytes may be written to, in whole pages of COW_PAGE. `disk` is read for the rest of a page of which a
 * part is written; it must outlive the copy, and be without one itself. Returns NULL with *f (out-of-memory). */
struct cow *cow_new(const struct disk_io *disk, uint64_t limit, struct failure *f);
void cow_free(struct cow *c);

/* Both within the disk. Return 0, or -1 with *f: "disk-error", "snapshot-full" (from then on, every write fails). Safe
 * from several threads at once. */
int cow_read(struct cow *c, uint64_t offset, void *buffer, size_t size, struct failure *f);
int cow_write(struct cow *c, uint64_t offset, const void *buffer, size_t size, struct failure *f);

/* What was written, laid over `size` bytes at `offset` that were read from the disk. */
void cow_patch(struct cow *c, uint64_t offset, void *buffer, size_t size);

/* Whether a write has failed: what is read then is no file system any more. */
bool cow_failed(struct cow *c);

/* Bytes of memory that the pages take. */
uint64_t cow_used(struct cow *c);

#endif
