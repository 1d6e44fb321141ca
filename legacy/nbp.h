/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another network boot program in this one's place. */
#ifndef SLIPWAY_LEGACY_NBP_H
#define SLIPWAY_LEGACY_NBP_H

#include "core/pxe_client.h"
#include "legacy/download.h"

/* Tells whom it concerns that the file is in (core/confirmation.h), has the ROM keep the packet that named it, puts it to 0000:7C00 and enters it as the ROM
 * entered this program: ES:BX, SS:SP and what lies on the stack. Returns only when it does not fit below the ROM:
 * *ret_error is PXE_E79 then. */
void nbp_boot(const struct pxe_client *c, const struct download *file, struct error_detail *ret_error);

#endif
