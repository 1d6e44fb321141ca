/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base.h"

bool ip4_is_zero(struct ip4 a)
{
    return (a.b[0] | a.b[1] | a.b[2] | a.b[3]) == 0;
}

bool ip4_equal(struct ip4 a, struct ip4 b)
{
    return bytes_equal(a.b, b.b, sizeof(a.b));
}

bool bytes_equal(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

size_t text_length(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n] != '\0')
        n++;
    return n;
}
