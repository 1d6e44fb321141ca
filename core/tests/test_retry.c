/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/retry.h"

static struct retry retry;
static char line[80];

static enum retry_action step(enum menu_key key, uint64_t now_ms)
{
    struct text t;

    text_init(&t, line, sizeof(line));
    return retry_step(&retry, key, now_ms, &t);
}

static void pauses_grow_and_stay(void **state)
{
    static const struct {
        unsigned failures;
        uint64_t ms;
    } cases[] = {{0, 5000}, {1, 10000}, {2, 20000}, {3, 30000}, {4, 30000}, {4000000000u, 30000}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        retry_begin(&retry, cases[i].failures, "the ROM", 7);
        assert_int_equal(step(MENU_KEY_NONE, 7), RETRY_SHOW);
        assert_int_not_equal(step(MENU_KEY_NONE, 6 + cases[i].ms), RETRY_AGAIN);
        assert_int_equal(step(MENU_KEY_NONE, 7 + cases[i].ms), RETRY_AGAIN);
    }
}

static void the_countdown_is_shown_once_a_second(void **state)
{
    (void)state;
    retry_begin(&retry, 0, "the firmware", 1000);
    assert_int_equal(step(MENU_KEY_NONE, 1000), RETRY_SHOW);
    assert_string_equal(line, "Trying again in 5 s. Any key: at once. ESC: back to the firmware.");
    assert_int_equal(step(MENU_KEY_NONE, 1020), RETRY_WAIT);
    assert_int_equal(step(MENU_KEY_NONE, 1999), RETRY_WAIT);
    assert_string_equal(line, "");
    assert_int_equal(step(MENU_KEY_NONE, 2000), RETRY_SHOW);
    assert_string_equal(line, "Trying again in 4 s. Any key: at once. ESC: back to the firmware.");
    assert_int_equal(step(MENU_KEY_NONE, 5999), RETRY_SHOW);
    assert_string_equal(line, "Trying again in 1 s. Any key: at once. ESC: back to the firmware.");
    assert_int_equal(step(MENU_KEY_NONE, 6000), RETRY_AGAIN);
    assert_string_equal(line, "Trying again.");
}

static void keys_cut_it_short(void **state)
{
    (void)state;
    retry_begin(&retry, 3, "the ROM", 0);
    assert_int_equal(step(MENU_KEY_ESCAPE, 10), RETRY_LEAVE);
    assert_string_equal(line, "Leaving to the ROM.");
    retry_begin(&retry, 3, "the ROM", 0);
    assert_int_equal(step(MENU_KEY_CHARACTER, 10), RETRY_AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_grow_and_stay),
        cmocka_unit_test(the_countdown_is_shown_once_a_second),
        cmocka_unit_test(keys_cut_it_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
