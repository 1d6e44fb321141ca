/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events, check-in and whole sessions against a server that follows a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <sys/wait.h>
#include <time.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/automation/session.h"
#include "agent/protocol/checkin.h"
#include "agent/protocol/events.h"
#include "agent/tests/scripted_server.h"

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OK SCRIPTED_JSON("200 OK", 17, "{\"cancel\": false}")
#define CANCEL SCRIPTED_JSON("200 OK", 16, "{\"cancel\": true}")
#define BUSY SCRIPTED_JSON("503 Service Unavailable", 2, "{}")
#define OVER SCRIPTED_JSON("409 Conflict", 51, "{\"error\": {\"code\": \"job-over\", \"message\": \"job 7\"}} ")
#define GONE SCRIPTED_JSON("404 Not Found", 55, "{\"error\": {\"code\": \"no-such-machine\", \"message\": \"m 3\"}}")
#define NO_LENGTH(body) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body
#define CHECKED_IN(job, idle)                                                                                          \
    NO_LENGTH("{\"machine\": {\"id\": 3, \"name\": \"pc-a\", \"new\": false}, \"job\": " job                           \
              ", \"when_idle\": \"" idle "\"}")
#define JOB(step)                                                                                                      \
    "{\"id\": 7, \"token\": \"" TOKEN "\", \"steps\": [{\"step\": \"" step                                             \
    "\", \"image\": \"debian\"}], \"finish\": \"reboot\", \"starts\": 1}"

static const struct job job = {.id = 7, .token = TOKEN, .starts = 2};
static const struct progress_report report = {.step = "deploy",
                                              .what = "partition 1",
                                              .part_done = 4,
                                              .part_total = 10,
                                              .done = 10,
                                              .total = 100,
                                              .rate = 5,
                                              .seconds_left = 18};
static struct scripted_server server;
static struct events *events;

static void begin(const char *const *answers, unsigned count)
{
    struct failure f;

    scripted_start(&server, answers, count, OK);
    events = events_open(server.url, &job, &f);
    assert_non_null(events);
}

static int stop(void **state)
{
    (void)state;
    scripted_stop(&server);
    return 0;
}

static bool asked(unsigned which, const char *part)
{
    return which < server.request_count && strstr(server.requests[which], part);
}

static bool soon(bool (*holds)(void))
{
    for (unsigned i = 0; i < 500; i++) {
        if (holds())
            return true;
        usleep(10000);
    }
    return false;
}

static bool is_cancelled(void)
{
    return events_cancelled(events);
}

static bool is_asked_twice(void)
{
    return server.request_count >= 2;
}

static void a_job_is_told_in_order(void **state)
{
    (void)state;
    begin(NULL, 0);
    events_start(events, "job", 0);
    events_start(events, "deploy", 0);
    events_finish(events, "deploy", 0, NULL);
    events_finish(events, "job", 0, NULL);
    assert_true(events_close(events));
    assert_int_equal(server.request_count, 4);
    assert_true(asked(0, "POST /v1/jobs/7/events HTTP/1.1"));
    assert_true(asked(0, "Authorization: Bearer " TOKEN));
    assert_true(asked(0, "{\"start\":2,\"seq\":1,\"event\":\"start\",\"step\":\"job\"}"));
    assert_true(asked(1, "\"seq\":2,\"event\":\"start\",\"step\":\"deploy\""));
    assert_true(asked(2, "\"seq\":3,\"event\":\"finish\",\"step\":\"deploy\",\"result\":\"succeeded\"}"));
    assert_true(asked(3, "\"seq\":4,\"event\":\"finish\",\"step\":\"job\""));
}

static void a_finish_is_repeated_until_it_is_answered(void **state)
{
    static const char *const answers[] = {NULL, BUSY};
    struct failure why = {"disk-error", "sector 7"};

    (void)state;
    begin(answers, 2);
    events_finish(events, "job", 0, &why);
    assert_true(events_close(events));
    assert_int_equal(server.request_count, 3);
    for (unsigned i = 0; i < 3; i++) /* the same number: the server knows it for a repetition */
        assert_true(asked(i, "\"seq\":1,\"event\":\"finish\",\"step\":\"job\",\"result\":\"failed\","
                             "\"reason\":\"disk-error\",\"message\":\"sector 7\"}"));
}

static void progress_is_told_and_may_be_lost(void **state)
{
    static const char *const answers[] = {BUSY};

    (void)state;
    begin(answers, 1);
    events_progress(events, &report);
    assert_true(soon(is_asked_twice)); /* by itself, after some seconds */
    assert_true(asked(0, "\"message\":\"partition 1: 40%, 4 B of 10 "
                         "B\",\"bytes_done\":10,\"bytes_total\":100,\"rate\":5,\"seconds_left\":18}"));
    assert_true(asked(1, "\"seq\":2,\"event\":\"progress\""));
    events_finish(events, "job", 0, NULL);
    assert_true(events_close(events));
    assert_true(asked(2, "\"seq\":3,\"event\":\"finish\""));
}

static void the_server_asks_to_cancel(void **state)
{
    static const char *const answers[] = {CANCEL};
    struct failure why = {"cancelled", "stopped"};

    (void)state;
    begin(answers, 1);
    assert_false(events_cancelled(events));
    events_progress(events, &report);
    assert_true(soon(is_cancelled));
    events_finish(events, "job", 0, &why);
    assert_true(events_close(events));
    assert_true(asked(1, "\"result\":\"cancelled\",\"reason\":\"cancelled\""));
}

static void the_server_has_ended_the_job(void **state)
{
    static const char *const answers[] = {OVER};

    (void)state;
    begin(answers, 1);
    events_start(events, "job", 0);
    assert_true(soon(is_cancelled));
    events_finish(events, "job", 0, NULL);
    assert_false(events_close(events)); /* and does not ask for ever */
    assert_int_equal(server.request_count, 1);
}

