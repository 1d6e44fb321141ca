/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>
#include <cmocka.h>

#include "server/index.h"

#define CHUNKS 3
#define SIZE (64 + 40 * CHUNKS + 40)

static void put(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void make(uint8_t bytes[SIZE])
{
    const uint64_t head[] = {48,         0x96824d9c7b129ff9u, 0xb000000000000000u, CHUNK_SIZE,
                             CHUNK_SIZE, CHUNK_SIZE,          UINT64_MAX,          0xe75b9e112f17417du};
    const uint64_t tail[] = {0, 0, 48, 16 + 40 * CHUNKS + 40, 0x4b4f050e5549ecd1u};

    for (int i = 0; i < 8; i++)
        put(bytes + 8 * i, head[i]);
    for (unsigned i = 0; i < CHUNKS; i++) {
        put(bytes + 64 + 40 * i, (uint64_t)CHUNK_SIZE * (i + 1) - (i == CHUNKS - 1 ? 1000 : 0));
        memset(bytes + 72 + 40 * i, (int)i + 1, 32);
    }
    for (int i = 0; i < 5; i++)
        put(bytes + SIZE - 40 + 8 * i, tail[i]);
}

static void refused(const uint8_t *bytes, size_t size)
{
    struct index x = {.count = 77};
    struct refusal r = {0};
    uint8_t *exact = malloc(size ? size : 1); /* so that the sanitizer sees a read behind the end */

    memcpy(exact, bytes, size);
    assert_int_equal(index_parse("x", exact, size, &x, &r), -1);
    assert_int_equal(r.status, 400);
    assert_string_equal(r.code, "bad-index");
    assert_int_equal(x.count, 77);
    free(exact);
}

static void test_good(void **state)
{
    uint8_t bytes[SIZE];
    struct index x;
    struct refusal r;

    (void)state;
    make(bytes);
    assert_int_equal(index_parse("x", bytes, SIZE, &x, &r), 0);
    assert_int_equal(x.count, CHUNKS);
    assert_int_equal(x.blob_size, CHUNKS * CHUNK_SIZE - 1000);
    assert_int_equal(index_chunk(&x, 2)[31], 3);
}

static void test_every_length(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    make(bytes);
    for (size_t size = 0; size < SIZE; size++)
        refused(bytes, size);
}

static void test_every_fixed_byte(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        if (i >= 64 && i < SIZE - 40)
            continue;
        make(bytes);
        bytes[i] ^= 1;
        refused(bytes, SIZE);
    }
}

static void test_offsets(void **state)
{
    const uint64_t bad[][CHUNKS] = {{0, 1, 2},
                                    {CHUNK_SIZE - 1, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE},
                                    {CHUNK_SIZE, CHUNK_SIZE, 2 * CHUNK_SIZE},
                                    {CHUNK_SIZE, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE + 1},
                                    {CHUNK_SIZE, 2 * CHUNK_SIZE, 2 * CHUNK_SIZE},
                                    {UINT64_MAX, CHUNK_SIZE, 2 * CHUNK_SIZE}};
    uint8_t bytes[SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        make(bytes);
        for (unsigned k = 0; k < CHUNKS; k++)
            put(bytes + 64 + 40 * k, bad[i][k]);
        refused(bytes, SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_every_length),
                                       cmocka_unit_test(test_every_fixed_byte), cmocka_unit_test(test_offsets)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
