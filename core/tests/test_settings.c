/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/settings.h"

static char word[32];

static bool read(struct settings *s, const char *text)
{
    struct text t;

    text_init(&t, word, sizeof(word));
    return settings_read(s, text, strlen(text), &t);
}

static void assert_vlan(const char *text, unsigned vlan)
{
    struct settings s = {.vlan = 1};

    assert_true(read(&s, text));
    assert_int_equal(s.vlan, vlan);
}

static void assert_refused(const char *text, const char *bad)
{
    struct settings s = {0};

    assert_false(read(&s, text));
    assert_string_equal(word, bad);
    assert_int_equal(s.vlan, 0);
}

static void a_vlan_is_a_number_up_to_4094(void **state)
{
    (void)state;
    assert_vlan("vlan=7", 7);
    assert_vlan(" \t vlan=4094\r\n", 4094);
    assert_vlan("vlan=0", 0);
    assert_vlan("vlan=0012", 12);
    assert_refused("vlan=4095", "vlan=4095");
    assert_refused("vlan=99999", "vlan=99999");
    assert_refused("vlan=4294967297", "vlan=4294967297");
    assert_refused("vlan=", "vlan=");
    assert_refused("vlan=7x", "vlan=7x");
    assert_refused("vlan=-1", "vlan=-1");
}

static void the_last_word_counts(void **state)
{
    (void)state;
    assert_vlan("vlan=7\nvlan=8", 8);
    assert_refused("vlan=x vlan=8", "vlan=x");
}

static void other_words_and_comments_are_left_alone(void **state)
{
    (void)state;
    assert_vlan("", 1);
    assert_vlan("vlan", 1);
    assert_vlan("vlans=9 xvlan=9 VLAN=9", 1);
    assert_vlan("# vlan=9", 1);
    assert_vlan("#vlan=9 vlan=10\nvlan=11 # vlan=12", 11);
    assert_vlan("\\EFI\\BOOT\\slipway.efi vlan=5", 5);
}

static void any_bytes_do_no_harm(void **state)
{
    (void)state;
    struct settings s = {0};
    struct text t;

    text_init(&t, word, sizeof(word));
    assert_true(settings_read(&s, "\0\xff\x01vlan=\0vlan=6\0", 16, &t));
    assert_int_equal(s.vlan, 6);
    text_init(&t, word, sizeof(word));
    assert_false(settings_read(&s, "vlan=\xff\x1b[2J", 10, &t));
    assert_null(strchr(word, '\x1b'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vlan_is_a_number_up_to_4094),
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(other_words_and_comments_are_left_alone),
        cmocka_unit_test(any_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
