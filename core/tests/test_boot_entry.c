/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/boot_entry.h"

static struct boot_entry entry;
static struct error_detail detail;

/* Parses an exact copy, so that the sanitizer sees a read behind its end. */
static bool parse_bytes(const char *path, const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    bool ok;

    memcpy(copy, bytes, size);
    memset(&entry, 0xee, sizeof(entry));
    memset(&detail, 0xee, sizeof(detail));
    ok = boot_entry_parse(path, copy, size, &entry, &detail);
    free(copy);
    return ok;
}

static bool parse(const char *text)
{
    return parse_bytes("slipway/auto.conf", text, strlen(text));
}

static void assert_refused(const char *text, const char *received)
{
    assert_false(parse(text));
    assert_int_equal(detail.code, SLIPWAY_E01);
    assert_true(ip4_is_zero(detail.server));
    assert_string_equal(detail.received, received);
}

static void a_conf_is_known_by_its_name(void **state)
{
    (void)state;
    assert_true(boot_entry_is_conf("slipway/auto.conf"));
    assert_true(boot_entry_is_conf("A.CoNf"));
    assert_true(boot_entry_is_conf(".conf"));
    assert_false(boot_entry_is_conf("conf"));
    assert_false(boot_entry_is_conf("a.conf.efi"));
    assert_false(boot_entry_is_conf("a_conf"));
    assert_false(boot_entry_is_conf(""));
    assert_true(boot_entry_is_conf("http://h/auto.conf?mac=aa"));
    assert_false(boot_entry_is_conf("http://h/grubx64.efi?a.conf"));
    assert_false(boot_entry_is_conf("auto.conf?"));
}

static void a_whole_entry_is_read(void **state)
{
    (void)state;
    assert_true(parse("# Slipway automation\n"
                      "title   Slipway \xc3\xa9\n"
                      "\n"
                      "version 1\n"
                      "linux\tvmlinuz\n"
                      "initrd  initramfs.zst \n"
                      "initrd /other/extra.cpio\n"
                      "options quiet  console=ttyS0\t\n"
                      "   options panic=10\n"));
    assert_string_equal(entry.title, "Slipway \xc3\xa9");
    assert_string_equal(entry.linux_path, "slipway/vmlinuz");
    assert_int_equal(entry.initrd_count, 2);
    assert_string_equal(entry.initrd[0], "slipway/initramfs.zst");
    assert_string_equal(entry.initrd[1], "/other/extra.cpio");
    assert_string_equal(entry.options, "quiet  console=ttyS0 panic=10");
}

static void the_least_entry_is_read(void **state)
{
    (void)state;
    assert_true(parse("linux k"));
    assert_string_equal(entry.title, "");
    assert_string_equal(entry.linux_path, "slipway/k");
    assert_int_equal(entry.initrd_count, 0);
    assert_string_equal(entry.options, "");
}

static void windows_line_ends_and_mark_are_taken(void **state)
{
    (void)state;
    assert_true(parse("\xef\xbb\xbflinux k\r\n\r\ninitrd i\r\noptions a\r\n"));
    assert_string_equal(entry.linux_path, "slipway/k");
    assert_string_equal(entry.initrd[0], "slipway/i");
    assert_string_equal(entry.options, "a");
}

static void paths_are_relative_to_the_entry(void **state)
{
    (void)state;
    static const struct {
        const char *path, *linux_path, *want;
    } cases[] = {
        {"auto.conf", "k", "k"},
        {"/auto.conf", "k", "/k"},
        {"a/b/auto.conf", "c/k", "a/b/c/k"},
        {"a/auto.conf", "/k", "/k"},
        {"a/auto.conf", "http://10.0.0.2/k", "http://10.0.0.2/k"},
        {"http://10.0.0.2/a/auto.conf", "k", "http://10.0.0.2/a/k"},
        {"http://10.0.0.2/a/auto.conf", "/k", "http://10.0.0.2/k"},
        {"http://10.0.0.2/a/auto.conf", "http://h:8080/k", "http://h:8080/k"},
        {"", "k", "k"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64] = "linux ";

        strcat(text, cases[i].linux_path);
        assert_true(parse_bytes(cases[i].path, text, strlen(text)));
        assert_string_equal(entry.linux_path, cases[i].want);
    }
}

static void urls_that_cannot_be_fetched_are_refused(void **state)
{
    (void)state;
    assert_refused("linux https://h/k\n", "line 1: a URL other than http://HOST[:PORT]/PATH");
    assert_refused("linux k\ninitrd http://h:0/k\n", "line 2: a URL other than http://HOST[:PORT]/PATH");
    assert_refused("linux http://h#/k\n", "line 1: a URL other than http://HOST[:PORT]/PATH");
}

