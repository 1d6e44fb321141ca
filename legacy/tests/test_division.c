/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS program's 64-bit division against the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The host's compiler brings functions of the same names. */
#define __udivmoddi4 tested_divide
#define __udivdi3 tested_quotient
#define __umoddi3 tested_rest
#include "legacy/division.c"

static const uint64_t edges[] = {1,
                                 2,
                                 3,
                                 10,
                                 1000,
                                 0xffff,
                                 0x10000,
                                 0x7fffffff,
                                 0x80000000,
                                 0xffffffff,
                                 0x100000000,
                                 0x100000001,
                                 0x123456789abcdef,
                                 0x7fffffffffffffff,
                                 0x8000000000000000,
                                 0x8000000000000001,
                                 0xfffffffffffffffe,
                                 0xffffffffffffffff};

static void assert_divides(uint64_t n, uint64_t d)
{
    uint64_t rest;

    assert_int_equal(tested_divide(n, d, &rest), n / d);
    assert_int_equal(rest, n % d);
    assert_int_equal(tested_quotient(n, d), n / d);
    assert_int_equal(tested_rest(n, d), n % d);
}

static void edges_are_divided_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        assert_divides(0, edges[i]);
        for (size_t j = 0; j < sizeof(edges) / sizeof(edges[0]); j++)
            assert_divides(edges[j], edges[i]);
    }
}

static void many_numbers_are_divided_right(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t n, d;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        n = x;
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        d = x >> (i % 64);
        if (d)
            assert_divides(n, d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_divided_right),
        cmocka_unit_test(many_numbers_are_divided_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
