/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/error_report.h"

static char report[4096];

/* The whole report, each line ended by '\n'. */
static void make_report(const struct error_detail *error, unsigned columns)
{
    struct text t;

    text_init(&t, report, sizeof(report));
    for (unsigned line = 0; error_report_line(error, columns, line, &t); line++)
        text_char(&t, '\n');
    assert_false(t.cut);
}

static void a_report_says_all(void **state)
{
    (void)state;
    struct error_detail error = {.code = PXE_E53, .server = {{10, 77, 0, 1}}, .received = "no file"};

    make_report(&error, 200);
    assert_ptr_equal(strstr(report, "PXE-E53: No boot file name received\n  Server:   10.77.0.1\n"
                                    "  Received: no file\n  Cause:    "),
                     report);
    assert_non_null(strstr(report, "\n  Cure:     "));
}

static void what_is_unknown_is_left_out(void **state)
{
    (void)state;
    make_report(&(struct error_detail){.code = PXE_E51}, 80);
    assert_null(strstr(report, "Server:"));
    assert_null(strstr(report, "Received:"));
}

static void long_values_are_broken_at_blanks(void **state)
{
    (void)state;
    struct error_detail error = {.code = PXE_E36, .received = "aaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd"};

    make_report(&error, 40);
    assert_non_null(strstr(report, "  Received: aaaaaaaaa bbbbbbbbbb\n            cccccccccc dddddddddd\n"));
    for (char *line = strtok(report, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) < 40);
}

static void a_word_without_blanks_stays_whole(void **state)
{
    (void)state;
    struct error_detail error = {.code = PXE_E36};

    memset(error.received, 'x', 100);
    make_report(&error, 40);
    assert_non_null(strstr(report, error.received));
}

static void a_screen_gets_no_control_characters(void **state)
{
    (void)state;
    make_report(&(struct error_detail){.code = PXE_E36, .received = "a\x1b[2Jb"}, 80);
    assert_null(strchr(report, '\x1b'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_says_all),
        cmocka_unit_test(what_is_unknown_is_left_out),
        cmocka_unit_test(long_values_are_broken_at_blanks),
        cmocka_unit_test(a_word_without_blanks_stays_whole),
        cmocka_unit_test(a_screen_gets_no_control_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
