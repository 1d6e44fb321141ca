/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counts as an answer, what is tried again, and when it is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <time.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/net/http.h"
#include "agent/tests/scripted_server.h"

#include <cmocka.h>

#define GOOD SCRIPTED_JSON("200 OK", 2, "{}")
#define BUSY SCRIPTED_JSON("503 Service Unavailable", 2, "{}")
#define FULL                                                                                                           \
    SCRIPTED_JSON("507 Insufficient Storage", 61,                                                                      \
                  "{\"error\": {\"code\": \"store-full\", \"message\": \"no\\u0007 room\"}}")
#define TRUNCATED "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{\"half\""

static struct scripted_server server;
static struct buffer answer;
static struct failure why;
static unsigned notices;

static int request(const char *const *answers, unsigned count, unsigned retry_seconds, size_t limit,
                   int (*notice)(void *, const char *, unsigned))
{
    struct http *h;
    int status;

    scripted_start(&server, answers, count, GOOD);
    h = http_open(server.url, "secret", retry_seconds);
    notices = 0;
    if (notice)
        http_on_retry(h, notice, NULL);
    status = http_request(h, "POST", "/v1/checkin", "{\"a\": 1}", 8, limit, 5, &answer, &why);
    http_close(h);
    return status;
}

static int reset(void **state)
{
    (void)state;
    scripted_stop(&server);
    free(answer.data);
    memset(&answer, 0, sizeof(answer));
    return 0;
}

static int count_notice(void *arg, const char *message, unsigned pause_seconds)
{
    (void)arg;
    assert_non_null(strstr(message, "127.0.0.1"));
    assert_int_equal(pause_seconds, 1u << notices);
    notices++;
    return 0;
}

static int give_up(void *arg, const char *message, unsigned pause_seconds)
{
    (void)arg;
    (void)message;
    (void)pause_seconds;
    return 1;
}

static void an_answer(void **state)
{
    (void)state;
    assert_int_equal(request(NULL, 0, 0, 100, NULL), 200);
    assert_int_equal(answer.size, 2);
    assert_non_null(strstr(server.requests[0], "POST /v1/checkin HTTP/1.1\r\n"));
    assert_non_null(strstr(server.requests[0], "Authorization: Bearer secret\r\n"));
    assert_null(strstr(server.requests[0], "Expect:"));
    assert_non_null(strstr(server.requests[0], "\r\n\r\n{\"a\": 1}"));
}

static void busy_and_silent_servers_are_asked_again(void **state)
{
    static const char *const answers[] = {NULL, BUSY};

    (void)state;
    assert_int_equal(request(answers, 2, UINT_MAX, 100, count_notice), 200);
    assert_int_equal(notices, 2);
    assert_int_equal(server.request_count, 3);
}

static void without_retries_it_fails_at_once(void **state)
{
    static const char *const answers[] = {NULL, NULL};

    (void)state;
    assert_int_equal(request(answers, 2, 0, 100, NULL), -1);
    assert_string_equal(why.reason, "server");
    assert_non_null(strstr(why.message, server.url));
}

static void a_truncated_answer_is_none(void **state)
{
    static const char *const answers[] = {TRUNCATED, TRUNCATED};

    (void)state;
    assert_int_equal(request(answers, 2, 0, 1000, NULL), -1);
    assert_string_equal(why.reason, "server");
}

static void a_truncated_answer_is_asked_for_again(void **state)
{
    static const char *const answers[] = {TRUNCATED};

    (void)state;
    assert_int_equal(request(answers, 1, 10, 1000, NULL), 200);
    assert_int_equal(answer.size, 2);
    assert_memory_equal(answer.data, "{}", 2);
}

static void a_full_store_is_final(void **state)
{
    static const char *const answers[] = {FULL};

    (void)state;
    assert_int_equal(request(answers, 1, UINT_MAX, 100, give_up), 507);
    assert_string_equal(why.reason, "store-full");
    assert_string_equal(why.message, "no? room"); /* goes to a console */
    assert_int_equal(server.request_count, 1);
}

static void a_page_instead_of_json(void **state)
{
    static const char *const answers[] = {SCRIPTED_JSON("404 Not Found", 6, "<html>")};

    (void)state;
    assert_int_equal(request(answers, 1, 0, 100, NULL), 404);
    assert_string_equal(why.reason, "server");
    assert_non_null(strstr(why.message, "404"));
}

static void too_long_an_answer_is_not_asked_for_again(void **state)
{
    static const char *const answers[] = {SCRIPTED_JSON("200 OK", 6, "123456")};

    (void)state;
    assert_int_equal(request(answers, 1, UINT_MAX, 5, give_up), -1);
    assert_string_equal(why.reason, "server");
    assert_int_equal(server.request_count, 1);
}

static void giving_up_is_a_cancellation(void **state)
{
    static const char *const answers[] = {BUSY, BUSY};

    (void)state;
    assert_int_equal(request(answers, 2, UINT_MAX, 100, give_up), -1);
    assert_string_equal(why.reason, "cancelled");
}

static void a_server_that_goes_silent_is_noticed(void **state)
{
    struct timespec begin, end;
    struct http *h;

    (void)state;
    scripted_start(&server, NULL, 0, GOOD);
    server.delay_ms = 6000;
    h = http_open(server.url, NULL, 0);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_int_equal(http_request(h, "GET", "/", NULL, 0, 100, 2, &answer, &why), -1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - begin.tv_sec <= 4);
    http_close(h);
    sleep(5); /* the server's answer meets a closed connection */
}

#define TEST(name) cmocka_unit_test_teardown(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer),
        TEST(busy_and_silent_servers_are_asked_again),
        TEST(without_retries_it_fails_at_once),
        TEST(a_truncated_answer_is_none),
        TEST(a_truncated_answer_is_asked_for_again),
        TEST(a_full_store_is_final),
        TEST(a_page_instead_of_json),
        TEST(too_long_an_answer_is_not_asked_for_again),
        TEST(giving_up_is_a_cancellation),
        TEST(a_server_that_goes_silent_is_noticed),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
