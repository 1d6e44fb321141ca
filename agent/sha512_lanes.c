/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/sha512_lanes.h"

#include <immintrin.h>
#include <string.h>

/* FIPS 180-4, 4.2.3: fractional parts of the cube roots of the first eighty primes. */
static const uint64_t round_constants[80] = {
    0x428a2f98d728ae22ULL, 0x7137449123ef65cdULL, 0xb5c0fbcfec4d3b2fULL, 0xe9b5dba58189dbbcULL, 0x3956c25bf348b538ULL,
    0x59f111f1b605d019ULL, 0x923f82a4af194f9bULL, 0xab1c5ed5da6d8118ULL, 0xd807aa98a3030242ULL, 0x12835b0145706fbeULL,
    0x243185be4ee4b28cULL, 0x550c7dc3d5ffb4e2ULL, 0x72be5d74f27b896fULL, 0x80deb1fe3b1696b1ULL, 0x9bdc06a725c71235ULL,
    0xc19bf174cf692694ULL, 0xe49b69c19ef14ad2ULL, 0xefbe4786384f25e3ULL, 0x0fc19dc68b8cd5b5ULL, 0x240ca1cc77ac9c65ULL,
    0x2de92c6f592b0275ULL, 0x4a7484aa6ea6e483ULL, 0x5cb0a9dcbd41fbd4ULL, 0x76f988da831153b5ULL, 0x983e5152ee66dfabULL,
    0xa831c66d2db43210ULL, 0xb00327c898fb213fULL, 0xbf597fc7beef0ee4ULL, 0xc6e00bf33da88fc2ULL, 0xd5a79147930aa725ULL,
    0x06ca6351e003826fULL, 0x142929670a0e6e70ULL, 0x27b70a8546d22ffcULL, 0x2e1b21385c26c926ULL, 0x4d2c6dfc5ac42aedULL,
    0x53380d139d95b3dfULL, 0x650a73548baf63deULL, 0x766a0abb3c77b2a8ULL, 0x81c2c92e47edaee6ULL, 0x92722c851482353bULL,
    0xa2bfe8a14cf10364ULL, 0xa81a664bbc423001ULL, 0xc24b8b70d0f89791ULL, 0xc76c51a30654be30ULL, 0xd192e819d6ef5218ULL,
    0xd69906245565a910ULL, 0xf40e35855771202aULL, 0x106aa07032bbd1b8ULL, 0x19a4c116b8d2d0c8ULL, 0x1e376c085141ab53ULL,
    0x2748774cdf8eeb99ULL, 0x34b0bcb5e19b48a8ULL, 0x391c0cb3c5c95a63ULL, 0x4ed8aa4ae3418acbULL, 0x5b9cca4f7763e373ULL,
    0x682e6ff3d6b2b8a3ULL, 0x748f82ee5defb2fcULL, 0x78a5636f43172f60ULL, 0x84c87814a1f0ab72ULL, 0x8cc702081a6439ecULL,
    0x90befffa23631e28ULL, 0xa4506cebde82bde9ULL, 0xbef9a3f7b2c67915ULL, 0xc67178f2e372532bULL, 0xca273eceea26619cULL,
    0xd186b8c721c0c207ULL, 0xeada7dd6cde0eb1eULL, 0xf57d4f7fee6ed178ULL, 0x06f067aa72176fbaULL, 0x0a637dc5a2c898a6ULL,
    0x113f9804bef90daeULL, 0x1b710b35131c471bULL, 0x28db77f523047d84ULL, 0x32caab7b40c72493ULL, 0x3c9ebe0a15c9bebcULL,
    0x431d67c49c100d4cULL, 0x4cc5d4becb3e42b6ULL, 0x597f299cfc657e2aULL, 0x5fcb6fab3ad6faecULL, 0x6c44198c4a475817ULL,
};

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

bool sha512_lanes_supported(void)
{
    return __builtin_cpu_supports("avx2");
}

AVX2_INLINE __m256i rotate(__m256i x, int n)
{
    return _mm256_or_si256(_mm256_srli_epi64(x, n), _mm256_slli_epi64(x, 64 - n));
}

AVX2_INLINE __m256i add(__m256i a, __m256i b)
{
    return _mm256_add_epi64(a, b);
}

