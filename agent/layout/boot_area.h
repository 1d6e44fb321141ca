/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies before the first partition, at most 1 MiB: boot code, the gap that boot loaders use. Of a disk without a
 * table, the first chunk. */
#ifndef SLIPWAY_AGENT_BOOT_AREA_H
#define SLIPWAY_AGENT_BOOT_AREA_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* The size of the boot area of a disk with the table in `m`. */
uint64_t boot_area_size(const struct disk_io *d, const struct manifest *m);

/* Reads `size` bytes of it into `ret` without the table: zeros behind the boot code in the first 440 bytes, up to the end
 * of the MBR or GPT. Returns 0, or -1 with *f. */
int boot_area_read(const struct disk_io *d, const struct manifest *m, uint8_t *ret, uint64_t size, struct failure *f);

/* Writes the boot area, m->boot_size bytes, of a disk that has a table: the boot code and what lies behind the table.
 * The table's own bytes are not touched, because the target's may be all that still leads to partitions that are kept.
 * Not flushed. Returns 0, or -1 with *f ("disk-error"). */
int boot_area_write(const struct disk_io *d, const struct manifest *m, const uint8_t *boot, struct failure *f);

/* Of a disk without a table, moves the signature that makes its first sector a boot sector from `boot` to m->mbr, for
 * partition_table_write to write last. Nothing otherwise. */
void boot_area_take_signature(uint8_t *boot, struct manifest *m);

#endif
