/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/failure.h"

#include "core/error_report.h"
#include "core/retry.h"

#define KEY_INTERVAL_MS 20

static void print_error(const struct console *console, const struct error_detail *error)
{
    char line[256];
    struct text t;

    console->print("\n");
    text_init(&t, line, sizeof(line));
    error_report_line(error, console->columns(), 0, &t);
    console->alarm(line);
    for (unsigned i = 1; text_init(&t, line, sizeof(line)), error_report_line(error, console->columns(), i, &t); i++) {
        text_char(&t, '\n');
        console->print(line);
    }
}

bool failure_show(const struct console *console, const struct error_detail *error, unsigned failures,
                  const char *back_to)
{
    enum retry_action action;
    struct retry retry;
    char line[96], character;
    struct text t;

    print_error(console, error);
    retry_begin(&retry, failures, back_to, console->clock_ms());
    while (text_init(&t, line, sizeof(line)),
           action = retry_step(&retry, console->key(&character), console->clock_ms(), &t), action < RETRY_AGAIN) {
        if (action == RETRY_SHOW)
            console->update(line);
        console->pause_ms(KEY_INTERVAL_MS);
    }
    console->finish(line);
    return action == RETRY_AGAIN;
}
