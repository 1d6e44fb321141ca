/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first and the last MiB of a disk that is being written: what makes it boot (partition table, its backup, boot
 * code) is held back in memory until everything else is on the medium. */
#ifndef SLIPWAY_AGENT_DISK_ENDS_H
#define SLIPWAY_AGENT_DISK_ENDS_H

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

#define DISK_END_SIZE (1024u * 1024u)

struct disk_ends {
    const struct disk_io *disk;
    struct disk_io shadow; /* in memory, as large as the disk and empty in between */
};

/* Returns 0, or -1 with *f (out-of-memory, target-too-small: less than two ends). */
int disk_ends_open(struct disk_ends *e, const struct disk_io *d, struct failure *f);
void disk_ends_close(struct disk_ends *e);

/* Writes to the ends what belongs there, and the rest to the disk. `data` NULL: zeros. Returns 0, or -1 with *f. */
int disk_ends_write(const struct disk_ends *e, uint64_t offset, const void *data, uint64_t size, struct failure *f);

/* Makes a GUID partition table that was made for a smaller disk end where this one ends; any other table stays as it
 * is. *ret_moved tells whether that was done. Returns 0, or -1 with *f ("bad-table"). */
int disk_ends_fit_table(const struct disk_ends *e, bool *ret_moved, struct failure *f);

/* The partitions of the table that is held back, with the file systems on the disk. What partitions have within the
 * ends goes to the disk, flushed, unless the disk has no table. Returns 0; no table that is understood is no partition.
 * -1 with *f (disk-error, out-of-memory). */
int disk_ends_partitions(const struct disk_ends *e, struct manifest *ret, struct failure *f);

/* What disk_ends_partitions put on the disk has been changed there: holds that back from now on. Returns 0, or -1 with
 * *f (disk-error, out-of-memory). */
int disk_ends_take_back(const struct disk_ends *e, const struct manifest *m, struct failure *f);

/* Writes the ends to `d`: the last one, the first one, at the very end the first sector; each is flushed before the
 * next. Returns 0, or -1 with *f (disk-error, out-of-memory). */
int disk_ends_release(const struct disk_ends *e, const struct disk_io *d, struct failure *f);

#endif
