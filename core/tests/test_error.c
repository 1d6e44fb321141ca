/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"

#define LINE_MAX_CHARACTERS 75

static const enum pxe_error codes[] = {
    PXE_E11, PXE_E32, PXE_E35, PXE_E36,     PXE_E39,     PXE_E3A,     PXE_E3B,     PXE_E3C,     PXE_E3F,
    PXE_E51, PXE_E52, PXE_E53, PXE_E55,     PXE_E61,     PXE_E74,     PXE_E76,     PXE_E77,     PXE_E78,
    PXE_E79, PXE_E99, PXE_EA0, SLIPWAY_E01, SLIPWAY_E02, SLIPWAY_E03, SLIPWAY_E04, SLIPWAY_E05, SLIPWAY_E06,
    SLIPWAY_E07};

static void the_table_has_every_code_once_in_order(void **state)
{
    (void)state;
    size_t count;
    const struct error_text *table = error_table(&count);

    assert_int_equal(count, sizeof(codes) / sizeof(codes[0]));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(table[i].code, codes[i]);
        assert_ptr_equal(error_text(codes[i]), &table[i]);
    }
}

static void a_name_is_made_of_its_code(void **state)
{
    (void)state;
    size_t count;
    const struct error_text *table = error_table(&count);

    for (size_t i = 0; i < count; i++) {
        char name[16];

        snprintf(name, sizeof(name), table[i].code < 0x100 ? "PXE-E%02X" : "SLW-E%02X", table[i].code & 0xff);
        assert_string_equal(table[i].name, name);
    }
}

static void assert_fits_a_screen(const char *s)
{
    size_t length = strlen(s);

    assert_in_range(length, 5, LINE_MAX_CHARACTERS);
    for (size_t i = 0; i < length; i++)
        assert_in_range(s[i], ' ', '~');
}

static void every_line_fits_a_screen(void **state)
{
    (void)state;
    size_t count;
    const struct error_text *table = error_table(&count);

    for (size_t i = 0; i < count; i++) {
        assert_fits_a_screen(table[i].title);
        assert_fits_a_screen(table[i].cause);
        assert_fits_a_screen(table[i].cure);
    }
}

static void an_unknown_code_is_an_unexpected_error(void **state)
{
    (void)state;
    assert_int_equal(error_text(PXE_OK)->code, PXE_E99);
    assert_int_equal(error_text((enum pxe_error)0x7777)->code, PXE_E99);
}

static void a_new_error_has_nothing_of_the_last_one(void **state)
{
    struct error_detail e = {.code = PXE_E32, .server = {{10, 0, 0, 1}}, .received = "nothing"};
    struct text t;

    (void)state;
    error_begin(&e, SLIPWAY_E02, &t);
    assert_int_equal(e.code, SLIPWAY_E02);
    assert_true(ip4_is_zero(e.server));
    assert_string_equal(e.received, "");
    for (size_t i = 0; i < sizeof(e.received); i++)
        text_char(&t, 'x');
    assert_true(t.cut);
    assert_int_equal(strlen(e.received), sizeof(e.received) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_code_once_in_order),
        cmocka_unit_test(a_name_is_made_of_its_code),
        cmocka_unit_test(every_line_fits_a_screen),
        cmocka_unit_test(an_unknown_code_is_an_unexpected_error),
        cmocka_unit_test(a_new_error_has_nothing_of_the_last_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
