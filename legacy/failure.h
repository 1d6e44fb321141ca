/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error screen, and the pause before the next attempt. */
#ifndef SLIPWAY_LEGACY_FAILURE_H
#define SLIPWAY_LEGACY_FAILURE_H

#include "core/error.h"

/* Shows the error and counts down; `failures` attempts have failed before this one. Returns true to try again (the
 * pause is over or a key was pressed), false to go back to the ROM (ESC). */
bool failure_show(const struct error_detail *error, unsigned failures);

#endif
