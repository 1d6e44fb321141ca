/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows' text (UTF-16, little-endian) and ours (UTF-8). */
#ifndef SLIPWAY_AGENT_UTF16_H
#define SLIPWAY_AGENT_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes `text`, without its NUL, to ret[0..size). Returns how many bytes, or -1: `text` is no UTF-8 or too long. */
int utf16_encode(const char *text, uint8_t *ret, size_t size);

/* Reads `size` bytes up to the first NUL character, of any length; half a character and unpaired surrogates become '?'.
 * *ret is cut to what fits, at a character, and ends with a NUL. */
void utf16_decode(const uint8_t *bytes, size_t size, char *ret, size_t ret_size);

#endif
