/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that end a ROM, and what is said of those that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/tests/console_lab.h"
#include "legacy/rom_stop.c"

/* A ROM of which one call fails. */
static struct {
    bool is_1x, udp_closed;
    enum pxe_function fails;
    uint16_t status;
    unsigned calls;
    enum pxe_function called[8];
} rom;

bool pxe_is_1x(void)
{
    return rom.is_1x;
}

void udp_close(void)
{
    assert_int_equal(rom.calls, 0);
    rom.udp_closed = true;
}

uint16_t pxe_call(enum pxe_function function, void *parameters)
{
    static const uint8_t zeros[PARAMETERS_MAX];

    assert_memory_equal(parameters, zeros, sizeof(zeros));
    memset(parameters, 0xee, sizeof(zeros)); /* whatever a ROM leaves there */
    rom.called[rom.calls++] = function;
    return function == rom.fails ? rom.status : 0;
}

const struct console console = LAB_CONSOLE;

static void stop(bool is_1x, enum pxe_function fails, uint16_t status)
{
    memset(&rom, 0, sizeof(rom));
    memset(&lab, 0, sizeof(lab));
    rom.is_1x = is_1x;
    rom.fails = fails;
    rom.status = status;
    rom_stop();
    assert_true(rom.udp_closed);
    assert_int_equal(rom.calls, 3);
    assert_int_equal(rom.called[0], PXE_UNDI_SHUTDOWN);
    assert_int_equal(rom.called[1], PXE_UNLOAD_STACK);
}

static void each_rom_has_its_last_call(void **state)
{
    (void)state;
    stop(false, 0, 0);
    assert_int_equal(rom.called[2], PXE_UNDI_STOP);
    assert_string_equal(lab.shown, "");
    stop(true, 0, 0);
    assert_int_equal(rom.called[2], PXE_UNDI_CLEANUP);
    assert_string_equal(lab.shown, "");
}

static void a_call_that_fails_is_told_and_the_rest_follows(void **state)
{
    (void)state;
    stop(false, PXE_UNDI_SHUTDOWN, 0x6a);
    assert_string_equal(lab.shown, "The ROM's UNDI_SHUTDOWN: PXENV_STATUS_UNDI_INVALID_STATE (6a)\n");
    stop(false, PXE_UNLOAD_STACK, 0x05);
    assert_string_equal(lab.shown, "The ROM's UNLOAD_STACK: PXENV_STATUS_KEEP_ALL (05)\n");
    stop(false, PXE_UNDI_STOP, 0x04);
    assert_string_equal(lab.shown, "The ROM's STOP_UNDI: PXENV_STATUS_KEEP_UNDI (04)\n");
    stop(true, PXE_UNDI_CLEANUP, 0x01);
    assert_string_equal(lab.shown, "The ROM's UNDI_CLEANUP: PXENV_STATUS_FAILURE (01)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rom_has_its_last_call),
        cmocka_unit_test(a_call_that_fails_is_told_and_the_rest_follows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
