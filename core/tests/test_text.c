/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

#define ASSERT_UNTRUSTED(bytes, want)                                                                                  \
    do {                                                                                                               \
        char buf_[64];                                                                                                 \
        struct text t_;                                                                                                \
        text_init(&t_, buf_, sizeof(buf_));                                                                            \
        text_untrusted(&t_, bytes, sizeof(bytes) - 1);                                                                 \
        assert_string_equal(buf_, want);                                                                               \
    } while (0)

static void base_helpers_compare_addresses_and_bytes(void **state)
{
    (void)state;
    struct ip4 a = {{10, 0, 0, 1}}, b = {{10, 0, 0, 2}}, zero = {{0}};

    assert_true(ip4_is_zero(zero));
    for (int i = 0; i < 4; i++) {
        struct ip4 one = {{0}};

        one.b[i] = 1;
        assert_false(ip4_is_zero(one));
    }
    assert_true(ip4_equal(a, a));
    assert_false(ip4_equal(a, b));
    assert_true(bytes_equal("ab", "ac", 1));
    assert_false(bytes_equal("ab", "ac", 2));
    assert_int_equal(text_length("abc", 10), 3);
    assert_int_equal(text_length("abc", 2), 2);
    assert_int_equal(text_length("", 2), 0);
}

static void an_overlong_text_is_cut_and_terminated(void **state)
{
    (void)state;
    char buf[5];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    text_string(&t, "1234");
    assert_string_equal(buf, "1234");
    assert_false(t.cut);
    text_char(&t, '5');
    assert_true(t.cut);
    assert_string_equal(buf, "1234");
    assert_int_equal(t.length, 4);
}

static void nothing_follows_a_cut(void **state)
{
    (void)state;
    char buf[5];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    text_string(&t, "12");
    text_hex(&t, 0xabcd, 4);
    text_char(&t, 'x');
    text_string(&t, "y");
    text_untrusted(&t, "z", 1);
    assert_true(t.cut);
    assert_string_equal(buf, "12");
}

static void a_buffer_of_one_byte_holds_nothing(void **state)
{
    (void)state;
    char buf[1] = {'x'};
    struct text t;

    text_init(&t, buf, sizeof(buf));
    assert_string_equal(buf, "");
    text_char(&t, 'a');
    assert_true(t.cut);
    assert_string_equal(buf, "");
}

static void controls_become_question_marks(void **state)
{
    (void)state;
    ASSERT_UNTRUSTED("a\x1b[2Jb\r\n\x7f", "a?[2Jb???");
    ASSERT_UNTRUSTED("\xc2\x9b" "1m", "?1m"); /* CSI as a C1 control */
    ASSERT_UNTRUSTED("\xc2\xa0|\xc3\xa9", "\xc2\xa0|\xc3\xa9");
}

static void untrusted_stops_at_nul(void **state)
{
    (void)state;
    ASSERT_UNTRUSTED("ab\0cd", "ab");
    ASSERT_UNTRUSTED("", "");
}

static void malformed_utf8_becomes_question_marks(void **state)
{
    (void)state;
    ASSERT_UNTRUSTED("\x80", "?");
    ASSERT_UNTRUSTED("\xc0\xaf", "??");             /* overlong '/' */
    ASSERT_UNTRUSTED("\xc1\xbf", "??");
    ASSERT_UNTRUSTED("\xe0\x9f\xbf", "???");        /* overlong */
    ASSERT_UNTRUSTED("\xed\xa0\x80", "???");        /* surrogate */
    ASSERT_UNTRUSTED("\xf0\x8f\xbf\xbf", "????");   /* overlong */
    ASSERT_UNTRUSTED("\xf4\x90\x80\x80", "????");   /* above U+10FFFF */
    ASSERT_UNTRUSTED("\xf5\x80\x80\x80", "????");
    ASSERT_UNTRUSTED("\xe2\x82", "??");             /* torn at the end */
    ASSERT_UNTRUSTED("\xe2\x82)", "?" "?)");
    ASSERT_UNTRUSTED("\xc3(", "?(");
}

static void well_formed_utf8_is_kept(void **state)
{
    (void)state;
    ASSERT_UNTRUSTED("\xe0\xa0\x80 \xe2\x82\xac \xed\x9f\xbf \xef\xbf\xbd", "\xe0\xa0\x80 \xe2\x82\xac \xed\x9f\xbf \xef\xbf\xbd");
    ASSERT_UNTRUSTED("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

static void a_sequence_is_never_torn_by_the_end_of_the_buffer(void **state)
{
    (void)state;
    char buf[6];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    text_untrusted(&t, "abc\xe2\x82\xac", 6);
    assert_true(t.cut);
    assert_string_equal(buf, "abc");
}

static void numbers(void **state)
{
    (void)state;
    char buf[128];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    text_unsigned(&t, 0);
    text_char(&t, ' ');
    text_unsigned(&t, 9);
    text_char(&t, ' ');
    text_unsigned(&t, 10);
    text_char(&t, ' ');
    text_unsigned(&t, 1002003004005);
    text_char(&t, ' ');
    text_unsigned(&t, UINT64_MAX);
    assert_string_equal(buf, "0 9 10 1002003004005 18446744073709551615");

    text_init(&t, buf, sizeof(buf));
    text_hex(&t, 0xa, 1);
    text_char(&t, ' ');
    text_hex(&t, 0xa, 4);
    text_char(&t, ' ');
    text_hex(&t, 0x0123456789abcdef, 16);
    assert_string_equal(buf, "a 000a 0123456789abcdef");
}

static void addresses(void **state)
{
    (void)state;
    char buf[64];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    text_ip4(&t, (struct ip4){{10, 0, 255, 1}});
    text_char(&t, ' ');
    text_mac(&t, (const uint8_t[6]){0x52, 0x54, 0, 0x0a, 0xbc, 0xff}, '-');
    assert_string_equal(buf, "10.0.255.1 52-54-00-0a-bc-ff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_helpers_compare_addresses_and_bytes),
        cmocka_unit_test(an_overlong_text_is_cut_and_terminated),
        cmocka_unit_test(nothing_follows_a_cut),
        cmocka_unit_test(a_buffer_of_one_byte_holds_nothing),
        cmocka_unit_test(controls_become_question_marks),
        cmocka_unit_test(untrusted_stops_at_nul),
        cmocka_unit_test(malformed_utf8_becomes_question_marks),
        cmocka_unit_test(well_formed_utf8_is_kept),
        cmocka_unit_test(a_sequence_is_never_torn_by_the_end_of_the_buffer),
        cmocka_unit_test(numbers),
        cmocka_unit_test(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
