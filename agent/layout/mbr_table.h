/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MBR partition table of a disk with its extended and logical partitions, and the MBR beside a GPT. Kept as the
 * sectors that were there: on a disk of the same layout exactly those are written, on another one only what must
 * change does. */
#ifndef SLIPWAY_AGENT_MBR_TABLE_H
#define SLIPWAY_AGENT_MBR_TABLE_H

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* Where a partition was in the image; size 0: it is not of the image, but one of the target's that is kept. */
struct mbr_place {
    uint64_t start, size; /* bytes */
};

/* Reads the table whose first sector is in m->mbr into the same members as partition_table_read, and m->extended. The
 * partitions' order is not set yet. Returns 0, or -1 with *f: "bad-table" (a chain of extended boot records that goes
 * in a circle, leaves the extended partition or is too long), "disk-error". */
int mbr_table_read(const struct disk_io *d, struct manifest *m, struct failure *f);

/* Whether the MBR in m->mbr says more than that the disk has a GPT. */
bool mbr_table_is_hybrid(const struct manifest *m);

/* Fits an MBR, or a hybrid's, to partitions that may have been moved, resized or replaced by kept ones (from[i]: where
 * partition i was) on a disk of `disk_size` bytes: extended boot records follow their partitions, the extended
 * partition surrounds them, a hybrid's entries are those of its partitions. Nothing changes when nothing has. `kept` is
 * what mbr_table_select left of the target's table, NULL: nothing is kept; an extended partition in it takes the place
 * of the image's. Returns 0, or -1 with *f: "bad-image" (the sectors contradict the manifest), "bad-layout" (the
 * partitions do not fit into such a table, or a kept one and one of the image's are both active). */
int mbr_table_fit(struct manifest *m, const struct mbr_place *from, uint64_t disk_size, const struct manifest *kept,
                  struct failure *f);

/* Leaves of an MBR only the partitions that are listed in m->partitions; the extended partition and its chain stay as
 * they are when the logical ones are listed. Returns 0, or -1 with *f ("bad-layout"): only some of the logical ones are
 * listed. Nothing to do for other tables. */
int mbr_table_select(struct manifest *m, struct failure *f);

/* Whether the image's partitions, but for those with numbers of kept ones, have entries beside what mbr_table_select
 * left of the target's table. Returns 0, or -1 with *f ("bad-layout"): beside a kept extended partition, `m` has
 * logical ones, or one of its number. */
int mbr_table_check_kept(const struct manifest *m, const struct manifest *kept, struct failure *f);

/* Writes the table, the first sector last and each flushed, and reads it back. Returns 0, or -1 with *f
 * ("disk-error"). */
int mbr_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f);

/* Writes the first sector of a disk with a GPT, which has been written already: m->mbr with the protective entry made
 * as large as the disk. Nothing when the image has none. Flushed. Returns 0, or -1 with *f ("disk-error"). */
int mbr_table_write_protective(const struct disk_io *d, const struct manifest *m, struct failure *f);

#endif
