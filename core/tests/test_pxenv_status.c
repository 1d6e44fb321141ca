/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/pxenv_status.h"

static char line[80];

static const char *text(uint16_t status)
{
    struct text t;

    text_init(&t, line, sizeof(line));
    pxenv_status_text(&t, status);
    assert_false(t.cut);
    return line;
}

static void names_and_numbers(void **state)
{
    (void)state;
    assert_string_equal(text(PXENV_STATUS_FAILURE), "PXENV_STATUS_FAILURE (01)");
    assert_string_equal(text(0x06), "PXENV_STATUS_OUT_OF_RESOURCES (06)");
    assert_string_equal(text(0x11), "PXENV_STATUS_ARP_TIMEOUT (11)");
    assert_string_equal(text(0x39), "PXENV_STATUS_TFTP_CANNOT_READ_FROM_CONNECTION (39)");
    assert_string_equal(text(0x61), "PXENV_STATUS_UNDI_MEDIATEST_FAILED (61)");
    assert_string_equal(text(0xcb), "PXENV_STATUS_LOADER_BC_START (cb)");
}

static void statuses_without_a_name(void **state)
{
    (void)state;
    assert_string_equal(text(0xd4), "PXENV_STATUS_? (d4)");
    assert_string_equal(text(0), "PXENV_STATUS_? (00)");
    assert_string_equal(text(0x0111), "PXENV_STATUS_? (0111)");
}

/* The number of each in the specification's groups: general, ARP, base code, BIOS, TFTP, DHCP, UNDI, bootstrap,
 * environment, BUSD, loader. A name twice would be one that was mistyped. */
static void every_status_has_one_name(void **state)
{
    static const struct {
        uint16_t from, to;
        unsigned count;
    } groups[] = {{0x00, 0x0f, 6},  {0x10, 0x17, 1},  {0x18, 0x1f, 4}, {0x20, 0x2f, 9}, {0x30, 0x3f, 13},
                  {0x50, 0x5f, 4},  {0x60, 0x6f, 13}, {0x70, 0x7f, 5}, {0xa0, 0xaf, 4}, {0xb0, 0xbf, 1},
                  {0xc0, 0xcf, 11}, {0x40, 0x4f, 0},  {0x80, 0x9f, 0}, {0xd0, 0xff, 0}};
    char seen[256][80];
    unsigned names = 0;

    (void)state;
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        unsigned count = 0;

        for (uint16_t status = groups[g].from; status <= groups[g].to; status++) {
            if (strstr(text(status), "_? ("))
                continue;
            count++;
            *strchr(line, ' ') = '\0';
            for (unsigned i = 0; i < names; i++)
                assert_string_not_equal(seen[i], line);
            strcpy(seen[names++], line);
        }
        assert_int_equal(count, groups[g].count);
    }
}

static void a_status_is_told_as_an_error(void **state)
{
    static const struct {
        uint16_t status;
        enum pxe_error code;
    } known[] = {
        {0x06, SLIPWAY_E04}, {0x11, PXE_E11}, {0x30, PXE_E11}, {0x32, PXE_E32}, {0x35, PXE_E35}, {0x36, PXE_E36},
        {0x38, PXE_E32},     {0x39, PXE_E35}, {0x3b, PXE_E3B}, {0x3c, PXE_E3C}, {0x01, PXE_E99}, {0xd4, PXE_E99},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_int_equal(pxenv_status_error(known[i].status), known[i].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(statuses_without_a_name),
        cmocka_unit_test(every_status_has_one_name),
        cmocka_unit_test(a_status_is_told_as_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
