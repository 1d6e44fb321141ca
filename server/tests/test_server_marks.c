/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of chunks that a sweep keeps: complete, and no larger than the chunks that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "server/marks.h"

#define ITEM 40u
#define ENTRIES 100000u

static void set_id(uint8_t id[CHUNK_ID], uint32_t n)
{
    memset(id, 0, CHUNK_ID);
    memcpy(id + 3, &n, sizeof(n));
}

/* An index whose entry `i` is the chunk first + i % distinct; the caller frees .items. */
static struct index make_index(uint32_t first, uint32_t distinct)
{
    uint8_t *items = calloc(ENTRIES, ITEM);

    assert_non_null(items);
    for (uint32_t i = 0; i < ENTRIES; i++)
        set_id(items + (size_t)i * ITEM + 8, first + i % distinct);
    return (struct index){.items = items, .count = ENTRIES, .blob_size = (uint64_t)ENTRIES * CHUNK_SIZE};
}

static void add(struct marks *m, uint32_t first, uint32_t distinct)
{
    struct index x = make_index(first, distinct);

    assert_int_equal(marks_add(m, &x), 0);
    free((void *)x.items);
}

static bool has(const struct marks *m, uint32_t n)
{
    uint8_t id[CHUNK_ID];

    set_id(id, n);
    return marks_has(m, id);
}

static void test_empty(void **state)
{
    struct marks m = {0};

    (void)state;
    marks_sort(&m);
    assert_false(has(&m, 0));
    marks_release(&m);
}

static void test_free_space_takes_no_memory(void **state)
{
    struct marks m = {0};

    (void)state;
    for (int image = 0; image < 20; image++)
        add(&m, 7, 1);
    assert_int_equal(m.count, 20);
    for (int image = 0; image < 20; image++)
        add(&m, 7, 3);
    assert_true(m.room <= 4096);
    marks_sort(&m);
    assert_int_equal(m.count, 3);
    assert_true(has(&m, 7) && has(&m, 9));
    assert_false(has(&m, 6) || has(&m, 10));
    marks_release(&m);
}

static void test_nothing_is_forgotten(void **state)
{
    struct marks m = {0};

    (void)state;
    for (uint32_t image = 0; image < 6; image++)
        add(&m, image % 3 * (ENTRIES / 2), ENTRIES);
    assert_true(m.room <= 4 * 2 * ENTRIES);
    marks_sort(&m);
    assert_int_equal(m.count, 2 * ENTRIES);
    for (uint32_t n = 0; n < 2 * ENTRIES; n++)
        assert_true(has(&m, n));
    assert_false(has(&m, 2 * ENTRIES));
    marks_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_free_space_takes_no_memory),
        cmocka_unit_test(test_nothing_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
