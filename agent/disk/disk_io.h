/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing a disk (a block device or a file) so that nothing fails silently: short transfers are continued,
 * every error names the disk, the offset and the cause, nothing goes beyond the end. */
#ifndef SLIPWAY_AGENT_DISK_IO_H
#define SLIPWAY_AGENT_DISK_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

/* Buffers aligned to this, and offsets and sizes that are its multiples, go to the disk without a copy. */
#define DISK_IO_ALIGN 4096

struct disk_io {
    char path[256];
    int fd;               /* through the page cache */
    int direct_fd;        /* past it; -1: this disk has no such way */
    uint64_t size;        /* bytes */
    uint32_t sector_size; /* bytes, logical; 512 for a file */
    bool block;           /* a block device, not a file */
    struct cow *cow;      /* what lies over it (agent/disk/cow.h); NULL: nothing. Not owned */
};

enum disk_io_mode {
    DISK_IO_READ,  /* read-only, also the descriptor */
    DISK_IO_WRITE, /* and nobody else: a disk that is mounted or otherwise in use is refused */
};

/* Opens a block device or a regular file. Returns 0, or -1 with *f ("disk-error") and nothing left open. */
int disk_io_open(struct disk_io *d, const char *path, enum disk_io_mode mode, struct failure *f);

/* Whether somebody holds the block device or a part of it: it is mounted, or part of another device. */
bool disk_io_in_use(const struct disk_io *d);

/* Closes; harmless after a failed open. Does not flush: disk_io_flush first, its result counts. */
void disk_io_close(struct disk_io *d);

/* All return 0, or -1 with *f ("disk-error"). Safe from several threads at once. What is read is what a `cow` shows. */
int disk_io_read(const struct disk_io *d, uint64_t offset, void *buffer, size_t size, struct failure *f);
int disk_io_write(const struct disk_io *d, uint64_t offset, const void *buffer, size_t size, struct failure *f);

/* Makes the bytes read as zeros: by a command of the device or file system that guarantees it, else by writing them. */
int disk_io_zero(const struct disk_io *d, uint64_t offset, uint64_t size, struct failure *f);

/* The same by writing, whatever the device promises: for what must not come back, a partition table. */
int disk_io_write_zeros(const struct disk_io *d, uint64_t offset, uint64_t size, struct failure *f);

/* Everything written so far is on the medium when this returns 0. */
int disk_io_flush(const struct disk_io *d, struct failure *f);

/* Whether the disk is as large as when it was opened: one that was pulled out or has dropped off the bus is not.
 * Returns 0, or -1 with *f ("disk-error"). */
int disk_io_check_size(const struct disk_io *d, struct failure *f);

/* Asks the kernel to read the partition table of a block device again; a file has nothing to do. A kernel that knows no
 * partition tables is no failure. */
int disk_io_reread_table(const struct disk_io *d, struct failure *f);

#endif
