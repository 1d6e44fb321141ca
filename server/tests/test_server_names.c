/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>
#include <cmocka.h>

#include "server/names.h"

static void test_host_names(void **state)
{
    const char *const good[] = {"a", "PC-1", "0", "new-525400000001"};
    const char *const bad[] = {"", "-a", "a-", "a_b", "a.b", "a b", "a/b", "\xc3\xa9"};
    char name[66];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(name_host_problem(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(name_host_problem(bad[i]));
    memset(name, 'a', sizeof(name));
    name[64] = 0;
    assert_non_null(name_host_problem(name));
    name[63] = 0;
    assert_null(name_host_problem(name));
}

static void test_paths(void **state)
{
    (void)state;
    assert_true(name_is_image("debian-12_x.1"));
    assert_false(name_is_image("../x"));
    assert_false(name_is_image(".x"));
    assert_false(name_is_image("a/b"));
    assert_false(name_is_image(""));
    assert_true(name_is_index("part1.caibx"));
    assert_false(name_is_index(".caibx"));
    assert_false(name_is_index("a/b.caibx"));
    assert_false(name_is_index("part1.caibx.x"));
    assert_false(name_is_index("manifest.json"));
}

static void test_addresses(void **state)
{
    char mac[MAC_TEXT] = "untouched", uuid[UUID_TEXT] = "untouched";

    (void)state;
    assert_false(name_mac("52:54:00:12:34:5", mac));
    assert_false(name_mac("52:54:00:12:34:5g", mac));
    assert_false(name_mac("52:54:00:12:34:56:", mac));
    assert_string_equal(mac, "untouched");
    assert_true(name_mac("52-54-00-AB-CD-EF", mac));
    assert_string_equal(mac, "52:54:00:ab:cd:ef");
    assert_false(name_uuid("00000000-0000-0000-0000-000000000000", uuid));
    assert_false(name_uuid("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", uuid));
    assert_false(name_uuid("not a uuid", uuid));
    assert_string_equal(uuid, "untouched");
    assert_true(name_uuid("2A5C0000-0000-0000-0000-000000000001", uuid));
    assert_string_equal(uuid, "2a5c0000-0000-0000-0000-000000000001");
}

static void test_chunk_ids(void **state)
{
    const char *hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    uint8_t id[CHUNK_ID];
    char back[CHUNK_HEX];

    (void)state;
    assert_true(name_chunk_id(hex, id));
    name_chunk_hex(id, back);
    assert_string_equal(back, hex);
    assert_false(name_chunk_id("00", id));
    assert_false(name_chunk_id("00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff", id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_host_names), cmocka_unit_test(test_paths),
                                       cmocka_unit_test(test_addresses), cmocka_unit_test(test_chunk_ids)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
