/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/load_option.h"

#define ROOT 0x02, 0x01, 0x0c, 0x00, 0xd0, 0x41, 0x03, 0x0a, 0, 0, 0, 0
#define END 0x7f, 0xff, 0x04, 0x00

static const struct load_option_partition esp = {
    .number = 1,
    .start = 2048,
    .size = 0x123456789,
    .signature = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 1},
    .signature_type = LOAD_OPTION_GUID,
};

static uint8_t bytes[512];

static size_t build(const char *title, const char *file)
{
    struct writer w;

    writer_init(&w, bytes, sizeof(bytes));
    load_option_write(&w, title, &esp, file);
    assert_false(w.failed);
    return w.length;
}

/* From an exact copy, so that the sanitizer sees a read behind its end. */
static bool parses(size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    struct load_option o;
    bool ok;

    memcpy(copy, bytes, size);
    ok = load_option_parse(copy, size, &o);
    free(copy);
    return ok;
}

static const char *file_of(const struct load_option *o)
{
    static char file[128];
    struct text t;

    text_init(&t, file, sizeof(file));
    load_option_file(o, &t);
    return file;
}

static void what_is_written_has_the_layout_of_the_specification(void **state)
{
    static const uint8_t expected[] = {
        1,    0,    0,    0,    62,   0,    'D',  0,    0,    0,    4,    1,    42,   0, 1,    0,    0,    0,
        0,    8,    0,    0,    0,    0,    0,    0,    0x89, 0x67, 0x45, 0x23, 1,    0, 0,    0,    0x11, 0x22,
        0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 1, 2,    2,    4,    4,
        16,   0,    '\\', 0,    'a',  0,    '.',  0,    'e',  0,    'f',  0,    0,    0, 0x7f, 0xff, 4,    0};

    (void)state;
    assert_int_equal(build("D", "\\a.ef"), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void what_is_written_is_read(void **state)
{
    struct load_option_partition p;
    struct load_option o;
    char title[64];
    uint8_t mac[6];
    struct text t;

    (void)state;
    assert_true(load_option_parse(bytes, build("Debian \xc3\xa9", "\\EFI\\debian\\shimx64.efi"), &o));
    assert_true(load_option_boots(&o));
    text_init(&t, title, sizeof(title));
    load_option_title(&o, &t);
    assert_string_equal(title, "Debian ??");
    assert_string_equal(file_of(&o), "\\EFI\\debian\\shimx64.efi");
    assert_true(load_option_partition(&o, &p));
    assert_int_equal(p.number, 1);
    assert_int_equal(p.start, 2048);
    assert_true(p.size == 0x123456789);
    assert_memory_equal(p.signature, esp.signature, 16);
    assert_int_equal(p.signature_type, LOAD_OPTION_GUID);
    assert_false(load_option_network(&o, mac));
}

static void every_cut_is_refused(void **state)
{
    size_t size = build("Debian", "\\EFI\\debian\\shimx64.efi");

    (void)state;
    for (size_t n = 0; n < size; n++)
        assert_false(parses(n));
    assert_true(parses(size));
    bytes[size] = 1;
    assert_true(parses(size + 1)); /* data for the loader */
}

static void a_path_that_is_none_is_refused(void **state)
{
    size_t size = build("D", "\\a");

    (void)state;
    bytes[12] = 3; /* a node shorter than its head */
    assert_false(parses(size));
    bytes[12] = 200; /* longer than the path */
    assert_false(parses(size));
    bytes[12] = 42;
    bytes[size - 3] = 1; /* the end of one instance only */
    assert_false(parses(size));
    bytes[size - 3] = 0xff;
    assert_true(parses(size));
    bytes[4] = 0; /* no path at all */
    assert_false(parses(size));
}

static void network_entries_are_told_from_others(void **state)
{
    static const uint8_t pxe[] = {1,
                                  0,
                                  0,
                                  0,
                                  12 + 37 + 27 + 4,
                                  0,
                                  'P',
                                  0,
                                  0,
                                  0,
                                  ROOT,
                                  0x03,
                                  0x0b,
                                  37,
                                  0,
                                  0x52,
                                  0x54,
                                  0,
                                  0x12,
                                  0x34,
                                  0x56,
                                  [10 + 12 + 37] = 0x03,
                                  0x0c,
                                  27,
                                  0,
                                  [10 + 12 + 37 + 27] = END};
    static const uint8_t http[] = {1,
                                   0,
                                   0,
                                   0,
                                   12 + 37 + 27 + 4 + 4,
                                   0,
                                   'H',
                                   0,
                                   0,
                                   0,
                                   ROOT,
                                   0x03,
                                   0x0b,
                                   37,
                                   0,
                                   0x52,
                                   0x54,
                                   0,
                                   0x12,
                                   0x34,
                                   0x56,
                                   [10 + 12 + 37] = 0x03,
                                   0x0c,
                                   27,
                                   0,
                                   [10 + 12 + 37 + 27] = 0x03,
                                   0x18,
                                   4,
                                   0,
                                   END};
    static const uint8_t expected[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    struct load_option_partition partition;
    struct load_option o;
    uint8_t mac[6];

    (void)state;
    assert_true(load_option_parse(pxe, sizeof(pxe), &o));
    assert_true(load_option_network(&o, mac));
    assert_memory_equal(mac, expected, 6);
    assert_string_equal(file_of(&o), "");
    assert_false(load_option_partition(&o, &partition));
    memcpy(bytes, pxe, sizeof(pxe));
    bytes[10 + 12 + 1] = 0x05; /* on a USB device that names no card */
    assert_true(load_option_parse(bytes, sizeof(pxe), &o));
    assert_false(load_option_network(&o, mac));
    assert_true(load_option_parse(http, sizeof(http), &o));
    assert_false(load_option_network(&o, mac));
}

static void a_name_in_two_nodes_is_one_name(void **state)
{
    static const uint8_t two[] = {1, 0, 0, 0, 24, 0,  0, 0,   4, 4,   10, 0, '\\', 0,  'E',
                                  0, 0, 0, 4, 4,  10, 0, 'b', 0, 'c', 0,  0, 0,    END};
    struct load_option o;

    (void)state;
    assert_true(load_option_parse(two, sizeof(two), &o));
    assert_string_equal(file_of(&o), "\\E\\bc");
}

static void applications_and_inactive_ones_do_not_boot(void **state)
{
    struct load_option o;
    size_t size = build("D", "\\a");

    (void)state;
    bytes[0] = 0;
    assert_true(load_option_parse(bytes, size, &o));
    assert_false(load_option_boots(&o));
    bytes[0] = 1;
    bytes[1] = 1;
    assert_true(load_option_parse(bytes, size, &o));
    assert_false(load_option_boots(&o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_has_the_layout_of_the_specification),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(a_path_that_is_none_is_refused),
        cmocka_unit_test(network_entries_are_told_from_others),
        cmocka_unit_test(a_name_in_two_nodes_is_one_name),
        cmocka_unit_test(applications_and_inactive_ones_do_not_boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
