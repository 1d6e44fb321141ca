/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-512 of four blocks of data at once, one in each lane of an AVX2 register. */
#ifndef SLIPWAY_AGENT_SHA512_LANES_H
#define SLIPWAY_AGENT_SHA512_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA512_LANES 4
#define SHA512_BLOCK 128

/* Whether this processor can run sha512_lanes. */
bool sha512_lanes_supported(void);

/* Hashes `size` bytes (a multiple of SHA512_BLOCK) from each of the four pointers, starting from `initial`; the padding
 * is included, so that each of ret[i] is a finished state (FIPS 180-4, 6.4). Call only where sha512_lanes_supported. */
void sha512_lanes(const uint64_t initial[8], const uint8_t *const data[SHA512_LANES], size_t size,
                  uint64_t ret[SHA512_LANES][8]);

#endif
