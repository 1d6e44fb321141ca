/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sha512_lanes.h"

#include "core/base.h"

#define LANES_MAX SHA512_LANES_AVX512

/* FIPS 180-4, 4.2.3: fractional parts of the cube roots of the first eighty primes. */
const uint64_t sha512_round_constants[80] = {
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

const uint64_t sha512_256_initial[8] = {
    0x22312194fc2bf72cULL, 0x9f555fa3c84c64c2ULL, 0x2393b86b6f53b151ULL, 0x963877195940eabdULL,
    0x96283ee2a88effe3ULL, 0xbe5e1e2553863992ULL, 0x2b0199fc2c85b8aaULL, 0x0eb72ddc81c52ca2ULL,
};

/* The last block: the end mark, zeros, and the length in bits. */
static void fill_padding(uint8_t padding[SHA512_BLOCK], size_t size)
{
    padding[0] = 0x80;
    for (unsigned i = 1; i < SHA512_BLOCK; i++)
        padding[i] = i < SHA512_BLOCK - 8 ? 0 : (uint8_t)((uint64_t)size * 8 >> (8 * (SHA512_BLOCK - 1 - i)));
}

static void store_digest(const uint64_t *words, size_t stride, uint8_t ret[SHA512_256_SIZE])
{
    for (unsigned i = 0; i < SHA512_256_SIZE; i++)
        ret[i] = (uint8_t)(words[i / 8 * stride] >> (56 - 8 * (i % 8)));
}

static void pass(unsigned lanes, const uint8_t *const *data, size_t size, uint64_t *state)
{
    if (lanes == SHA512_LANES_AVX512)
        sha512_lanes_avx512(data, size, (uint64_t(*)[SHA512_LANES_AVX512])state);
    else
        sha512_lanes_avx2(data, size, (uint64_t(*)[SHA512_LANES_AVX2])state);
}

/* Hashes up to `lanes` blocks; a missing lane repeats the first and its answer is dropped. */
static void hash_pass(unsigned lanes, const uint8_t *const *data, size_t count, size_t size,
                      uint8_t (*ret)[SHA512_256_SIZE])
{
    const uint8_t *in[LANES_MAX], *tail[LANES_MAX];
    uint64_t state[8 * LANES_MAX];
    uint8_t padding[SHA512_BLOCK];

    fill_padding(padding, size);
    for (unsigned lane = 0; lane < lanes; lane++) {
        in[lane] = data[lane < count ? lane : 0];
        tail[lane] = padding;
    }
    for (unsigned i = 0; i < 8 * lanes; i++)
        state[i] = sha512_256_initial[i / lanes];
    pass(lanes, in, size, state);
    pass(lanes, tail, SHA512_BLOCK, state);
    for (size_t i = 0; i < count; i++)
        store_digest(state + i, lanes, ret[i]);
}

/* A pass of either width takes as long as three to four blocks one after another. */
#define WORTH_A_PASS 4

size_t sha512_256_lanes(unsigned lanes, const uint8_t *const *data, size_t count, size_t size,
                        uint8_t (*ret)[SHA512_256_SIZE])
{
    size_t done = 0;

    if (size % SHA512_BLOCK != 0 || !lanes)
        return 0;
    while (count - done >= WORTH_A_PASS) {
        size_t n = count - done < lanes ? count - done : lanes;
        hash_pass(lanes, data + done, n, size, ret + done);
        done += n;
    }
    return done;
}
