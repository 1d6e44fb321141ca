/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this machine's settings (core/settings.h) come from. */
#ifndef SLIPWAY_EFI_SETTINGS_H
#define SLIPWAY_EFI_SETTINGS_H

#include "core/error.h"
#include "core/settings.h"

/* Reads the file slipway.conf beside the image of this program, and then the load options that the firmware started it
 * with (UCS-2 text), which win. What is missing sets nothing. Returns false, and fills *ret_error (SLIPWAY_E07), when a
 * value cannot be. */
bool settings_load(struct settings *ret, struct error_detail *ret_error);

#endif
