/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GUID partition table of a disk, read and written through libfdisk. */
#ifndef SLIPWAY_AGENT_GPT_TABLE_H
#define SLIPWAY_AGENT_GPT_TABLE_H

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* Whether libfdisk finds a usable GPT (one good copy is enough) on `d`: 1 or 0, -1 with *f ("disk-error"). */
int gpt_table_exists(const struct disk_io *d, struct failure *f);

/* Reads the table as partition_table_read does. A damaged copy, or one that is not at the disk's end, is told in
 * m->note. Returns 0, or -1 with *f ("bad-table", "disk-error"). */
int gpt_table_read(const struct disk_io *d, struct manifest *m, struct failure *f);

/* Writes exactly that table: backup first, then primary, then a protective MBR; the boot code stays. Flushed when it
 * returns 0; -1 with *f ("disk-error"). */
int gpt_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f);

#endif
