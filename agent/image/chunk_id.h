/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name of a chunk: SHA-512/256 (FIPS 180-4) of its uncompressed bytes, as casync and desync use it. */
#ifndef SLIPWAY_AGENT_CHUNK_ID_H
#define SLIPWAY_AGENT_CHUNK_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHUNK_SIZE (1024u * 1024u)
#define CHUNK_ID_SIZE 32
#define CHUNK_TEXT_SIZE 65 /* 64 hexadecimal digits and a NUL */

/* The id of `size` bytes. Cannot fail. */
void chunk_id_compute(const void *data, size_t size, uint8_t ret[CHUNK_ID_SIZE]);

/* The ids of `count` blocks of `size` bytes each, hashed side by side where the processor can. */
void chunk_id_compute_many(const uint8_t *const *data, size_t count, size_t size, uint8_t (*ret)[CHUNK_ID_SIZE]);

/* The id of `size` (at most CHUNK_SIZE) zero bytes. Hashes each time: callers keep the answer. */
void chunk_id_zeros(size_t size, uint8_t ret[CHUNK_ID_SIZE]);

void chunk_id_format(const uint8_t id[CHUNK_ID_SIZE], char ret[CHUNK_TEXT_SIZE]);

/* Reads exactly 64 lower- or upper-case hexadecimal digits and a NUL. Returns false, *ret untouched, for anything else.
 */
bool chunk_id_parse(const char *text, uint8_t ret[CHUNK_ID_SIZE]);

/* SHA-256 of a whole file in memory, for the manifest; the same 32 bytes and the same text form as an id. */
void file_sha256(const void *data, size_t size, uint8_t ret[CHUNK_ID_SIZE]);

#endif
