/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error screen, and the pause before the next attempt. */
#ifndef SLIPWAY_CORE_FAILURE_H
#define SLIPWAY_CORE_FAILURE_H

#include "core/console.h"
#include "core/error.h"

/* Shows the error and counts down; `failures` attempts have failed before this one, and ESC leads to `back_to` ("the
 * firmware"). Returns true to try again (the pause is over or a key was pressed), false after ESC. */
bool failure_show(const struct console *console, const struct error_detail *error, unsigned failures,
                  const char *back_to);

#endif
