/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/failure.h"

#include "core/progress_line.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/system.h"

#define KEY_INTERVAL_US 20000

static void print_field(const char *name, const char *value)
{
    if (!*value)
        return;
    console_print(name);
    console_print(value);
    console_print("\n");
}

static void print_error(const struct error_detail *error)
{
    const struct error_text *e = error_text(error->code);
    char server[32] = "";
    struct text t;

    text_init(&t, server, sizeof(server));
    if (!ip4_is_zero(error->server))
        text_ip4(&t, error->server);
    console_print("\n");
    console_print(e->name);
    print_field(": ", e->title);
    print_field("  Server:   ", server);
    print_field("  Received: ", error->received);
    print_field("  Cause:    ", e->cause);
    print_field("  Cure:     ", e->cure);
}

static void print_countdown(uint64_t seconds)
{
    char line[80];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Trying again in ");
    text_unsigned(&t, seconds);
    text_string(&t, " s. Any key: at once. ESC: back to the firmware.");
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
        system_boot->Stall(KEY_INTERVAL_US);
        key = console_key(&character);
    }
    console_finish(key == MENU_KEY_ESCAPE ? "Leaving to the firmware." : "Trying again.");
    return key != MENU_KEY_ESCAPE;
}
