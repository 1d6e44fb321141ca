/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GUID partition table of a disk, read and written through libfdisk. */
#ifndef SLIPWAY_AGENT_PARTITION_TABLE_H
#define SLIPWAY_AGENT_PARTITION_TABLE_H

#include "agent/disk_io.h"
#include "agent/failure.h"
#include "agent/manifest.h"

/* Reads the table of `d` into m->table, disk_uuid, count and the partitions' number, start, size, type, uuid, name and
 * attributes, in order of start. Nothing is written. Returns 0, or -1 with *f: "bad-table" when there is none, another
 * kind than GPT, a damaged one, or one whose partitions overlap. */
int partition_table_read(const struct disk_io *d, struct manifest *m, struct failure *f);

/* Writes exactly that table to `d`, which may be larger than the disk it came from: protective MBR (the boot code in
 * the first 440 bytes stays), primary at the start, backup at the end; the backup first. Flushed when it returns 0; -1
 * with *f ("disk-error"). */
int partition_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f);

/* Makes `d` a disk without partition table and boot code: zeros in the first and the last MiB, flushed, and the kernel
 * told. Returns 0, or -1 with *f ("disk-error"). */
int partition_table_clear(const struct disk_io *d, struct failure *f);

/* Bytes from the start of the disk that belong to a GPT (protective MBR, header, entries) of `sector_size`. */
uint64_t partition_table_head_size(uint32_t sector_size);

#endif
