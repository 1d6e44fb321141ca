/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A console that writes down what is shown on it, with keys and a clock that the test sets. */
#ifndef SLIPWAY_CORE_TESTS_CONSOLE_LAB_H
#define SLIPWAY_CORE_TESTS_CONSOLE_LAB_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/console.h"

static struct {
    char shown[16384]; /* "<alarm>", "<update>", "<clear>", "<row 3>", "<row 3!>" (inverse) before what follows */
    uint64_t now;
    struct {
        uint64_t at;
        enum menu_key key;
        char character;
    } keys[8];
    unsigned next_key;
} lab;

static inline void lab_show(const char *format, ...)
{
    size_t length = strlen(lab.shown);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(lab.shown + length, sizeof(lab.shown) - length, format, arguments);
    va_end(arguments);
}

static inline unsigned lab_columns(void)
{
    return 80;
}

static inline void lab_print(const char *s)
{
    lab_show("%s", s);
}

static inline void lab_alarm(const char *s)
{
    lab_show("<alarm>%s\n", s);
}

static inline void lab_update(const char *s)
{
    lab_show("<update>%s", s);
}

static inline void lab_finish(const char *s)
{
    lab_show("<update>%s\n", s);
}

static inline void lab_clear(void)
{
    lab_show("<clear>");
}

static inline void lab_row(unsigned row, const char *s, bool inverse)
{
    lab_show("<row %u%s>%s", row, inverse ? "!" : "", s);
}

/* Each key comes once its time has come. */
static inline enum menu_key lab_key(char *ret_character)
{
    unsigned n = lab.next_key;

    if (n == sizeof(lab.keys) / sizeof(lab.keys[0]) || lab.keys[n].key == MENU_KEY_NONE || lab.now < lab.keys[n].at)
        return MENU_KEY_NONE;
    lab.next_key++;
    *ret_character = lab.keys[n].character;
    return lab.keys[n].key;
}

/* Time passes by being looked at. */
static inline uint64_t lab_clock_ms(void)
{
    return lab.now++;
}

static inline void lab_pause_ms(unsigned ms)
{
    lab.now += ms;
}

#define LAB_CONSOLE                                                                                                    \
    {                                                                                                                  \
        .columns = lab_columns, .print = lab_print, .alarm = lab_alarm, .update = lab_update, .finish = lab_finish,    \
        .clear = lab_clear, .row = lab_row, .key = lab_key, .clock_ms = lab_clock_ms, .pause_ms = lab_pause_ms,        \
    }

static const struct console lab_console = LAB_CONSOLE;

#endif
