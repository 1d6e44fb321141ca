/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-512/256 (FIPS 180-4) of several blocks of data at once, one in each lane of a vector register: what names the
 * chunks of an image, for the agent that sends them and the server that checks them. */
#ifndef SLIPWAY_CORE_SHA512_LANES_H
#define SLIPWAY_CORE_SHA512_LANES_H

#include <stddef.h>
#include <stdint.h>

#define SHA512_BLOCK 128
#define SHA512_256_SIZE 32
#define SHA512_LANES_AVX2 4
#define SHA512_LANES_AVX512 8

/* FIPS 180-4, 5.3.6.2: SHA-512/256 is SHA-512 from these values, cut to 32 bytes. */
extern const uint64_t sha512_256_initial[8];

/* Hashes blocks of `size` bytes each from the front of the `count` that `data` points to, while so many are left that
 * lanes are faster than one after another. `lanes` is what the processor has: SHA512_LANES_AVX512 (needs AVX-512 F, BW
 * and VL), SHA512_LANES_AVX2, or 0. Returns how many were hashed; the rest is for the caller, and all of them are when
 * `size` is no multiple of SHA512_BLOCK. */
size_t sha512_256_lanes(unsigned lanes, const uint8_t *const *data, size_t count, size_t size,
                        uint8_t (*ret)[SHA512_256_SIZE]);

/* One pass of each width, for sha512_256_lanes: the state of every lane after `size` bytes (a multiple of SHA512_BLOCK)
 * from `initial`, without padding. state[i][lane] is word i. */
void sha512_lanes_avx2(const uint8_t *const data[SHA512_LANES_AVX2], size_t size, uint64_t state[8][SHA512_LANES_AVX2]);
void sha512_lanes_avx512(const uint8_t *const data[SHA512_LANES_AVX512], size_t size,
                         uint64_t state[8][SHA512_LANES_AVX512]);

/* FIPS 180-4, 4.2.3. */
extern const uint64_t sha512_round_constants[80];

#endif
