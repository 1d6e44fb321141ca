/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/pe_image.h"

#define PE_AT 0x80
#define OPTIONAL_AT (PE_AT + 24)
#define OPTIONAL_SIZE 240
#define SECTIONS_AT (OPTIONAL_AT + OPTIONAL_SIZE)
#define TEXT_AT 0x400
#define TEXT_SIZE 0x600
#define SIGNATURE_AT (TEXT_AT + TEXT_SIZE)
#define SIGNATURE_SIZE 0x80
#define FILE_SIZE (SIGNATURE_AT + SIGNATURE_SIZE)

static uint8_t file[FILE_SIZE];

static void put16(size_t at, unsigned value)
{
    file[at] = value & 0xff;
    file[at + 1] = value >> 8 & 0xff;
}

static void put32(size_t at, uint32_t value)
{
    put16(at, value & 0xffff);
    put16(at + 2, value >> 16);
}

/* A program with one section and a Secure Boot signature behind it. */
static int make_file(void **state)
{
    (void)state;
    memset(file, 0, sizeof(file));
    memcpy(file, "MZ", 2);
    put32(60, PE_AT);
    memcpy(file + PE_AT, "PE\0\0", 4);
    put16(PE_AT + 4, PE_MACHINE_X64);
    put16(PE_AT + 6, 1);
    put16(PE_AT + 20, OPTIONAL_SIZE);
    put16(OPTIONAL_AT, 0x20b);
    put32(OPTIONAL_AT + 108, 16);
    put32(OPTIONAL_AT + 112 + 4 * 8, SIGNATURE_AT);
    put32(OPTIONAL_AT + 112 + 4 * 8 + 4, SIGNATURE_SIZE);
    memcpy(file + SECTIONS_AT, ".text", 5);
    put32(SECTIONS_AT + 16, TEXT_SIZE);
    put32(SECTIONS_AT + 20, TEXT_AT);
    return 0;
}

/* Checks a copy that ends where the file ends, so that the sanitizer sees any read behind it. */
static bool check(size_t size, char *reason, size_t reason_size)
{
    uint8_t *copy = malloc(size ? size : 1);
    struct text t;
    bool ret;

    assert_non_null(copy);
    memcpy(copy, file, size);
    text_init(&t, reason, reason_size);
    ret = pe_image_check(copy, size, PE_MACHINE_X64, &t);
    pe_image_has_section(copy, size, ".slipway");
    free(copy);
    return ret;
}

static void test_whole_file_passes(void **state)
{
    char reason[128];

    (void)state;
    assert_true(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "");
}

static void test_every_cut_is_noticed(void **state)
{
    char reason[128];

    (void)state;
    for (size_t size = 0; size < FILE_SIZE; size++) {
        assert_false(check(size, reason, sizeof(reason)));
        assert_true(reason[0] != '\0');
    }
    assert_string_equal(reason, "it has 2687 bytes, its header promises 2688");
}

static void test_cut_is_noticed_without_signature(void **state)
{
    char reason[128];

    (void)state;
    put32(OPTIONAL_AT + 112 + 4 * 8, 0);
    put32(OPTIONAL_AT + 112 + 4 * 8 + 4, 0);
    assert_true(check(SIGNATURE_AT, reason, sizeof(reason)));
    assert_false(check(SIGNATURE_AT - 1, reason, sizeof(reason)));
}

/* Headers without room for the signature's entry, of another kind, or with fewer entries: only the sections count. */
static void test_no_place_for_a_signature(void **state)
{
    char reason[128];

    (void)state;
    put16(OPTIONAL_AT, 0x10b);
    assert_true(check(SIGNATURE_AT, reason, sizeof(reason)));
    put16(OPTIONAL_AT, 0x20b);
    assert_false(check(SIGNATURE_AT, reason, sizeof(reason)));
    put32(OPTIONAL_AT + 108, 4);
    assert_true(check(SIGNATURE_AT, reason, sizeof(reason)));
    put32(OPTIONAL_AT + 108, 16);
    memmove(file + OPTIONAL_AT + 151, file + SECTIONS_AT, 40);
    put16(PE_AT + 20, 151); /* one byte too few */
    assert_true(check(SIGNATURE_AT, reason, sizeof(reason)));
    assert_false(check(SIGNATURE_AT - 1, reason, sizeof(reason)));
}

static void test_other_files_are_refused(void **state)
{
    char reason[128];

    (void)state;
    put16(PE_AT + 4, 0xaa64);
    assert_false(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "it is a program for another processor");
    put32(60, 0xfffffff0);
    assert_false(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "it has no PE header");
    memcpy(file, "<h", 2);
    assert_false(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "it does not begin with a program's header (MZ)");
}

static void test_numbers_that_overflow_are_refused(void **state)
{
    char reason[128];

    (void)state;
    put32(SECTIONS_AT + 16, 0xffffffff);
    put32(SECTIONS_AT + 20, 0xffffffff);
    assert_false(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "it has 2688 bytes, its header promises 8589934590");
    put16(PE_AT + 6, 0xffff);
    assert_false(check(FILE_SIZE, reason, sizeof(reason)));
    assert_string_equal(reason, "it ends inside its headers");
}

static void test_section_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_true(pe_image_has_section(file, FILE_SIZE, ".text"));
    assert_false(pe_image_has_section(file, FILE_SIZE, ".tex"));
    assert_false(pe_image_has_section(file, FILE_SIZE, ".slipway"));
    memcpy(file + SECTIONS_AT, ".slipway", 8);
    assert_true(pe_image_has_section(file, FILE_SIZE, ".slipway"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_whole_file_passes, make_file),
        cmocka_unit_test_setup(test_every_cut_is_noticed, make_file),
        cmocka_unit_test_setup(test_cut_is_noticed_without_signature, make_file),
        cmocka_unit_test_setup(test_no_place_for_a_signature, make_file),
        cmocka_unit_test_setup(test_other_files_are_refused, make_file),
        cmocka_unit_test_setup(test_numbers_that_overflow_are_refused, make_file),
        cmocka_unit_test_setup(test_section_is_found_by_its_whole_name, make_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
