/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/linux_place.h"

#define MIB 0x100000ull
#define RESERVED 2

static const struct linux_image today = {.init_size = 48 * MIB,
                                         .pref_address = 16 * MIB,
                                         .alignment = 2 * MIB,
                                         .relocatable = true,
                                         .initrd_addr_max = 0x7fffffff};

static struct memory_range map[2];
static struct memory_ranges ranges;
static struct error_detail error;

/* A machine with so much memory, and something that is not there to be used at 16 MiB. */
static struct memory_ranges *machine(uint64_t size, bool has_hole)
{
    map[0] = (struct memory_range){.start = MIB, .size = size - MIB, .type = MEMORY_USABLE};
    map[1] = (struct memory_range){.start = 16 * MIB, .size = MIB, .type = RESERVED};
    ranges = (struct memory_ranges){.map = map, .count = has_hole ? 2 : 1};
    error = (struct error_detail){0};
    return &ranges;
}

static void where_it_would_like_to_be(void **state)
{
    (void)state;
    assert_int_equal(linux_place_kernel(&today, machine(128 * MIB, false), &error), 16 * MIB);
}

static void elsewhere(void **state)
{
    struct linux_image odd = today;

    (void)state;
    assert_int_equal(linux_place_kernel(&today, machine(128 * MIB, true), &error), 80 * MIB - 2 * MIB);
    /* Aligned upwards, within what was taken. */
    odd.init_size -= 0x5000;
    assert_int_equal(linux_place_kernel(&odd, machine(128 * MIB, true), &error), 80 * MIB);
    odd.pref_address = UINT64_MAX - 1;
    assert_int_equal(linux_place_kernel(&odd, machine(128 * MIB, false), &error), 0);
    odd.pref_address = 0;
    assert_true(linux_place_kernel(&odd, machine(128 * MIB, false), &error) >= MIB);
}

static void no_room_for_the_kernel(void **state)
{
    struct linux_image fixed = today;

    (void)state;
    assert_int_equal(linux_place_kernel(&today, machine(60 * MIB, false), &error), 0);
    assert_int_equal(error.code, SLIPWAY_E04);
    assert_string_equal(error.received,
                        "the kernel unpacks itself: no 50331648 bytes free in one piece from 01000000 to "
                        "fffff000");
    fixed.relocatable = false;
    assert_int_equal(linux_place_kernel(&fixed, machine(128 * MIB, true), &error), 0);
    assert_string_equal(error.received,
                        "the kernel unpacks itself: no 50331648 bytes free in one piece from 01000000 to "
                        "04000000");
}

static void initrds(void **state)
{
    struct linux_image low = today;

    (void)state;
    assert_int_equal(linux_place_initrd(&today, machine(128 * MIB, false), 28 * MIB, &error), 100 * MIB);
    low.initrd_addr_max = 56 * MIB - 1;
    assert_int_equal(linux_place_initrd(&low, machine(128 * MIB, false), 28 * MIB, &error), 28 * MIB);
    assert_int_equal(linux_place_initrd(&low, machine(128 * MIB, false), 56 * MIB, &error), 0);
    assert_int_equal(error.code, SLIPWAY_E04);
    assert_string_equal(error.received, "the initrds: no 58720256 bytes free in one piece from 00100000 to 037fffff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_would_like_to_be),
        cmocka_unit_test(elsewhere),
        cmocka_unit_test(no_room_for_the_kernel),
        cmocka_unit_test(initrds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
