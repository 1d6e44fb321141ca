/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local boot on BIOS: the boot sector of the first disk that has one, or the BIOS's own boot order. */
#ifndef SLIPWAY_LEGACY_DISK_H
#define SLIPWAY_LEGACY_DISK_H

#include "core/error.h"
#include "core/local_boot.h"

/* Does what the policy of the server, or else of the build, says (core/local_boot.h); the PXE stack is shut down
 * before. Returns only when no disk has a boot sector to start: *ret_error is SLIPWAY_E03 then, and the PXE
 * stack still works, unless the BIOS came back from INT 18h, which few do. */
void disk_boot(enum local_boot_policy said, struct error_detail *ret_error);

#endif
