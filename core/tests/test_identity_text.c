/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that hurt: each is right or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/identity_text.h"

#define TEN "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

static bool valid(enum identity_text what, const char *s)
{
    return identity_text_valid(what, s, strlen(s));
}

static void all(enum identity_text what, bool expected, const char *const *list)
{
    for (; *list; list++)
        if (valid(what, *list) != expected)
            fail_msg("kind %d: \"%s\" is %s", (int)what, *list, expected ? "refused" : "taken");
}

#define GOOD(what, ...) all(what, true, (const char *const[]){__VA_ARGS__, NULL})
#define BAD(what, ...) all(what, false, (const char *const[]){__VA_ARGS__, NULL})

static void host_names(void **state)
{
    (void)state;
    GOOD(IDENTITY_HOST_NAME, "pc-b", "1and1.example.org", "A", SIXTY "aaa");
    BAD(IDENTITY_HOST_NAME, "", SIXTY "aaaa", "-a", "a-", "a..b", ".a", "a.", "a-.b", "a b", "a/../b", "pc\n", "pc_b",
        "bür", "$(id)", "a&b", "\"a\"", "a'", "<a>", "a;b", "`id`");
    GOOD(IDENTITY_DOMAIN, "example.org", SIXTY "." SIXTY "." SIXTY ".example.org");
    BAD(IDENTITY_DOMAIN, SIXTY "aaaa.org", SIXTY "." SIXTY "." SIXTY "." SIXTY "." SIXTY, "a b.org", "");
}

static void words(void **state)
{
    (void)state;
    GOOD(IDENTITY_LOCALE, "de_DE.UTF-8", "C", "sr_RS.UTF-8@latin", "de-DE");
    BAD(IDENTITY_LOCALE, "", "../x", "de DE", "de;x", "1", TEN TEN TEN TEN);
    GOOD(IDENTITY_KEYBOARD, "de", "us-intl", "0407:00000407", "de,us");
    BAD(IDENTITY_KEYBOARD, "", "de\"", "de'", "de latin1", "$x");
    GOOD(IDENTITY_TIME_ZONE, "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5");
    BAD(IDENTITY_TIME_ZONE, "", "/etc/passwd", "../../etc/passwd", "Europe/", "a//b", "Europe/Ber lin", "W. Europe");
    GOOD(IDENTITY_MAC, "52:54:00:ab:CD:ef");
    BAD(IDENTITY_MAC, "", "52-54-00-ab-cd-ef", "52:54:00:ab:cd", "52:54:00:ab:cd:eg", "52:54:00:ab:cd:ef:");
    GOOD(IDENTITY_PRODUCT_KEY, "ABCDE-12345-FGHIJ-67890-KLMNO");
    BAD(IDENTITY_PRODUCT_KEY, "", "ABCDE-12345-FGHIJ-67890", "ABCDE12345-FGHIJ-67890-KLMNOP",
        "ABCDE-12345-FGHIJ-67890-KLM&O");
    GOOD(IDENTITY_FIELD, "asset", "a.b_c-1");
    BAD(IDENTITY_FIELD, "", "a b", "a=b", SIXTY "aaaaa");
    GOOD(IDENTITY_ADDRESS, "192.0.2.1", "2001:db8::1");
    BAD(IDENTITY_ADDRESS, "", "192.0.2.1/24", "host");
    GOOD(IDENTITY_CIDR, "192.0.2.1/24", "2001:db8::1/64");
    BAD(IDENTITY_CIDR, "", "192.0.2.1", "2001:db8::1/129");
}

static void people(void **state)
{
    (void)state;
    GOOD(IDENTITY_USER, "ann", "_apt", "a.b-c", "Ann", TEN TEN TEN "aa");
    BAD(IDENTITY_USER, "", "1a", "-a", "a b", "a:b", "a/b", "root\n", "ü", TEN TEN TEN "aaa");
    GOOD(IDENTITY_FULL_NAME, "Jörg \"O'Neill\" <j&k>, $(id)");
    BAD(IDENTITY_FULL_NAME, "", "a:b", "a\nb");
    GOOD(IDENTITY_PASSWORD_HASH, "$6$rounds=5000$salt$abc./DEF", "$y$j9T$abc$def", "*", "!");
    BAD(IDENTITY_PASSWORD_HASH, "", "secret", "$6$a:b", "$6$a b", "$6$a\n", "!!", "$(id)", "x");
    GOOD(IDENTITY_SSH_KEY, "ssh-ed25519 AAAAC3Nza+/= ann@pc \"x\"", "sk-ssh-ed25519@openssh.com AAAA",
         "ecdsa-sha2-nistp256 AAAA c");
    BAD(IDENTITY_SSH_KEY, "", "ssh-rsa", "ssh-rsa ", " ssh-rsa AAAA", "command=\"id\" ssh-rsa AAAA", "ssh-rsa AA\nAA",
        "ssh-rsa AAAA c\nssh-rsa BBBB", "ssh-rsa  AAAA");
}

static void lines(void **state)
{
    char text[1026];

    (void)state;
    GOOD(IDENTITY_LINE, "", "a b", "ü \" ' & < > $(id) `id` \\ %s {n}", "\xc2\xa0", "\xe2\x80\xa7", "\xef\xbf\xbd");
    BAD(IDENTITY_LINE, "a\nb", "a\rb", "a\tb", "\x1b[2J", "\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9",
        "\xef\xbf\xbf");
    assert_false(identity_text_valid(IDENTITY_LINE, "a\0b", 3));
    memset(text, 'a', sizeof(text));
    assert_true(identity_text_valid(IDENTITY_LINE, text, 256));
    assert_false(identity_text_valid(IDENTITY_LINE, text, 257));
    assert_true(identity_text_valid(IDENTITY_COMMAND, text, 1024));
    assert_false(identity_text_valid(IDENTITY_COMMAND, text, 1025));
    BAD(IDENTITY_COMMAND, "", "a\nb");
}

static void each_kind_says_what_it_is(void **state)
{
    (void)state;
    for (int i = IDENTITY_LINE; i <= IDENTITY_FIELD; i++)
        assert_true(strlen(identity_text_describe((enum identity_text)i)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_names),
        cmocka_unit_test(words),
        cmocka_unit_test(people),
        cmocka_unit_test(lines),
        cmocka_unit_test(each_kind_says_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
