/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler calls for a division of 64-bit numbers on a 32-bit processor. */
#include "core/base.h"

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *ret_rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);

/* Two steps, as on paper with digits of 32 bits. The clock divides several times for each packet. */
static uint64_t divide_by_32(uint64_t n, uint32_t d, uint64_t *ret_rest)
{
    uint32_t high = (uint32_t)(n >> 32), low = (uint32_t)n, quotient_high = high / d, rest = high % d;

    /* The processor's own division of 64 by 32 bits; rest < d, so the quotient fits. */
    __asm__("divl %2" : "+a"(low), "+d"(rest) : "r"(d) : "cc");
    *ret_rest = rest;
    return (uint64_t)quotient_high << 32 | low;
}

static uint64_t divide_by_bits(uint64_t n, uint64_t d, uint64_t *ret_rest)
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
    *ret_rest = rest;
    return quotient;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *ret_rest)
{
    return d != 0 && d >> 32 == 0 ? divide_by_32(n, (uint32_t)d, ret_rest) : divide_by_bits(n, d, ret_rest);
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    return __udivmoddi4(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    __udivmoddi4(n, d, &rest);
    return rest;
}
