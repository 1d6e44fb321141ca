/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two hashes of the image format, and random tokens. */
#ifndef SLIPWAY_SERVER_DIGEST_H
#define SLIPWAY_SERVER_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "server/names.h"

/* SHA-512/256 (FIPS 180-4, 5.3.6) of `count` blocks of sizes[i] bytes; those of the size of the first, side by side
 * where the processor can. Returns 0, or -1 when the library fails. */
int digest_chunks(const uint8_t *const *data, const size_t *sizes, size_t count, uint8_t (*ret)[CHUNK_ID]);

/* SHA-256 as 64 lower-case hexadecimal digits. Returns 0, or -1 when the library fails. */
int digest_file(const void *data, size_t size, char ret[CHUNK_HEX]);

/* 32 random bytes as 64 hexadecimal digits. Returns 0, or -1 when there is no randomness. */
int digest_token(char ret[TOKEN_TEXT]);

#endif
