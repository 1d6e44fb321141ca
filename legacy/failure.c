/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/failure.h"

#include "core/error_report.h"
#include "core/retry.h"
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

bool failure_show(const struct error_detail *error, unsigned failures)
{
    enum retry_action action;
    struct retry retry;
    char line[96], character;
    struct text t;

    print_error(error);
    retry_begin(&retry, failures, "the ROM", clock_ms());
    while (text_init(&t, line, sizeof(line)), action = retry_step(&retry, console_key(&character), clock_ms(), &t),
           action < RETRY_AGAIN) {
        if (action == RETRY_SHOW)
            console_update(line);
        for (uint64_t now = clock_ms(); clock_ms() < now + KEY_INTERVAL_MS;)
            ;
    }
    console_finish(line);
    return action == RETRY_AGAIN;
}
