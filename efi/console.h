/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's text console: a screen, a serial line, or both at once. */
#ifndef SLIPWAY_EFI_CONSOLE_H
#define SLIPWAY_EFI_CONSOLE_H

#include "core/console.h"

extern const struct console console;

/* Clears the screen: what follows begins at its top. */
void console_init(void);

/* Writes `s` as a line, and again (what fits into one line) wherever the screen is cleared from then on. */
void console_heading(const char *s);

#endif
