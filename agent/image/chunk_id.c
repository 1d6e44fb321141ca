/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/chunk_id.h"

#include <string.h>

#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#include "core/sha512_lanes.h"

void chunk_id_compute(const void *data, size_t size, uint8_t ret[CHUNK_ID_SIZE])
{
    mbedtls_sha512_context hash;
    uint8_t digest[64];

    /* The only failures mbedTLS has here are NULL contexts. */
    mbedtls_sha512_init(&hash);
    mbedtls_sha512_starts_ret(&hash, 0);
    memcpy(hash.state, sha512_256_initial, sizeof(hash.state));
    mbedtls_sha512_update_ret(&hash, data, size);
    mbedtls_sha512_finish_ret(&hash, digest);
    mbedtls_sha512_free(&hash);
    memcpy(ret, digest, CHUNK_ID_SIZE);
}

static unsigned processor_lanes(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return SHA512_LANES_AVX512;
    return __builtin_cpu_supports("avx2") ? SHA512_LANES_AVX2 : 0;
}

void chunk_id_compute_many(const uint8_t *const *data, size_t count, size_t size, uint8_t (*ret)[CHUNK_ID_SIZE])
{
    for (size_t i = sha512_256_lanes(processor_lanes(), data, count, size, ret); i < count; i++)
        chunk_id_compute(data[i], size, ret[i]);
}

void chunk_id_zeros(size_t size, uint8_t ret[CHUNK_ID_SIZE])
{
    static const uint8_t zeros[CHUNK_SIZE];

    chunk_id_compute(zeros, size < CHUNK_SIZE ? size : CHUNK_SIZE, ret);
}

void chunk_id_format(const uint8_t id[CHUNK_ID_SIZE], char ret[CHUNK_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < CHUNK_ID_SIZE; i++) {
        ret[2 * i] = digits[id[i] >> 4];
        ret[2 * i + 1] = digits[id[i] & 15];
    }
    ret[2 * CHUNK_ID_SIZE] = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool chunk_id_parse(const char *text, uint8_t ret[CHUNK_ID_SIZE])
{
    uint8_t id[CHUNK_ID_SIZE];

    for (unsigned i = 0; i < CHUNK_ID_SIZE; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0)
            return false;
        id[i] = (uint8_t)(high << 4 | low);
    }
    if (text[2 * CHUNK_ID_SIZE])
        return false;
    memcpy(ret, id, CHUNK_ID_SIZE);
    return true;
}

void file_sha256(const void *data, size_t size, uint8_t ret[CHUNK_ID_SIZE])
{
    mbedtls_sha256_ret(data, size, ret, 0);
}
