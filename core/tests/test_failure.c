/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failure.h"
#include "core/tests/console_lab.h"

static const struct error_detail error = {.code = PXE_E53, .server = {{10, 77, 0, 1}}, .received = "no file"};

static void an_error_is_shown_and_tried_again(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof(lab));
    assert_true(failure_show(&lab_console, &error, 0, "the ROM"));
    assert_ptr_equal(strstr(lab.shown, "\n<alarm>PXE-E53: No boot file name received\n"
                                       "  Server:   10.77.0.1\n"
                                       "  Received: no file\n"
                                       "  Cause:    "),
                     lab.shown);
    assert_non_null(strstr(lab.shown, ".\n<update>Trying again in 5 s. Any key: at once. ESC: back to the ROM."
                                      "<update>Trying again in 4 s."));
    assert_non_null(strstr(lab.shown, "<update>Trying again.\n"));
    assert_in_range(lab.now, 5000, 5100);
}

static void keys_end_the_pause(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof(lab));
    lab.keys[0].at = 1000;
    lab.keys[0].key = MENU_KEY_ENTER;
    assert_true(failure_show(&lab_console, &error, 9, "the ROM"));
    assert_in_range(lab.now, 1000, 1100);
    lab.keys[1].key = MENU_KEY_ESCAPE;
    assert_false(failure_show(&lab_console, &error, 9, "the firmware"));
    assert_non_null(strstr(lab.shown, "<update>Leaving to the firmware.\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_shown_and_tried_again),
        cmocka_unit_test(keys_end_the_pause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
