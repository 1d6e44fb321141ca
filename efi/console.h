/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's text console: a screen, a serial line, or both at once. Text is UTF-8. */
#ifndef SLIPWAY_EFI_CONSOLE_H
#define SLIPWAY_EFI_CONSOLE_H

#include "core/base.h"
#include "core/menu.h"

/* Clears the screen: what follows begins at its top. */
void console_init(void);

/* Columns of a line; at least 20. */
unsigned console_columns(void);

/* Writes `s` as a line, and again (what fits into one line) wherever the screen is cleared from then on. */
void console_heading(const char *s);

/* Writes `s` as a line that cannot be overlooked. */
void console_alarm(const char *s);

/* Writes `s`; '\n' begins a new line. */
void console_print(const char *s);

/* Writes `s` over the current line and stays in it. What does not fit into the line is cut. */
void console_update(const char *s);

/* Like console_update, then goes to the next line, so that `s` stays. */
void console_finish(const char *s);

/* Clears the screen and draws `count` lines that `line` formats, under the heading; the highlighted ones are drawn
 * inverse. The next console_paint with the same count draws over them without clearing. */
typedef void console_line_fn(void *context, unsigned line, struct text *t, bool *ret_highlight);
void console_paint(unsigned count, console_line_fn *line, void *context);

/* After console_paint: clears the screen, so that ordinary lines begin at its top. */
void console_paint_end(void);

/* The key that was pressed, MENU_KEY_NONE when there is none. Never waits. MENU_KEY_CHARACTER sets *ret_character
 * (printable ASCII). */
enum menu_key console_key(char *ret_character);

#endif
