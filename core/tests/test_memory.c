/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions that stand in for libc, under other names and against libc's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define memcpy core_memcpy
#define memmove core_memmove
#define memset core_memset
#define memcmp core_memcmp
#include "core/memory.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#define SIZE 64

static void fill(uint8_t *a, uint8_t *b)
{
    for (size_t i = 0; i < SIZE; i++)
        a[i] = b[i] = (uint8_t)(i * 37 + 1);
}

static void memmove_equals_libc_at_every_distance(void **state)
{
    (void)state;
    uint8_t ours[SIZE], theirs[SIZE];

    for (size_t to = 0; to < 24; to++)
        for (size_t from = 0; from < 24; from++)
            for (size_t n = 0; n <= 40; n++) {
                fill(ours, theirs);
                assert_ptr_equal(core_memmove(ours + to, ours + from, n), ours + to);
                memmove(theirs + to, theirs + from, n);
                assert_memory_equal(ours, theirs, SIZE);
            }
}

static void memcpy_and_memset_equal_libc_at_every_size(void **state)
{
    (void)state;
    uint8_t ours[SIZE], theirs[SIZE], source[SIZE], unused[SIZE];

    for (size_t at = 0; at < 16; at++)
        for (size_t n = 0; n <= SIZE - 16; n++) {
            fill(source, unused);
            memset(ours, 0, SIZE);
            memset(theirs, 0, SIZE);
            assert_ptr_equal(core_memcpy(ours + at, source + 3, n), ours + at);
            memcpy(theirs + at, source + 3, n);
            assert_memory_equal(ours, theirs, SIZE);
            assert_ptr_equal(core_memset(ours + at, 0x1a5, n), ours + at);
            memset(theirs + at, 0x1a5, n);
            assert_memory_equal(ours, theirs, SIZE);
        }
}

static void memcmp_orders_by_the_first_difference(void **state)
{
    (void)state;
    assert_int_equal(core_memcmp("abc", "abd", 2), 0);
    assert_true(core_memcmp("abc", "abd", 3) < 0);
    assert_true(core_memcmp("\xff", "\x01", 1) > 0);
    assert_int_equal(core_memcmp("a", "b", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memmove_equals_libc_at_every_distance),
        cmocka_unit_test(memcpy_and_memset_equal_libc_at_every_size),
        cmocka_unit_test(memcmp_orders_by_the_first_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
