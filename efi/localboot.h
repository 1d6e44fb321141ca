/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boots the system that is installed on a local disk, in the way that server or build want (core/local_boot.h). */
#ifndef SLIPWAY_EFI_LOCALBOOT_H
#define SLIPWAY_EFI_LOCALBOOT_H

#include "core/error.h"
#include "core/local_boot.h"

/* start: starts the loaders of the disks, in the order of efi/loader_search.h, until one does not come back. bootnext:
 * gives the first of them that loads to the firmware and resets the machine; where the firmware refuses that, as start.
 * Never starts a copy of Slipway. Says on the screen which loader it is.
 *
 * Returns true when the caller is to end so that the firmware goes on with its boot order; false, *ret_error set to
 * SLIPWAY_E03, when nothing was found or everything came back. */
bool localboot_run(enum local_boot_policy said, struct error_detail *ret_error);

#endif
