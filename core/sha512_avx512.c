/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sha512_lanes.h"

#define LANES SHA512_LANES_AVX512
#define SHA512_TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define SHA512_INLINE static inline __attribute__((target("avx512f,avx512bw,avx512vl"), always_inline))

typedef uint64_t vec __attribute__((vector_size(64)));
typedef uint8_t vec_bytes __attribute__((vector_size(64)));
typedef uint8_t vec_unaligned __attribute__((vector_size(64), aligned(1)));

SHA512_INLINE vec load_big_endian(const uint8_t *p)
{
    vec_bytes b = *(const vec_unaligned *)p;

    return (vec)__builtin_shufflevector(b, b, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 23, 22, 21, 20, 19,
                                        18, 17, 16, 31, 30, 29, 28, 27, 26, 25, 24, 39, 38, 37, 36, 35, 34, 33, 32, 47,
                                        46, 45, 44, 43, 42, 41, 40, 55, 54, 53, 52, 51, 50, 49, 48, 63, 62, 61, 60, 59,
                                        58, 57, 56);
}

/* Eight big-endian words of each lane become eight registers that hold one word of every lane: single words, then
 * pairs, then halves change places. */
SHA512_INLINE void load_words(const uint8_t *const data[LANES], size_t offset, vec w[8])
{
    vec a[8], b[8];

    for (int i = 0; i < 8; i++)
        a[i] = load_big_endian(data[i] + offset);
    for (int i = 0; i < 8; i += 2) {
        b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < 8; i += i & 1 ? 3 : 1) {
        a[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        a[i + 2] = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (int i = 0; i < 4; i++) {
        w[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        w[i + 4] = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

#include "core/sha512_rounds.h"

SHA512_TARGET void sha512_lanes_avx512(const uint8_t *const data[LANES], size_t size, uint64_t state[8][LANES])
{
    compress_all(data, size, state);
}
