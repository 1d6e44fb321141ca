/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partition table of a disk, whatever its kind: a GPT through libfdisk (gpt_table.h), an MBR with extended and
 * logical partitions sector by sector (mbr_table.h), both on one disk, or none. */
#ifndef SLIPWAY_AGENT_PARTITION_TABLE_H
#define SLIPWAY_AGENT_PARTITION_TABLE_H

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* Reads the table of `d` into m->table, disk_uuid, mbr, extended, first_usable, usable_end, note, count and the
 * partitions' number, start, size, type, uuid, name and attributes, in order of start, and m->disk_size and
 * sector_size. *m is all zeros before. A disk without a table, or with one of a kind that is not known, is one partition
 * over all of it,
 * which is .raw with a .note when it must be taken whole. Nothing is written. Returns 0, or -1 with *f: "bad-table"
 * (damaged, contradicting itself, partitions over each other), "disk-error". */
int partition_table_read(const struct disk_io *d, struct manifest *m, struct failure *f);

/* Writes exactly that table to `d`, which may be larger than the disk it came from; the boot code in the first 440
 * bytes stays. Its first sector is written last. Flushed when it returns 0; -1 with *f ("disk-error"). */
int partition_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f);

/* Makes `d` a disk without partition table and boot code: zeros in the first and the last MiB, flushed, and the kernel
 * told. Returns 0, or -1 with *f ("disk-error"). */
int partition_table_clear(const struct disk_io *d, struct failure *f);

#endif