static void a_word_of_the_servers_own_is_told_as_server(void **state)
{
    struct failure why = {"bad-token", "\xff"};

    (void)state;
    begin(NULL, 0);
    events_finish(events, "job", 0, &why);
    assert_true(events_close(events));
    assert_true(asked(0, "\"reason\":\"server\",\"message\":\"(text is not UTF-8)\""));
}

static void progress_never_waits_for_the_server(void **state)
{
    struct timespec a, b;

    (void)state;
    begin(NULL, 0);
    server.delay_ms = 1000;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (unsigned i = 0; i < 1000; i++)
        events_progress(events, &report);
    clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 500);
    assert_true(events_close(events));
}

static void check_in_says_what_the_machine_is(void **state)
{
    static const char *const answers[] = {CHECKED_IN("null", "wait")};
    struct inventory i = {.boot_mac = "52:54:00:00:00:0a",
                          .uuid = "u",
                          .memory_bytes = 5000000000,
                          .disk_count = 1,
                          .disks = {{.path = "/dev/vda", .size = 8589934592, .sector_size = 512, .serial = "s"}}};
    struct machine_identity machine;
    struct assignment next;
    struct failure f;
    struct http *h;

    (void)state;
    scripted_start(&server, answers, 1, OK);
    h = http_open(server.url, NULL, 0);
    assert_int_equal(checkin_send(h, &i, &machine, &next, &f), 0);
    assert_int_equal(machine.id, 3);
    assert_string_equal(machine.name, "pc-a");
    assert_false(next.has_job);
    assert_false(next.reboot_when_idle);
    assert_true(asked(0, "\"protocol\":1,"));
    assert_true(asked(0, "\"boot_mac\":\"52:54:00:00:00:0a\""));
    assert_true(asked(0, "\"memory_bytes\":5000000000"));
    assert_true(asked(0, "\"disks\":[{\"path\":\"/dev/vda\",\"size\":8589934592,\"sector_size\":512,"));
    assert_int_equal(checkin_send(h, &i, &machine, &next, &f), -1); /* an object, but of no machine */
    assert_string_equal(f.reason, "server");
    http_close(h);
}

static enum session_end session(const char *const *answers, unsigned count, bool once)
{
    static struct machine machine;
    struct session s = {.server = server.url, .machine = &machine, .once = once};

    scripted_start(&server, answers, count, OK);
    strcpy(machine.inventory.boot_mac, "52:54:00:00:00:0a");
    return session_run(&s);
}

_Noreturn static void endless_session(void)
{
    static struct machine machine;
    struct session s = {.server = server.url, .machine = &machine};

    session_run(&s);
    _exit(0);
}

static bool is_asked_eight_times(void)
{
    return server.request_count >= 8;
}

static void nothing_to_do_here(void **state)
{
    static const char *const answers[] = {CHECKED_IN("null", "wait"),
                                          NO_LENGTH("{\"job\": null, \"when_idle\": \"reboot\"}")};

    (void)state;
    assert_int_equal(session(answers, 2, false), SESSION_REBOOT);
    assert_true(asked(1, "GET /v1/machines/3/job?wait="));
}

static void a_machine_that_the_server_forgot_checks_in_again(void **state)
{
    static const char *const answers[] = {CHECKED_IN("null", "wait"), GONE, CHECKED_IN("null", "reboot")};

    (void)state;
    assert_int_equal(session(answers, 3, false), SESSION_REBOOT);
    assert_true(asked(2, "POST /v1/checkin"));
}

static void a_failed_job_keeps_the_machine_here(void **state)
{
    static const char *const answers[] = {
        CHECKED_IN(JOB("deploy"), "reboot"),
        OK,
        OK,
        OK,
        OK,
        NO_LENGTH("{\"job\": null, \"when_idle\": \"reboot\"}"), /* which does not lead into a broken disk */
        NO_LENGTH("{\"job\": null, \"when_idle\": \"wait\"}")};
    pid_t child;

    (void)state;
    scripted_start(&server, answers, 7, NULL);
    child = fork();
    if (child == 0)
        endless_session();
    assert_true(soon(is_asked_eight_times));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(asked(1, "\"event\":\"start\",\"step\":\"job\""));
    assert_true(asked(2, "\"event\":\"start\",\"step\":\"deploy\",\"number\":1"));
    assert_true(asked(3, "\"result\":\"failed\",\"reason\":\"no-disk\""));
    assert_true(asked(4, "\"step\":\"job\",\"result\":\"failed\",\"reason\":\"no-disk\""));
}

static void a_job_that_is_not_understood_is_refused(void **state)
{
    static const char *const answers[] = {CHECKED_IN(JOB("wipe"), "reboot")};

    (void)state;
    assert_int_equal(session(answers, 1, true), SESSION_ONCE_FAILED);
    assert_int_equal(server.request_count, 3);
    assert_true(asked(2, "\"event\":\"finish\",\"step\":\"job\",\"result\":\"failed\",\"reason\":\"internal\""));
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_is_told_in_order),
        TEST(a_finish_is_repeated_until_it_is_answered),
        TEST(progress_is_told_and_may_be_lost),
        TEST(the_server_asks_to_cancel),
        TEST(the_server_has_ended_the_job),
        TEST(a_word_of_the_servers_own_is_told_as_server),
        TEST(progress_never_waits_for_the_server),
        TEST(check_in_says_what_the_machine_is),
        TEST(nothing_to_do_here),
        TEST(a_machine_that_the_server_forgot_checks_in_again),
        TEST(a_failed_job_keeps_the_machine_here),
        TEST(a_job_that_is_not_understood_is_refused),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
