/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/failure.h"

#include "core/progress_line.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/system.h"

#define KEY_INTERVAL_US 20000

#define NAME_COLUMNS 12

/* Bytes of `s` that go into a line of `room` columns: up to a blank, all of it if it fits or has none. */
static size_t line_length(const char *s, size_t room)
{
    size_t length = text_length(s, SIZE_MAX), n = room;

    if (length <= room)
        return length;
    while (n > 0 && s[n] != ' ')
        n--;
    return n ? n : length;
}

/* A long value goes on under its beginning. `name` fills NAME_COLUMNS. */
static void print_field(const char *name, const char *value)
{
    char line[160];

    while (*value) {
        size_t n = line_length(value, console_columns() - NAME_COLUMNS - 1);
        struct text t;

        text_init(&t, line, sizeof(line));
        text_untrusted(&t, value, n);
        console_print(name);
        console_print(line);
        console_print("\n");
        name = "            ";
        value += n;
        while (*value == ' ')
            value++;
    }
}

static void print_error(const struct error_detail *error)
{
    const struct error_text *e = error_text(error->code);
    char server[32] = "", headline[100];
    struct text t;

    text_init(&t, server, sizeof(server));
    if (!ip4_is_zero(error->server))
        text_ip4(&t, error->server);
    text_init(&t, headline, sizeof(headline));
    text_string(&t, e->name);
    text_string(&t, ": ");
    text_string(&t, e->title);
    console_print("\n");
    console_alarm(headline);
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
