/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sha512_lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 19

static uint8_t data[BLOCKS][256];
static const uint8_t *pointers[BLOCKS];

/* Block i is 256 bytes that count up from i. The expected digests are those of Python's hashlib ("sha512_256"). */
static const struct {
    unsigned block;
    size_t size;
    const char *hex;
} known[] = {
    {0, 128, "2ff11194b2aec1f943cb5f130ba647c151334068083194d7281a55d607ae255f"},
    {0, 256, "0837a11d994d5aa860d06917a8a0f63e3111b95633deeb15eed9949376f37d36"},
    {3, 128, "eb33407eaee9aa3068810d7923b157b00e59807984376e43706d6381ed2ec39a"},
    {3, 256, "75b20a957f0643c57e92daf80ef32c10ffcc36e8b9f92575c904ddbdf4f55d97"},
    {4, 128, "f8465c6d9d5f192406b115d629906c2b47f16b63600cbddf4e019ed8b4cc1f7b"},
    {4, 256, "2ccf38b8b62f5ecd3b4b24acde205149452f8f9f7d867fb4d2b7871e81ad737a"},
    {7, 128, "2c7f000becf7541a85f7d554414b27b2ad28aa93fee415672d2dee78664f01aa"},
    {7, 256, "94c56dc87286f09c32ce0b78a1f4c8c2e812d108888f5c95a307e3c91ab4a8c5"},
    {8, 128, "8e3d1712e9195ab39be2a2cd8756fc427a0dd4c73471859904f8350b693ff52b"},
    {8, 256, "87750eb81e61b91034ca589e36781b7b1c1d531e94fe6c9d6a4cbe48545bd9f7"},
    {12, 128, "255fb3bb13cb466bf7ba76eaff1203e6d29484ed3c36f7d540e84c2686fcbe58"},
    {12, 256, "b63282d01ffef3f5f65a684b654333b0068e345a9eb768a462e7cfb58fb2fc75"},
    {18, 128, "939491cdcaa1c09027fc3ddefb2b44fb0abed621011873bf48cff8e400a79660"},
    {18, 256, "9cf9428395fabbbf2801f4414eb6c8cd7117e47e7960d363d66b4a5327fe386a"},
};

static int setup(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++) {
        pointers[i] = data[i];
        for (unsigned k = 0; k < sizeof(data[i]); k++)
            data[i][k] = (uint8_t)(i + k);
    }
    return 0;
}

static void check_known(size_t size, size_t hashed, uint8_t (*digests)[SHA512_256_SIZE])
{
    for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
        char hex[2 * SHA512_256_SIZE + 1];
        if (known[k].size != size || known[k].block >= hashed)
            continue;
        for (unsigned i = 0; i < SHA512_256_SIZE; i++)
            snprintf(hex + 2 * i, 3, "%02x", digests[known[k].block][i]);
        assert_string_equal(hex, known[k].hex);
    }
}

static void check_width(unsigned lanes)
{
    for (size_t size = 128; size <= 256; size += 128)
        for (size_t count = 0; count <= BLOCKS; count++) {
            uint8_t digests[BLOCKS][SHA512_256_SIZE] = {{0}};
            size_t hashed = sha512_256_lanes(lanes, pointers, count, size, digests);
            assert_true(hashed <= count && count - hashed < 4);
            check_known(size, hashed, digests);
        }
}

static void test_avx2(void **state)
{
    (void)state;
    assert_true(__builtin_cpu_supports("avx2"));
    check_width(SHA512_LANES_AVX2);
}

/* The one width that not every builder of this has: there nothing is left to test. */
static void test_avx512(void **state)
{
    (void)state;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        check_width(SHA512_LANES_AVX512);
}

static void test_left_to_the_caller(void **state)
{
    uint8_t digests[BLOCKS][SHA512_256_SIZE];

    (void)state;
    assert_int_equal(sha512_256_lanes(0, pointers, BLOCKS, 128, digests), 0);
    assert_int_equal(sha512_256_lanes(SHA512_LANES_AVX2, pointers, BLOCKS, 100, digests), 0);
    assert_int_equal(sha512_256_lanes(SHA512_LANES_AVX2, pointers, 3, 128, digests), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_avx2),
        cmocka_unit_test(test_avx512),
        cmocka_unit_test(test_left_to_the_caller),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
