/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress line and its figures; and what the console does with it on a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/console.h"
#include "agent/base/progress_bar.h"

static const struct progress_report half = {
    .step = "deploy", .done = 950000000, .total = 1900000000, .rate = 85000000, .seconds_left = 11};

static void bytes(void **state)
{
    char text[16];

    (void)state;
    progress_bytes_format(text, 0);
    assert_string_equal(text, "0 B");
    progress_bytes_format(text, 999);
    assert_string_equal(text, "999 B");
    progress_bytes_format(text, 1000);
    assert_string_equal(text, "1.0 kB");
    progress_bytes_format(text, 1999999999);
    assert_string_equal(text, "1.9 GB");
    progress_bytes_format(text, 812345678);
    assert_string_equal(text, "812 MB");
    progress_bytes_format(text, UINT64_MAX);
    assert_string_equal(text, "18 EB");
}

static void times(void **state)
{
    char text[16];

    (void)state;
    progress_time_format(text, 7);
    assert_string_equal(text, "0:07");
    progress_time_format(text, 760);
    assert_string_equal(text, "12:40");
    progress_time_format(text, 3723);
    assert_string_equal(text, "1:02:03");
    progress_time_format(text, UINT32_MAX);
    assert_string_equal(text, "");
}

static void a_line_for_80_columns(void **state)
{
    char line[100];

    (void)state;
    progress_bar_format(line, sizeof(line), 79, &half);
    assert_string_equal(line, "deploy [=========>          ]  50%  950 MB of 1.9 GB   85 MB/s  0:11 left");
    assert_true(strlen(line) <= 79);
}

static void never_wider_than_asked(void **state)
{
    struct progress_report huge = {.step = "a very long name of a step",
                                   .done = UINT64_MAX - 1,
                                   .total = UINT64_MAX,
                                   .rate = UINT64_MAX,
                                   .seconds_left = UINT32_MAX - 1};
    char line[200];

    (void)state;
    for (unsigned columns = 0; columns < 150; columns++) {
        progress_bar_format(line, sizeof(line), columns, &huge);
        assert_true(strlen(line) <= columns);
    }
    progress_bar_format(line, 10, 79, &half);
    assert_int_equal(strlen(line), 9);
    progress_bar_format(line, sizeof(line), 40, &half);
    assert_string_equal(line, "deploy  50%  950 MB of 1.9 GB   85 MB/s ");
}

static void a_hundred_percent_is_the_end_only(void **state)
{
    struct progress_report r = half;
    char line[100];

    (void)state;
    r.done = r.total - 1;
    progress_bar_format(line, sizeof(line), 79, &r);
    assert_non_null(strstr(line, " 99%"));
    r.done = r.total;
    progress_bar_format(line, sizeof(line), 79, &r);
    assert_non_null(strstr(line, "====] 100%"));
    r.total = r.done = 0;
    progress_bar_format(line, sizeof(line), 79, &r);
    assert_non_null(strstr(line, "   0%"));
}

static void a_pipe_gets_plain_lines_and_few(void **state)
{
    struct progress_report end = half;
    char text[1024] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    console_add(ends[1]);
    end.done = end.total;
    console_progress(&half);
    console_progress(&half);
    console_line("a %s", "note");
    console_alert("bad");
    console_progress(&end);
    console_progress_end();
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "deploy  50%  950 MB of 1.9 GB   85 MB/s  0:11 left\n"
                              "a note\nbad\n"
                              "deploy 100%  1.9 GB of 1.9 GB   85 MB/s  0:11 left\n");
}

static void the_part_has_its_own_line(void **state)
{
    struct progress_report r = half;
    char line[160];

    (void)state;
    progress_part_format(line, sizeof(line), 79, &r);
    assert_string_equal(line, "");
    r.what = "partition 2 of 3, ext4";
    progress_part_format(line, sizeof(line), 79, &r);
    assert_string_equal(line, "partition 2 of 3, ext4");
    r.part_done = 650000000;
    r.part_total = 1600000000;
    progress_part_format(line, sizeof(line), 79, &r);
    assert_string_equal(line, "partition 2 of 3, ext4: 40%, 650 MB of 1.6 GB");
    progress_part_format(line, sizeof(line), 20, &r);
    assert_int_equal(strlen(line), 20);
    progress_text_format(line, sizeof(line), &r);
    assert_string_equal(line, "deploy  50%  950 MB of 1.9 GB   85 MB/s  0:11 left"
                              "  partition 2 of 3, ext4: 40%, 650 MB of 1.6 GB");
    progress_text_format(line, 30, &r);
    assert_int_equal(strlen(line), 29);
}

/* A terminal hands on what it gets in pieces of its own. */
static void read_all(int fd, char *ret, size_t size)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    for (size_t done = 0; done < size; done += (size_t)n) {
        if (poll(&p, 1, 60000) != 1)
            fail_msg("only this came: %s", ret);
        n = read(fd, ret + done, size - done);
        assert_true(n > 0);
    }
}

/* What a terminal of that size shows is asked of a pseudo terminal's other end. */
static void a_terminal_is_written_in_place(void **state)
{
    struct progress_report r = half;
    const struct winsize size = {.ws_col = 80, .ws_row = 25};
    char text[2048] = "";
    int master, slave;

    (void)state;
    r.what = "partition 2 of 3, ext4";
    setenv("TERM", "vt100", 1); /* nothing is drawn on a "dumb" one */
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    console_add(slave);
    console_progress(&r);
    console_progress(&r);
    console_line("a note");
    console_progress(&r);
    console_progress_end();
#define PART "partition 2 of 3, ext4\033[K\r\r\n"
#define BAR "deploy [=========>          ]  50%  950 MB of 1.9 GB   85 MB/s  0:11 left\033[K"
    const char *wanted = "\r" PART BAR "\r\033[A" PART BAR "\r\033[K\033[A\033[Ka note\r\r\n\r" PART BAR "\r\r\n";
    read_all(master, text, strlen(wanted));
    assert_string_equal(text, wanted);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes),
        cmocka_unit_test(times),
        cmocka_unit_test(a_line_for_80_columns),
        cmocka_unit_test(never_wider_than_asked),
        cmocka_unit_test(a_hundred_percent_is_the_end_only),
        cmocka_unit_test(a_pipe_gets_plain_lines_and_few),
        cmocka_unit_test(the_part_has_its_own_line),
        cmocka_unit_test(a_terminal_is_written_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
