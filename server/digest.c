/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/sha512_lanes.h"

static unsigned processor_lanes(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return SHA512_LANES_AVX512;
    return __builtin_cpu_supports("avx2") ? SHA512_LANES_AVX2 : 0;
}

int digest_chunks(const uint8_t *const *data, const size_t *sizes, size_t count, uint8_t (*ret)[CHUNK_ID])
{
    size_t same = 0, i;

    while (same < count && sizes[same] == sizes[0])
        same++;
    for (i = sha512_256_lanes(processor_lanes(), data, same, same ? sizes[0] : 0, ret); i < count; i++)
        if (EVP_Digest(data[i], sizes[i], ret[i], NULL, EVP_sha512_256(), NULL) != 1)
            return -1;
    return 0;
}

int digest_file(const void *data, size_t size, char ret[CHUNK_HEX])
{
    uint8_t hash[CHUNK_ID];

    if (EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL) != 1)
        return -1;
    name_chunk_hex(hash, ret);
    return 0;
}

int digest_token(char ret[TOKEN_TEXT])
{
    uint8_t bytes[CHUNK_ID];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -1;
    name_chunk_hex(bytes, ret);
    return 0;
}
