/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/progress_line.h"

static char buf[256];

static const char *line(const char *name, uint64_t done, uint64_t total, uint64_t elapsed_ms)
{
    struct text t;

    text_init(&t, buf, sizeof(buf));
    progress_line(&t, name, done, total, elapsed_ms);
    return buf;
}

static void test_progress_with_total(void **state)
{
    (void)state;
    assert_string_equal(line("vmlinuz", 3400000, 8200000, 200), "vmlinuz  3.4 of 8.2 MB  41 %  17.0 MB/s");
    assert_string_equal(line("vmlinuz", 0, 8200000, 0), "vmlinuz  0.0 of 8.2 MB  0 %  0.0 MB/s");
    assert_string_equal(line("vmlinuz", 8199999, 8200000, 1000), "vmlinuz  8.1 of 8.2 MB  99 %  8.1 MB/s");
    assert_string_equal(line("vmlinuz", 8200000, 8200000, 1000), "vmlinuz  8.2 of 8.2 MB  100 %  8.2 MB/s");
    assert_string_equal(line("x", 50, 100, 1), "x  0.0 of 0.1 kB  25 %  0.0 MB/s");
}

static void test_progress_without_total(void **state)
{
    (void)state;
    assert_string_equal(line("initrd", 12345678, 0, 1000), "initrd  12.3 MB  12.3 MB/s");
}

static void test_progress_takes_any_numbers(void **state)
{
    (void)state;
    line("x", UINT64_MAX, UINT64_MAX, 0);
    line("x", UINT64_MAX - 1, UINT64_MAX, UINT64_MAX);
    assert_string_equal(line("x", 5000000, 1, 1), "x  5000.0 of 0.0 kB  100 %  5000.0 MB/s");
}

static void test_progress_name_is_untrusted(void **state)
{
    (void)state;
    assert_string_equal(line("a\x1b[2Jb", 0, 0, 1), "a?[2Jb  0.0 kB  0.0 MB/s");
}

static void test_progress_done(void **state)
{
    struct text t;

    (void)state;
    text_init(&t, buf, sizeof(buf));
    progress_line_done(&t, "vmlinuz", 8200000, 512);
    assert_string_equal(buf, "vmlinuz  8.2 MB in 0.5 s  16.0 MB/s");
    text_init(&t, buf, sizeof(buf));
    progress_line_done(&t, "automation.conf", 312, 9);
    assert_string_equal(buf, "automation.conf  0.3 kB in 0.0 s  0.0 MB/s");
}

static void test_base_name(void **state)
{
    (void)state;
    assert_string_equal(progress_base_name("a/b/vmlinuz"), "vmlinuz");
    assert_string_equal(progress_base_name("boot\\x86\\wdsmgfw.efi"), "wdsmgfw.efi");
    assert_string_equal(progress_base_name("vmlinuz"), "vmlinuz");
    assert_string_equal(progress_base_name("a/"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_with_total),
        cmocka_unit_test(test_progress_without_total),
        cmocka_unit_test(test_progress_takes_any_numbers),
        cmocka_unit_test(test_progress_name_is_untrusted),
        cmocka_unit_test(test_progress_done),
        cmocka_unit_test(test_base_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
