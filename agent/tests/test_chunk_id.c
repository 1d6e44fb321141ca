/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/zeros.h"
#include "agent/image/chunk_id.h"

#include "agent/tests/imaging_fixture.h"

static void check_id(const void *data, size_t size, const char *expected)
{
    uint8_t id[CHUNK_ID_SIZE];
    char text[CHUNK_TEXT_SIZE];

    chunk_id_compute(data, size, id);
    chunk_id_format(id, text);
    assert_string_equal(text, expected);
}

/* The examples that NIST publishes for SHA-512/256, and the empty message. */
static void test_known_answers(void **state)
{
    const char *two_blocks = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                             "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

    (void)state;
    check_id("abc", 3, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
    check_id(two_blocks, strlen(two_blocks), "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a");
    check_id("", 0, "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a");
}

static void test_lanes_equal_single(void **state)
{
    const size_t sizes[] = {128, 4096, 4224, CHUNK_SIZE - 128, 1000};
    uint8_t *data = malloc(13 * (size_t)CHUNK_SIZE), many[13][CHUNK_ID_SIZE], one[CHUNK_ID_SIZE];
    const uint8_t *each[13];

    (void)state;
    for (size_t i = 0; i < 13 * (size_t)CHUNK_SIZE; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    for (size_t i = 0; i < 13; i++)
        each[i] = data + i * CHUNK_SIZE + i;
    each[12] = data;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (size_t count = 0; count <= 13; count++) {
            chunk_id_compute_many(each, count, sizes[s], many);
            for (size_t i = 0; i < count; i++) {
                chunk_id_compute(each[i], sizes[s], one);
                assert_memory_equal(many[i], one, CHUNK_ID_SIZE);
            }
        }
    free(data);
}

static void test_text(void **state)
{
    uint8_t id[CHUNK_ID_SIZE], back[CHUNK_ID_SIZE];
    char text[CHUNK_TEXT_SIZE];

    (void)state;
    chunk_id_zeros(CHUNK_SIZE, id);
    chunk_id_format(id, text);
    assert_true(chunk_id_parse(text, back));
    assert_memory_equal(id, back, CHUNK_ID_SIZE);
    text[63] = 0;
    assert_false(chunk_id_parse(text, back));
    text[63] = 'g';
    assert_false(chunk_id_parse(text, back));
    assert_false(chunk_id_parse("", back));
    assert_false(chunk_id_parse("c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a0", back));
}

static void test_zero_bytes(void **state)
{
    uint8_t bytes[100] = {0};

    (void)state;
    assert_true(bytes_are_zero(bytes, 0));
    assert_true(bytes_are_zero(bytes, sizeof(bytes)));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 1;
        assert_false(bytes_are_zero(bytes, sizeof(bytes)));
        bytes[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_lanes_equal_single),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_zero_bytes),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
