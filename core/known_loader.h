/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where installers put the loader of an x64 UEFI system on the EFI system partition. */
#ifndef SLIPWAY_CORE_KNOWN_LOADER_H
#define SLIPWAY_CORE_KNOWN_LOADER_H

#include "core/text.h"

/* Writes the path of loader number `n` (from 0, in the order in which to try them) to *ret: shim before the loader that
 * it starts, since Secure Boot refuses the loader alone, and the removable path last, since installers put a copy there.
 * Returns false, *ret untouched, behind the last one. No path is longer than 47 bytes. */
bool known_loader(unsigned n, struct text *ret);

#endif
