/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory maps of BIOSes of every kind, by INT 15h, E820h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "legacy/memory_map.c"

/* What the BIOS answers: `count` entries of 1 MiB each, but for what is said of one. */
static struct {
    unsigned count, calls;
    unsigned empty;         /* the entry of size 0 */
    unsigned unsigned_from; /* from here on without SMAP */
    unsigned carry_from;    /* from here on it fails */
    uint32_t size;          /* bytes of an entry that it says it has written */
    void *entry;
} bios;

struct real_pointer real_pointer(const void *p)
{
    bios.entry = (void *)(uintptr_t)p;
    return (struct real_pointer){.offset = 3, .segment = 4};
}

void real_interrupt(uint8_t number, struct real_registers *r)
{
    unsigned n = r->ebx;
    struct memory_range range = {.start = (uint64_t)n << 20, .size = n + 1 == bios.empty ? 0 : 1 << 20, .type = 1};

    assert_int_equal(number, SYSTEM);
    assert_int_equal(r->eax, GET_MAP);
    assert_int_equal(r->ecx, ENTRY_SIZE);
    assert_int_equal(r->edx, SMAP);
    assert_int_equal(r->es, 4);
    assert_int_equal(r->edi, 3);
    bios.calls++;
    if (n >= bios.carry_from) {
        r->flags = REAL_CARRY;
        return;
    }
    memcpy(bios.entry, &range, sizeof(range));
    r->eax = n >= bios.unsigned_from ? 0 : SMAP;
    r->ecx = bios.size;
    r->ebx = n + 1 == bios.count ? 0 : n + 1;
}

/* Entries of the map of a BIOS that has so many. */
static unsigned entries(unsigned count)
{
    bios.count = count;
    bios.calls = 0;
    ranges.count = 0;
    return memory_map()->count;
}

static int switched_on(void **state)
{
    (void)state;
    memset(&bios, 0, sizeof(bios));
    bios.unsigned_from = bios.carry_from = UINT32_MAX;
    bios.size = ENTRY_SIZE;
    return 0;
}

static void all_entries_are_read_once(void **state)
{
    (void)state;
    assert_int_equal(entries(5), 5);
    assert_int_equal(map[4].start, 4 << 20);
    assert_int_equal(map[4].size, 1 << 20);
    assert_int_equal(memory_map()->count, 5);
    assert_int_equal(bios.calls, 5);
    bios.size = 24; /* ACPI 3 */
    assert_int_equal(entries(2), 2);
}

static void entries_of_nothing_are_left_out(void **state)
{
    (void)state;
    bios.empty = 2;
    assert_int_equal(entries(3), 2);
    assert_int_equal(map[1].start, 2 << 20);
    bios.size = 16; /* it has not written all of an entry */
    assert_int_equal(entries(3), 0);
}

static void a_bios_may_end_its_map_by_failing(void **state)
{
    (void)state;
    bios.carry_from = 3;
    assert_int_equal(entries(9), 3);
    bios.carry_from = UINT32_MAX;
    bios.unsigned_from = 2;
    assert_int_equal(entries(9), 2);
    bios.carry_from = 0; /* it has no such call */
    assert_int_equal(entries(9), 0);
}

static void a_map_without_end_is_cut(void **state)
{
    (void)state;
    assert_int_equal(entries(1000000), RANGES_MAX);
    assert_int_equal(bios.calls, RANGES_MAX);
    bios.size = 0;
    assert_int_equal(entries(1000000), 0);
    assert_int_equal(bios.calls, RANGES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_entries_are_read_once, switched_on),
        cmocka_unit_test_setup(entries_of_nothing_are_left_out, switched_on),
        cmocka_unit_test_setup(a_bios_may_end_its_map_by_failing, switched_on),
        cmocka_unit_test_setup(a_map_without_end_is_cut, switched_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
