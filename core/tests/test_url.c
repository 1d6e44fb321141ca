/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/url.h"

static void a_url_has_a_scheme(void **state)
{
    (void)state;
    assert_true(url_is_url("http://h/"));
    assert_true(url_is_url("https://h/"));
    assert_true(url_is_url("git+ssh://h"));
    assert_false(url_is_url("slipway.efi"));
    assert_false(url_is_url("/a://b"));
    assert_false(url_is_url("C:/boot"));
    assert_false(url_is_url("://h"));
    assert_false(url_is_url("1a://h"));
    assert_false(url_is_url(""));
    assert_true(url_is_http("http://"));
    assert_true(url_is_http("HtTp://h"));
    assert_false(url_is_http("https://h"));
    assert_false(url_is_http("http:/h"));
    assert_false(url_is_http(""));
}

static void a_url_is_taken_apart(void **state)
{
    static const struct {
        const char *url, *host, *path;
        uint8_t address[4];
        uint16_t port;
    } cases[] = {
        {"http://10.77.0.2/a/b.conf", "10.77.0.2", "/a/b.conf", {10, 77, 0, 2}, 80},
        {"http://10.77.0.2:8077/", "10.77.0.2", "/", {10, 77, 0, 2}, 8077},
        {"HTTP://boot.example.org", "boot.example.org", "", {0}, 80},
        {"http://boot:65535/x?mac=52:54%20&y=[1]", "boot", "/x?mac=52:54%20&y=[1]", {0}, 65535},
        {"http://10.77.0.2a/", "10.77.0.2a", "/", {0}, 80},
        {"http://255.255.255.255/", "255.255.255.255", "/", {255, 255, 255, 255}, 80},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct url u;

        assert_true(url_parse(cases[i].url, &u));
        assert_string_equal(u.host, cases[i].host);
        assert_string_equal(u.path, cases[i].path);
        assert_memory_equal(u.address.b, cases[i].address, 4);
        assert_int_equal(u.port, cases[i].port);
    }
}

static void malformed_urls_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "h/k",
        "https://h/k",
        "ftp://h/k",
        "http:///k",
        "http://:80/k",
        "http://h:/k",
        "http://h:0/k",
        "http://h:65536/k",
        "http://h:8a/k",
        "http://h:000080/k",
        "http://user@h/k",
        "http://user:pass@h/k",
        "http://[fd77::1]/k",
        "http://10.77.0/k",
        "http://10.77.0.256/k",
        "http://10.77.0.1.2/k",
        "http://0.0.0.0/k",
        "http://1.2.3.4./k",
        "http://.h/k",
        "http://h k/",
        "http://h/a b",
        "http://h/a\r\nHost: x",
        "http://h/\xc3\xa9",
        "http://h/a#b",
        "http://h#b",
        "http://h?b",
        "http://h\\k/",
        "http://h/<a>",
        "http://....",
        "http://h/\x7f",
    };
    struct url u;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (url_parse(cases[i], &u))
            fail_msg("taken: %s", cases[i]);
}

static void a_long_host_is_refused(void **state)
{
    char url[600] = "http://";
    struct url u;

    (void)state;
    memset(url + 7, 'a', 253);
    assert_true(url_parse(url, &u));
    assert_int_equal(strlen(u.host), 253);
    url[7 + 253] = 'a';
    assert_false(url_parse(url, &u));
}

static void references_are_resolved(void **state)
{
    static const struct {
        const char *base, *reference, *want;
    } cases[] = {
        {"auto.conf", "k", "k"},
        {"a/b.conf", "k", "a/k"},
        {"a/b.conf", "../k", "a/../k"}, /* a TFTP server's own business */
        {"a/b.conf", "/k", "/k"},
        {"a/b.conf", "http://h/k", "http://h/k"},
        {"a/b.conf", "https://h/k", "https://h/k"},
        {"http://h", "k", "http://h/k"},
        {"http://h/", "k", "http://h/k"},
        {"http://h:8080/a/b.conf", "k", "http://h:8080/a/k"},
        {"http://h/a/b.conf", "c/k", "http://h/a/c/k"},
        {"http://h/a/b.conf", "/k", "http://h/k"},
        {"http://h/a/b.conf", "./k", "http://h/a/k"},
        {"http://h/a/b/c.conf", "../k", "http://h/a/k"},
        {"http://h/a/b.conf", "../../../k", "http://h/k"},
        {"http://h/a/b.conf", "c/../d/./k", "http://h/a/d/k"},
        {"http://h/a/b.conf", "c/..", "http://h/a/"},
        {"http://h/a/b.conf", "/../k", "http://h/k"},
        {"http://h/a/b.conf", "..k/.k", "http://h/a/..k/.k"},
        {"http://h/a.conf?x=/b/c", "k", "http://h/k"},
        {"http://h/a.conf", "k?x=../y", "http://h/k?x=../y"},
        {"http://h/a.conf", "my k#1\xc3\xa9", "http://h/my%20k%231%c3%a9"},
        {"http://h/a.conf", "http://g/my k", "http://g/my%20k"},
        {"http://h/a.conf", "", "http://h/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].reference);
        char buf[64], *copy = malloc(n ? n : 1); /* no NUL: the sanitizer sees a read behind the end */
        struct text t;

        memcpy(copy, cases[i].reference, n);
        text_init(&t, buf, sizeof(buf));
        url_resolve(&t, cases[i].base, copy, n);
        free(copy);
        assert_string_equal(buf, cases[i].want);
        assert_false(t.cut);
    }
}

static void what_does_not_fit_is_cut_and_told(void **state)
{
    char buf[16];
    struct text t;

    (void)state;
    text_init(&t, buf, sizeof(buf));
    url_resolve(&t, "http://h/a/b.conf", "kernel", 6);
    assert_true(t.cut);
    text_init(&t, buf, 12);
    url_resolve(&t, "http://h/a/b.conf", "../../../../..", 14);
    assert_true(strlen(buf) < 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_has_a_scheme),         cmocka_unit_test(a_url_is_taken_apart),
        cmocka_unit_test(malformed_urls_are_refused), cmocka_unit_test(a_long_host_is_refused),
        cmocka_unit_test(references_are_resolved),    cmocka_unit_test(what_does_not_fit_is_cut_and_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