AVX2_INLINE __m256i xor3(__m256i a, __m256i b, __m256i c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

/* Four big-endian words of each lane become four registers that hold one word of every lane. */
AVX2_INLINE void load_words(const uint8_t *const data[SHA512_LANES], size_t offset, __m256i w[4])
{
    const __m256i swap = _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
                                          15, 14, 13, 12, 11, 10, 9, 8);
    __m256i row[4];

    for (int i = 0; i < 4; i++)
        row[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(data[i] + offset)), swap);
    __m256i low01 = _mm256_unpacklo_epi64(row[0], row[1]), high01 = _mm256_unpackhi_epi64(row[0], row[1]);
    __m256i low23 = _mm256_unpacklo_epi64(row[2], row[3]), high23 = _mm256_unpackhi_epi64(row[2], row[3]);
    w[0] = _mm256_permute2x128_si256(low01, low23, 0x20);
    w[1] = _mm256_permute2x128_si256(high01, high23, 0x20);
    w[2] = _mm256_permute2x128_si256(low01, low23, 0x31);
    w[3] = _mm256_permute2x128_si256(high01, high23, 0x31);
}

AVX2_INLINE __m256i next_word(const __m256i w[16], unsigned t)
{
    __m256i a = w[(t + 1) & 15], b = w[(t + 14) & 15];
    __m256i s0 = xor3(rotate(a, 1), rotate(a, 8), _mm256_srli_epi64(a, 7));
    __m256i s1 = xor3(rotate(b, 19), rotate(b, 61), _mm256_srli_epi64(b, 6));

    return add(add(w[t & 15], s0), add(w[(t + 9) & 15], s1));
}

/* One round on s, where s[(8 - t + i) & 7] plays the part of the standard's variable number i: nothing is moved. */
AVX2_INLINE void round_step(__m256i s[8], unsigned t, __m256i word)
{
    __m256i *a = &s[(8 - t) & 7], *b = &s[(9 - t) & 7], *c = &s[(10 - t) & 7], *d = &s[(11 - t) & 7];
    __m256i *e = &s[(12 - t) & 7], *f = &s[(13 - t) & 7], *g = &s[(14 - t) & 7], *h = &s[(15 - t) & 7];
    __m256i choose = _mm256_xor_si256(*g, _mm256_and_si256(*e, _mm256_xor_si256(*f, *g)));
    __m256i majority = _mm256_or_si256(_mm256_and_si256(*a, *b), _mm256_and_si256(*c, _mm256_or_si256(*a, *b)));
    __m256i sum1 = xor3(rotate(*e, 14), rotate(*e, 18), rotate(*e, 41));
    __m256i sum0 = xor3(rotate(*a, 28), rotate(*a, 34), rotate(*a, 39));
    __m256i t1 = add(add(*h, word), add(sum1, choose));

    *d = add(*d, t1);
    *h = add(t1, add(sum0, majority));
}

AVX2 static void compress(__m256i state[8], const uint8_t *const data[SHA512_LANES], size_t offset)
{
    __m256i w[16], s[8];

    for (int i = 0; i < 4; i++)
        load_words(data, offset + 32 * (size_t)i, w + 4 * i);
    memcpy(s, state, sizeof(s));
    for (unsigned t = 0; t < 80; t += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++) {
            if (t)
                w[i] = next_word(w, i);
            round_step(s, i & 7, add(w[i], _mm256_set1_epi64x((long long)round_constants[t + i])));
        }
    }
    for (int i = 0; i < 8; i++)
        state[i] = add(state[i], s[i]);
}

AVX2 void sha512_lanes(const uint64_t initial[8], const uint8_t *const data[SHA512_LANES], size_t size,
                       uint64_t ret[SHA512_LANES][8])
{
    uint8_t padding[SHA512_BLOCK] = {0x80};
    const uint8_t *const tail[SHA512_LANES] = {padding, padding, padding, padding};
    __m256i state[8];

    for (int i = 0; i < 8; i++) {
        state[i] = _mm256_set1_epi64x((long long)initial[i]);
        padding[SHA512_BLOCK - 1 - i] = (uint8_t)((uint64_t)size * 8 >> (8 * i));
    }
    for (size_t offset = 0; offset < size; offset += SHA512_BLOCK)
        compress(state, data, offset);
    compress(state, tail, 0);
    for (int i = 0; i < 8; i++) {
        uint64_t words[SHA512_LANES];
        _mm256_storeu_si256((__m256i *)words, state[i]);
        for (int lane = 0; lane < SHA512_LANES; lane++)
            ret[lane][i] = words[lane];
    }
}