static void unknown_keys_are_ignored(void **state)
{
    (void)state;
    assert_true(parse("linux k\nlinuxx z\narchitecture x64\nLINUX q\nsort-key\nlinu\n"));
    assert_string_equal(entry.linux_path, "slipway/k");
}

static void empty_options_add_no_space(void **state)
{
    (void)state;
    assert_true(parse("options\nlinux k\noptions a\noptions \noptions b\n"));
    assert_string_equal(entry.options, "a b");
}

static void the_line_of_an_error_is_told(void **state)
{
    (void)state;
    assert_refused("", "line 0: the file ends without 'linux'");
    assert_refused("title x\n# y\n", "line 2: the file ends without 'linux'");
    assert_refused("linux\n", "line 1: a path is missing");
    assert_refused("linux k\n\ninitrd \n", "line 3: a path is missing");
    assert_refused("linux k\nlinux k\n", "line 2: a second 'linux'");
    assert_refused("linux k\noptions a\x1b[2J\n", "line 2: a control character: this is no text file");
    assert_refused("linux k\rinitrd x\n", "line 1: a control character: this is no text file");
    assert_refused("linux k\n# \x7f\n", "line 2: a control character: this is no text file");
}

static void a_binary_file_is_refused(void **state)
{
    (void)state;
    assert_false(parse_bytes("a.conf", "MZ\0\0linux k\n", 12));
    assert_string_equal(detail.received, "line 1: a control character: this is no text file");
}

static void more_than_eight_initrds_are_refused(void **state)
{
    (void)state;
    char text[256] = "linux k\n";

    for (int i = 0; i < 8; i++)
        strcat(text, "initrd i\n");
    assert_true(parse(text));
    assert_int_equal(entry.initrd_count, 8);
    strcat(text, "initrd i\n");
    assert_refused(text, "line 10: more than 8 'initrd'");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    char text[BOOT_ENTRY_OPTIONS + 64] = "linux ";
    const size_t folder = strlen("slipway/");

    memset(text + 6, 'k', BOOT_ENTRY_PATH - 1 - folder);
    assert_true(parse(text));
    assert_int_equal(strlen(entry.linux_path), BOOT_ENTRY_PATH - 1);
    strcat(text, "k");
    assert_refused(text, "line 1: the path is too long");

    memset(text, 0, sizeof(text));
    strcpy(text, "linux k\noptions ");
    memset(text + strlen(text), 'o', BOOT_ENTRY_OPTIONS - 1);
    assert_true(parse(text));
    assert_int_equal(strlen(entry.options), BOOT_ENTRY_OPTIONS - 1);
    strcat(text, "o");
    assert_refused(text, "line 2: 'options' are too long");
}

static void a_title_is_cut_and_made_safe(void **state)
{
    (void)state;
    char text[512] = "linux k\ntitle \xff";

    memset(text + strlen(text), 't', 200);
    assert_true(parse(text));
    assert_int_equal(strlen(entry.title), sizeof(entry.title) - 1);
    assert_int_equal(entry.title[0], '?');
}

/* Wherever a file is cut off, it is read or refused, never misread past its end. */
static void a_truncated_entry_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    static const char text[] = "title t\nlinux vmlinuz\ninitrd i\noptions quiet\n";

    const size_t linux_key = strlen("title t\nlinux "), initrd_key = strlen("title t\nlinux vmlinuz\ninitrd");

    for (size_t size = 0; size < sizeof(text); size++) {
        bool without_path = size <= linux_key || size == initrd_key || size == initrd_key + 1;

        assert_int_equal(parse_bytes("a.conf", text, size), !without_path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conf_is_known_by_its_name),
        cmocka_unit_test(a_whole_entry_is_read),
        cmocka_unit_test(the_least_entry_is_read),
        cmocka_unit_test(windows_line_ends_and_mark_are_taken),
        cmocka_unit_test(paths_are_relative_to_the_entry),
        cmocka_unit_test(urls_that_cannot_be_fetched_are_refused),
        cmocka_unit_test(unknown_keys_are_ignored),
        cmocka_unit_test(empty_options_add_no_space),
        cmocka_unit_test(the_line_of_an_error_is_told),
        cmocka_unit_test(a_binary_file_is_refused),
        cmocka_unit_test(more_than_eight_initrds_are_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_title_is_cut_and_made_safe),
        cmocka_unit_test(a_truncated_entry_is_read_as_far_as_it_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
