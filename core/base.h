/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every file of core/ may assume: the compiler's own headers, and five helpers in place of libc. */
#ifndef SLIPWAY_CORE_BASE_H
#define SLIPWAY_CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 address in network order; all zero means "none". */
struct ip4 {
    uint8_t b[4];
};

bool ip4_is_zero(struct ip4 a);
bool ip4_equal(struct ip4 a, struct ip4 b);

/* The compiler may call the first three by itself, so they carry libc's names and contracts; where a libc is
 * linked (agent, host tests) its versions win because these are weak. */
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memset(void *dst, int c, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* Compares n bytes. */
bool bytes_equal(const void *a, const void *b, size_t n);

/* Length of a NUL-terminated string, at most max. */
size_t text_length(const char *s, size_t max);

#endif
