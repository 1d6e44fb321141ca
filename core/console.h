/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text console with somebody before it: screen, keys and time, as functions of whatever has them. Text is UTF-8. */
#ifndef SLIPWAY_CORE_CONSOLE_H
#define SLIPWAY_CORE_CONSOLE_H

#include "core/menu.h"

struct console {
    /* Columns of a line; at least 20. */
    unsigned (*columns)(void);
    /* Writes `s`; '\n' begins a new line. */
    void (*print)(const char *s);
    /* Writes `s` as a line that cannot be overlooked. */
    void (*alarm)(const char *s);
    /* Writes `s` over the current line and stays in it. What does not fit into the line is cut. */
    void (*update)(const char *s);
    /* The same, then goes to the next line, so that `s` stays. */
    void (*finish)(const char *s);
    /* Clears the screen but for its heading. What follows begins under an empty line behind it. */
    void (*clear)(void);
    /* Puts `s` in place of line `row` below that, from 0. */
    void (*row)(unsigned row, const char *s, bool inverse);
    /* The key that was pressed, MENU_KEY_NONE when there is none. Never waits. MENU_KEY_CHARACTER sets *ret_character
     * (printable ASCII). */
    enum menu_key (*key)(char *ret_character);
    /* Milliseconds since some fixed moment. */
    uint64_t (*clock_ms)(void);
    /* Waits. */
    void (*pause_ms)(unsigned ms);
};

#endif
