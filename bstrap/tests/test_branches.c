/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bstrap/branches.c"

#define SIZE 4096

static uint8_t program[SIZE], original[SIZE];

static void assert_round_trip(size_t size)
{
    memcpy(original, program, size);
    branches_resolve(program, size);
    branches_restore(program, size);
    assert_memory_equal(program, original, size);
}

static void calls_of_one_function_become_alike(void **state)
{
    static const uint8_t two_calls[] = {0xe8, 0x15, 0, 0,    0,    0x90, 0x90, 0xe8, 0x0e,
                                        0,    0,    0, 0xe9, 0xf9, 0xff, 0xff, 0xff};

    (void)state;
    memcpy(program, two_calls, sizeof(two_calls));
    memset(program + sizeof(two_calls), 0x90, 64);
    branches_resolve(program, 64);
    assert_memory_equal(program, ((uint8_t[]){0xe8, 0x15, 0, 0, 0}), 5);
    assert_memory_equal(program + 7, ((uint8_t[]){0xe8, 0x15, 0, 0, 0, 0xe9, 5, 0, 0, 0}), 10);
    branches_restore(program, 64);
    assert_memory_equal(program, two_calls, sizeof(two_calls));
}

/* Every operand around the edges of what is changed, at the beginning, in the middle and at the end. */
static void every_operand_comes_back(void **state)
{
    static const int32_t around[] = {0, -64, 64, -128, 128, INT32_MAX, INT32_MIN};

    (void)state;
    for (int32_t at = 0; at <= 64 - 5; at++)
        for (size_t n = 0; n < sizeof(around) / sizeof(around[0]); n++)
            for (int64_t v = (int64_t)around[n] - 130; v <= (int64_t)around[n] + 130; v++) {
                int32_t value = (int32_t)v;

                memset(program, 0x90, 64);
                program[at] = 0xe8;
                memcpy(program + at + 1, &value, sizeof(value));
                assert_round_trip(64);
            }
}

static void any_bytes_come_back(void **state)
{
    (void)state;
    srand(1);
    for (unsigned n = 0; n < 2000; n++) {
        size_t size = (size_t)rand() % SIZE;

        for (size_t i = 0; i < size; i++)
            program[i] = (uint8_t)(rand() % 3 ? rand() >> 8 : rand() % 2 ? 0xe8 : rand() % 2 ? 0 : 0xff);
        assert_round_trip(size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_one_function_become_alike),
        cmocka_unit_test(every_operand_comes_back),
        cmocka_unit_test(any_bytes_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
