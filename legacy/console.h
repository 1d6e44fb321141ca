/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS's screen and keyboard, and the first serial port as a console beside them. Text is UTF-8; what is not ASCII
 * is shown as '?'. */
#ifndef SLIPWAY_LEGACY_CONSOLE_H
#define SLIPWAY_LEGACY_CONSOLE_H

#include "core/base.h"
#include "core/menu.h"

#define CONSOLE_COLUMNS 80

/* Clears the screen, and sets the serial port, where there is one, to 115200 baud, 8N1. */
void console_init(void);

/* Writes `s`; '\n' begins a new line. */
void console_print(const char *s);

/* Writes `s` over the current line and stays in it. What does not fit into the line is cut. */
void console_update(const char *s);

/* Like console_update, then goes to the next line, so that `s` stays. */
void console_finish(const char *s);

/* Clears the screen. What follows begins at its top. */
void console_clear(void);

/* What is written from here on is inverse, or not any more. */
void console_inverse(bool on);

/* The key that was pressed, MENU_KEY_NONE when there is none. Never waits. MENU_KEY_CHARACTER sets *ret_character
 * (printable ASCII). */
enum menu_key console_key(char *ret_character);

#endif
