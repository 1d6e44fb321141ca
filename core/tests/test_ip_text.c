/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/ip_text.h"

static void four_numbers_with_dots(void **state)
{
    static const char *const bad[] = {"",       "1.2.3",  "1.2.3.4.5",  "1.2.3.4 ", "1.2.3.256", "01.2.3.4",
                                      "1..3.4", "1.2.3.", "1.2.3.4444", "a.b.c.d",  "1.2.3,4"};
    struct ip4 a = {{9, 9, 9, 9}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(ip4_text_parse(bad[i], strlen(bad[i]), &a));
        assert_int_equal(a.b[0], 9);
    }
    assert_true(ip4_text_parse("192.0.2.255x", 11, &a));
    assert_memory_equal(a.b, "\xc0\x00\x02\xff", 4);
    assert_true(ip4_text_parse("0.0.0.0", 7, &a));
}

static void six(const char *text, const char *expected)
{
    uint8_t a[16];

    assert_true(ip6_text_parse(text, strlen(text), a));
    assert_memory_equal(a, expected, 16);
}

static void groups_with_colons(void **state)
{
    static const char *const bad[] = {"",
                                      ":",
                                      ":::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1::2::3",
                                      "12345::",
                                      "g::",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      ":1:2:3:4:5:6:7",
                                      "1:",
                                      "fe80::1%eth0",
                                      "::ffff:1.2.3.4",
                                      "1:2:3:4:5:6:7:",
                                      "1 ::"};
    uint8_t a[16] = {7};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(ip6_text_parse(bad[i], strlen(bad[i]), a));
        assert_int_equal(a[0], 7);
    }
    six("::", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    six("::1", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
    six("2001:DB8::5", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\5");
    six("1:2:3:4:5:6:7:8", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\x08");
    six("1:2:3:4:5:6:7::", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0");
    six("fe80::", "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
}

static unsigned cidr(const char *s)
{
    return ip_text_cidr(s, strlen(s));
}

static void networks(void **state)
{
    (void)state;
    assert_int_equal(ip_text_family("10.0.0.1", 8), 4);
    assert_int_equal(ip_text_family("::1", 3), 6);
    assert_int_equal(ip_text_family("x", 1), 0);
    assert_int_equal(cidr("192.0.2.5/24"), 4);
    assert_int_equal(cidr("192.0.2.5/32"), 4);
    assert_int_equal(cidr("192.0.2.5/33"), 0);
    assert_int_equal(cidr("192.0.2.5/0"), 0);
    assert_int_equal(cidr("192.0.2.5/"), 0);
    assert_int_equal(cidr("192.0.2.5"), 0);
    assert_int_equal(cidr("192.0.2.5/24/"), 0);
    assert_int_equal(cidr("192.0.2.5/024"), 0);
    assert_int_equal(cidr("2001:db8::5/64"), 6);
    assert_int_equal(cidr("2001:db8::5/128"), 6);
    assert_int_equal(cidr("2001:db8::5/129"), 0);
    assert_int_equal(cidr("x/24"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_numbers_with_dots),
        cmocka_unit_test(groups_with_colons),
        cmocka_unit_test(networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
