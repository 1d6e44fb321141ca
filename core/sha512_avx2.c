/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sha512_lanes.h"

#define LANES SHA512_LANES_AVX2
#define SHA512_TARGET __attribute__((target("avx2")))
#define SHA512_INLINE static inline __attribute__((target("avx2"), always_inline))

typedef uint64_t vec __attribute__((vector_size(32)));
typedef uint8_t vec_bytes __attribute__((vector_size(32)));
typedef uint8_t vec_unaligned __attribute__((vector_size(32), aligned(1)));

/* Four big-endian words of each lane become four registers that hold one word of every lane. */
SHA512_INLINE void load_words(const uint8_t *const data[LANES], size_t offset, vec w[4])
{
    vec row[4];

    for (int i = 0; i < 4; i++) {
        vec_bytes b = *(const vec_unaligned *)(data[i] + offset);
        row[i] = (vec)__builtin_shufflevector(b, b, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 23, 22, 21,
                                              20, 19, 18, 17, 16, 31, 30, 29, 28, 27, 26, 25, 24);
    }
    vec low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
    vec high01 = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
    vec low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
    vec high23 = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
    w[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    w[1] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    w[2] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    w[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

#include "core/sha512_rounds.h"

SHA512_TARGET void sha512_lanes_avx2(const uint8_t *const data[LANES], size_t size, uint64_t state[8][LANES])
{
    compress_all(data, size, state);
}
