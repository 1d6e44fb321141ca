/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http_response.h"

static struct http_response r;

static void assert_error(enum pxe_error code, const char *received)
{
    assert_int_equal(r.error.code, code);
    assert_string_equal(r.error.received, received);
    assert_true(ip4_is_zero(r.error.server));
}

static bool begin(unsigned status, const char *length)
{
    http_response_init(&r);
    http_response_field(&r, "Server", "x");
    if (length)
        http_response_field(&r, "Content-Length", length);
    return http_response_begin(&r, status, 1000);
}

static void a_whole_body_is_taken(void **state)
{
    (void)state;
    assert_true(begin(200, "300"));
    assert_int_equal(r.size, 300);
    assert_true(http_response_body(&r, 100));
    assert_true(http_response_body(&r, 200));
    assert_true(http_response_end(&r, "unused"));
    assert_int_equal(r.received, 300);
    assert_true(begin(200, "0"));
    assert_true(http_response_end(&r, "unused"));
}

static void a_status_is_an_error_code(void **state)
{
    static const struct {
        unsigned status;
        enum pxe_error code;
        const char *received;
    } cases[] = {
        {404, PXE_E3B, "HTTP status 404"},
        {410, PXE_E3B, "HTTP status 410"},
        {401, PXE_E3C, "HTTP status 401"},
        {403, PXE_E3C, "HTTP status 403"},
        {500, PXE_E36, "HTTP status 500"},
        {503, PXE_E36, "HTTP status 503"},
        {206, PXE_E36, "HTTP status 206"},
        {302, PXE_E36, "HTTP status 302: redirections are not followed"},
        {0, PXE_E36, "HTTP status that the firmware does not know"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(begin(cases[i].status, "10"));
        assert_error(cases[i].code, cases[i].received);
    }
}

static void a_length_is_a_number(void **state)
{
    static const char *const bad[] = {"", " ", "-1", "+1", "1.5", "0x10", "10,10", "1 0", "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(begin(200, bad[i]));
        assert_error(PXE_E36, "HTTP Content-Length is no number, or there are two that differ");
    }
    assert_true(begin(200, "\t 1000 "));
    assert_int_equal(r.size, 1000);
}

static void a_length_is_needed(void **state)
{
    (void)state;
    assert_false(begin(200, NULL));
    assert_error(PXE_E36, "HTTP status 200 without Content-Length: the server must send the size");
}

static void two_lengths_must_agree(void **state)
{
    (void)state;
    begin(200, "10");
    http_response_field(&r, "CONTENT-LENGTH", "10");
    assert_true(http_response_begin(&r, 200, 1000));
    http_response_field(&r, "content-length", "11");
    assert_false(http_response_begin(&r, 200, 1000));
    assert_int_equal(r.error.code, PXE_E36);
}

static void encodings_are_refused(void **state)
{
    (void)state;
    begin(200, "10");
    http_response_field(&r, "Content-Encoding", " identity");
    http_response_field(&r, "Content-Lengthy", "99");
    http_response_field(&r, "Content-Lengt", "99");
    assert_true(http_response_begin(&r, 200, 1000));
    http_response_field(&r, "Transfer-Encoding", "chunked");
    assert_false(http_response_begin(&r, 200, 1000));
    assert_error(PXE_E36, "HTTP body in chunks or compressed: the file must be served as it is");
    begin(200, "10");
    http_response_field(&r, "content-encoding", "gzip");
    assert_false(http_response_begin(&r, 200, 1000));
}

static void a_file_may_be_too_big(void **state)
{
    (void)state;
    assert_false(begin(200, "1001"));
    assert_error(PXE_E3A, "Content-Length 1001");
}

static void more_than_announced_is_refused(void **state)
{
    (void)state;
    assert_true(begin(200, "10"));
    assert_true(http_response_body(&r, 9));
    assert_false(http_response_body(&r, 2));
    assert_error(PXE_E3A, "more than the Content-Length of 10");
    assert_int_equal(r.received, 9);
    assert_false(http_response_body(&r, UINT64_MAX));
}

static void a_cut_body_is_an_error(void **state)
{
    (void)state;
    assert_true(begin(200, "1000"));
    assert_true(http_response_body(&r, 999));
    assert_false(http_response_end(&r, "the connection was closed"));
    assert_error(PXE_E35, "999 of 1000 bytes, then the connection was closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_body_is_taken),  cmocka_unit_test(a_status_is_an_error_code),
        cmocka_unit_test(a_length_is_a_number),   cmocka_unit_test(a_length_is_needed),
        cmocka_unit_test(two_lengths_must_agree), cmocka_unit_test(encodings_are_refused),
        cmocka_unit_test(a_file_may_be_too_big),  cmocka_unit_test(more_than_announced_is_refused),
        cmocka_unit_test(a_cut_body_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
