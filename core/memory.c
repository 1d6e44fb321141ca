/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libc's memory functions for targets that have no libc. Weak, so that a firmware library may bring its own. */
#include "core/base.h"

#define WEAK __attribute__((weak))

/* Whole words make copying an initramfs several times faster than bytes do; the attributes allow any address. */
typedef size_t word __attribute__((may_alias, aligned(1)));

static void copy_upwards(uint8_t *d, const uint8_t *s, size_t n)
{
    for (; n >= sizeof(word); n -= sizeof(word), d += sizeof(word), s += sizeof(word))
        *(word *)d = *(const word *)s;
    for (; n > 0; n--)
        *d++ = *s++;
}

WEAK void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
    copy_upwards(dst, src, n);
    return dst;
}

WEAK void *memmove(void *dst, const void *src, size_t n)
{
    uint8_t *d = dst;
    const uint8_t *s = src;

    /* The distance wraps when dst lies below src: then, as without overlap, upwards is safe, because each word is
     * read before it or anything above it is written. */
    if ((uintptr_t)d - (uintptr_t)s >= n) {
        copy_upwards(d, s, n);
        return dst;
    }
    while (n > 0) {
        n--;
        d[n] = s[n];
    }
    return dst;
}

WEAK void *memset(void *dst, int c, size_t n)
{
    uint8_t *d = dst;
    word pattern = (size_t)-1 / 0xff * (uint8_t)c;

    for (; n >= sizeof(word); n -= sizeof(word), d += sizeof(word))
        *(word *)d = pattern;
    for (; n > 0; n--)
        *d++ = (uint8_t)c;
    return dst;
}

WEAK int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;

    for (; n > 0; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}
