/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_BOOT_SECTOR_H
#define SLIPWAY_AGENT_BOOT_SECTOR_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* The boot sectors of FAT and NTFS say how many sectors lie before their partition (BPB_HiddSec; "Microsoft FAT
 * Specification", 3.1), and their code for BIOS starts from there. Where partition `p` was at `old_start` bytes, and
 * its boot sector and the copy of it say so, they say p->start afterwards. Other partitions are not touched. Returns 0,
 * or -1 with *f ("disk-error"). */
int boot_sector_move(const struct disk_io *d, const struct manifest_partition *p, uint64_t old_start,
                     struct failure *f);

#endif
