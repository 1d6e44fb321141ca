/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a BIOS can boot from a disk: boot code, active partition, the rest of GRUB. */
#ifndef SLIPWAY_AGENT_BIOS_BOOT_H
#define SLIPWAY_AGENT_BIOS_BOOT_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* `m` is the table of `d`, as partition_table_read gives it. Returns 1 when it can, 0 with one sentence in ret_why when
 * it cannot, -1 with *f ("disk-error"). */
int bios_boot_check(const struct disk_io *d, const struct manifest *m, char ret_why[160], struct failure *f);

#endif
