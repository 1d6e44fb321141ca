/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS's screen and keyboard, and the first serial port as a console beside them. What is not ASCII is shown as
 * '?'. */
#ifndef SLIPWAY_LEGACY_CONSOLE_H
#define SLIPWAY_LEGACY_CONSOLE_H

#include "core/console.h"

extern const struct console console;

/* Clears the screen, and sets the serial port, where there is one, to 115200 baud, 8N1. */
void console_init(void);

/* Writes `s` as a line, and again wherever the screen is cleared from then on. */
void console_heading(const char *s);

#endif
