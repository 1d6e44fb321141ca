/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksum files as publishers write them, and the names of split sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "agent/image/split_name.h"
#include "agent/source/source_sum.h"

#include <cmocka.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "BBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static uint8_t sum[64];

static bool parse(const char *text)
{
    memset(sum, 0, sizeof(sum));
    return source_sum_parse(text, "disk.raw", 32, sum);
}

static void the_usual_forms(void **state)
{
    (void)state;
    assert_true(parse(A "  disk.raw\n") && sum[0] == 0xaa && sum[31] == 0xaa);
    assert_true(parse(A " *disk.raw"));
    assert_true(parse(A "  ./disk.raw\r\n"));
    assert_true(parse("SHA256 (disk.raw) = " A "\n"));
    assert_true(parse("# a comment\n" B "  other.raw\n" A "  disk.raw\n") && sum[0] == 0xaa);
    assert_true(parse(A "  disk.raw.xz\n" B "  disk.raw\n") && sum[0] == 0xbb);
    assert_true(parse("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" A "  disk.raw\n"));
    assert_true(parse(A "\n"));
    assert_true(parse(A));
}

static void what_is_not_its_sum(void **state)
{
    (void)state;
    assert_false(parse(""));
    assert_false(parse(A "  other.raw\n"));
    assert_false(parse(A "  disk.raw.xz\n"));
    assert_false(parse(A "  a/disk.raw\n"));
    assert_false(parse(A "a  disk.raw\n"));
    assert_false(parse(A A "  disk.raw\n"));
    assert_false(parse("SHA256 (disk.raw) = abc\n"));
    assert_false(parse("SHA512 (disk.raw) = " A A "\n"));
    assert_false(parse("aaaa  disk.raw\n"));
    assert_false(parse("<html>" A "</html>"));
    assert_true(source_sum_parse(A A "  disk.raw\n", "disk.raw", 64, sum));
}

static void names_of_a_set(void **state)
{
    char name[32];

    (void)state;
    assert_true(split_name_format("a/disk.img", 1, name, sizeof(name)));
    assert_string_equal(name, "a/disk.img");
    assert_true(split_name_format("a/disk.img", 2, name, sizeof(name)));
    assert_string_equal(name, "a/disk.002");
    assert_true(split_name_format("a/disk.img", 1000, name, sizeof(name)));
    assert_string_equal(name, "a/disk.1000");
    assert_false(split_name_format("disk.raw", 2, name, sizeof(name)));
    assert_false(split_name_format(".img", 2, name, sizeof(name)));
    assert_false(split_name_format("disk.img", 2, name, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_forms),
        cmocka_unit_test(what_is_not_its_sum),
        cmocka_unit_test(names_of_a_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
