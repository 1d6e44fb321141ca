/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/command_line.h"

static const struct net_config net = {.address = {{10, 0, 0, 2}},
                                      .netmask = {{255, 255, 255, 0}},
                                      .gateway = {{10, 0, 0, 1}},
                                      .boot_server = {{10, 0, 0, 9}}};
static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static char line[COMMAND_LINE_SIZE];
static struct error_detail error;

static bool write_line(const char *options, size_t max)
{
    return command_line_write(options, &net, mac, max, line, &error);
}

static void the_network_follows_the_options(void **state)
{
    char network[COMMAND_LINE_SIZE];
    struct text t;

    (void)state;
    text_init(&t, network, sizeof(network));
    net_config_format(&t, &net, mac, "quiet");
    assert_true(write_line("quiet", COMMAND_LINE_SIZE - 1));
    assert_memory_equal(line, "quiet", 5);
    assert_string_equal(line + 5, network);
    assert_non_null(strstr(line, " BOOTIF=01-52-54-00-12-34-56"));
    assert_non_null(strstr(line, " slipway.server=10.0.0.9"));
}

static void as_long_as_the_kernel_takes(void **state)
{
    size_t length;

    (void)state;
    assert_true(write_line("quiet", COMMAND_LINE_SIZE - 1));
    length = strlen(line);
    assert_true(write_line("quiet", length));
    assert_false(write_line("quiet", length - 1));
    assert_int_equal(error.code, SLIPWAY_E01);
    assert_non_null(strstr(error.received, "options are too long: the kernel takes "));
}

static void never_longer_than_there_is_room(void **state)
{
    char options[COMMAND_LINE_SIZE];

    (void)state;
    memset(options, 'x', sizeof(options));
    options[sizeof(options) - 1] = 0;
    assert_false(write_line(options, SIZE_MAX));
    assert_string_equal(error.received, "options are too long: the kernel takes 2047 characters in all");
    options[1500] = 0;
    assert_true(write_line(options, SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_network_follows_the_options),
        cmocka_unit_test(as_long_as_the_kernel_takes),
        cmocka_unit_test(never_longer_than_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
