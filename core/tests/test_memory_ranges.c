/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/memory_ranges.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define RESERVED 2

/* A PC with 6 GiB, its map out of order and with an overlap, as some BIOSes have it. */
static const struct memory_range pc[] = {
    {1 * MIB, 3071 * MIB, MEMORY_USABLE}, {0, 639 * KIB, MEMORY_USABLE},    {639 * KIB, 1 * KIB, RESERVED},
    {4 * GIB, 3 * GIB, MEMORY_USABLE},    {3070 * MIB, 16 * MIB, RESERVED}, {100 * MIB, 0, RESERVED},
};

static struct memory_ranges of_pc(void)
{
    return (struct memory_ranges){.map = pc, .count = sizeof(pc) / sizeof(pc[0])};
}

static void the_highest_place_is_taken(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc();

    assert_int_equal(memory_ranges_take(&m, 8 * MIB, MIB, UINT32_MAX), 3062 * MIB);
    assert_int_equal(memory_ranges_take(&m, 1, MIB, UINT32_MAX), 3062 * MIB - MEMORY_PAGE);
    assert_int_equal(memory_ranges_take(&m, MEMORY_PAGE + 1, MIB, UINT32_MAX), 3062 * MIB - 3 * MEMORY_PAGE);
    assert_int_equal(memory_ranges_take(&m, 1 * GIB, MIB, UINT64_MAX), 6 * GIB);
    assert_false(memory_ranges_free(&m, 3062 * MIB, 1));
    m.taken_count = 0;
    assert_true(memory_ranges_free(&m, 3062 * MIB, 1));
}

static void limits_are_kept_to_the_byte(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc();

    assert_int_equal(memory_ranges_take(&m, 2 * MIB, MIB, 3 * MIB - 1), 1 * MIB);
    assert_int_equal(memory_ranges_take(&m, 1, MIB, 3 * MIB - 1), 0);
    m.taken_count = 0;
    assert_int_equal(memory_ranges_take(&m, 2 * MIB, MIB, 3 * MIB - 2), 0);
    assert_int_equal(memory_ranges_take(&m, 2 * MIB + 1, MIB, 3 * MIB - 1), 0);
    assert_int_equal(memory_ranges_take(&m, MIB, 2 * MIB, 3 * MIB - 1), 2 * MIB);
}

static void pieces_never_overlap(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc();

    for (unsigned i = 0; i < MEMORY_TAKEN_MAX; i++)
        assert_int_not_equal(memory_ranges_take(&m, (i + 1) * 12345, MIB, UINT32_MAX), 0);
    for (unsigned i = 0; i < MEMORY_TAKEN_MAX; i++)
        for (unsigned j = 0; j < i; j++)
            assert_true(m.taken[i].start >= m.taken[j].start + m.taken[j].size ||
                        m.taken[j].start >= m.taken[i].start + m.taken[i].size);
    assert_int_equal(memory_ranges_take(&m, 1, MIB, UINT32_MAX), 0);
}

static void there_may_be_no_room(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc(), empty = {0};

    assert_int_equal(memory_ranges_take(&m, 3072 * MIB, MIB, UINT32_MAX), 0);
    assert_int_equal(memory_ranges_take(&m, UINT64_MAX, 0, UINT64_MAX), 0);
    assert_int_equal(memory_ranges_take(&m, 0, 0, UINT64_MAX), 0);
    assert_int_equal(memory_ranges_take(&empty, 1, 0, UINT64_MAX), 0);
    assert_false(memory_ranges_free(&empty, 0, 1));
}

static void free_means_all_of_it(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc();

    assert_true(memory_ranges_free(&m, 16 * MIB, 64 * MIB));
    assert_false(memory_ranges_free(&m, 3000 * MIB, 100 * MIB));
    assert_false(memory_ranges_free(&m, 512 * KIB, 1 * MIB));
    assert_false(memory_ranges_free(&m, 16 * MIB, 0));
    assert_false(memory_ranges_free(&m, 16 * MIB, UINT64_MAX));
    assert_true(memory_ranges_free(&m, 99 * MIB, 2 * MIB));
}

static void a_map_may_go_up_to_the_last_address(void **state)
{
    (void)state;
    static const struct memory_range all[] = {{MIB, UINT64_MAX, MEMORY_USABLE}, {0, 2 * MIB, RESERVED}};
    struct memory_ranges m = {.map = all, .count = 2};

    assert_int_equal(memory_ranges_take(&m, MEMORY_PAGE, 0, UINT64_MAX), UINT64_MAX - MEMORY_PAGE + 1);
    assert_int_equal(memory_ranges_take(&m, MIB, 0, 3 * MIB - 1), 2 * MIB);
    assert_int_equal(memory_ranges_take(&m, 1, 0, 3 * MIB - 1), 0);
}

static void a_range_may_have_room_but_no_whole_page(void **state)
{
    (void)state;
    static const struct memory_range odd[] = {{MIB + 100, MEMORY_PAGE + 50, MEMORY_USABLE}};
    struct memory_ranges m = {.map = odd, .count = 1};

    assert_int_equal(memory_ranges_take(&m, MEMORY_PAGE, 0, UINT64_MAX), 0);
    assert_int_equal(memory_ranges_take(&m, 1, 0, UINT64_MAX), MIB + MEMORY_PAGE);
}

static void what_is_not_needed_is_given_back(void **state)
{
    (void)state;
    struct memory_ranges m = of_pc();
    uint64_t first = memory_ranges_take(&m, 8 * MIB, MIB, UINT32_MAX);
    uint64_t second = memory_ranges_take(&m, 4 * MIB, MIB, UINT32_MAX);

    memory_ranges_shrink(&m, first + 1, 0);
    assert_int_equal(m.taken_count, 2);
    memory_ranges_shrink(&m, first, 9 * MIB);
    assert_false(memory_ranges_free(&m, first + 8 * MIB - 1, 1));
    memory_ranges_shrink(&m, first, 1 * MIB);
    assert_false(memory_ranges_free(&m, first + 1 * MIB - 1, 1));
    assert_true(memory_ranges_free(&m, first + 1 * MIB, 7 * MIB));
    memory_ranges_shrink(&m, first, 0);
    assert_int_equal(m.taken_count, 1);
    assert_true(memory_ranges_free(&m, first, 8 * MIB));
    assert_false(memory_ranges_free(&m, second, 1));
    assert_int_equal(memory_ranges_take(&m, 8 * MIB, MIB, UINT32_MAX), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_place_is_taken),
        cmocka_unit_test(limits_are_kept_to_the_byte),
        cmocka_unit_test(pieces_never_overlap),
        cmocka_unit_test(there_may_be_no_room),
        cmocka_unit_test(free_means_all_of_it),
        cmocka_unit_test(a_map_may_go_up_to_the_last_address),
        cmocka_unit_test(a_range_may_have_room_but_no_whole_page),
        cmocka_unit_test(what_is_not_needed_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
