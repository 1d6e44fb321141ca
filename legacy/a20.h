/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address line 20: while it is off, every second MiB of memory is the one below it once more. */
#ifndef SLIPWAY_LEGACY_A20_H
#define SLIPWAY_LEGACY_A20_H

#include "core/base.h"

/* Switches the line on where it is off: by the BIOS (INT 15h, 2401h), and by port 92h where that does not do it.
 * Returns false when it stays off; memory above 1 MiB must not be used then. */
bool a20_enable(void);

#endif
