/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts the system that is installed on a local disk. */
#ifndef SLIPWAY_EFI_LOCALBOOT_H
#define SLIPWAY_EFI_LOCALBOOT_H

#include "core/error.h"

/* Tries, in this order, the firmware's boot options that name a file on a partition (BootOrder), then the well-known
 * loaders of each EFI system partition on a disk that stays in the machine. Never starts a copy of Slipway. Says on the
 * screen which loader of which disk it starts. Returns only when nothing was found or everything came back:
 * *ret_error is SLIPWAY_E03 then. */
void localboot_run(struct error_detail *ret_error);

#endif
