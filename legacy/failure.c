/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/failure.h"

#include "core/error_report.h"
#include "core/progress_line.h"
#include "legacy/clock.h"
#include "legacy/console.h"

#define KEY_INTERVAL_MS 20

static void print_error(const struct error_detail *error)
{
    char line[256];
    struct text t;

    console_print("\n");
    for (unsigned i = 0; text_init(&t, line, sizeof(line)), error_report_line(error, CONSOLE_COLUMNS, i, &t); i++) {
        console_print(line);
        console_print("\n");
    }
}

static void print_countdown(uint64_t seconds)
{
    char line[96];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Trying again in ");
    text_unsigned(&t, seconds);
    text_string(&t, " s. Any key: at once. ESC: back to the ROM.");
    console_update(line);
}

bool failure_show(const struct error_detail *error, unsigned failures)
{
    uint64_t deadline = clock_ms() + retry_pause_s(failures) * 1000, shown = 0, now;
    enum menu_key key = MENU_KEY_NONE;
    char character;

    print_error(error);
    while ((now = clock_ms()) < deadline && key == MENU_KEY_NONE) {
        uint64_t left = (deadline - now + 999) / 1000;

        if (left != shown)
            print_countdown(shown = left);
        while (clock_ms() < now + KEY_INTERVAL_MS)
            ;
        key = console_key(&character);
    }
    console_finish(key == MENU_KEY_ESCAPE ? "Leaving to the ROM." : "Trying again.");
    return key != MENU_KEY_ESCAPE;
}
