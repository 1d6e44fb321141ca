/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler calls for a division of 64-bit numbers on a 32-bit processor. */
#include "core/base.h"

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *ret_rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);

/* Bit by bit, as on paper. Division by zero gives all ones. */
uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *ret_rest)
{
    uint64_t quotient = 0, rest = 0;

    for (int i = 63; i >= 0; i--) {
        bool carry = rest >> 63;

        rest = rest << 1 | (n >> i & 1);
        quotient <<= 1;
        if (carry || rest >= d) {
            rest -= d;
            quotient |= 1;
        }
    }
    if (ret_rest)
        *ret_rest = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    return __udivmoddi4(n, d, NULL);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    __udivmoddi4(n, d, &rest);
    return rest;
}
