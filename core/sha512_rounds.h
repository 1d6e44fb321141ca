/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rounds of SHA-512 (FIPS 180-4, 6.4.2) over any width of vector. Who includes this has defined LANES, `vec` (LANES
 * words of 64 bits), SHA512_TARGET (an attribute) and load_words(). */
#ifndef SLIPWAY_CORE_SHA512_ROUNDS_H
#define SLIPWAY_CORE_SHA512_ROUNDS_H

#define ROTATE(x, n) ((x) >> (n) | (x) << (64 - (n)))

SHA512_INLINE vec next_word(const vec w[16], unsigned t)
{
    vec a = w[(t + 1) & 15], b = w[(t + 14) & 15];

    return w[t & 15] + (ROTATE(a, 1) ^ ROTATE(a, 8) ^ (a >> 7)) + w[(t + 9) & 15] +
           (ROTATE(b, 19) ^ ROTATE(b, 61) ^ (b >> 6));
}

/* One round on s, where s[(8 - t + i) & 7] plays the part of the standard's variable number i: nothing is moved. */
SHA512_INLINE void round_step(vec s[8], unsigned t, vec word)
{
    vec *a = &s[(8 - t) & 7], *b = &s[(9 - t) & 7], *c = &s[(10 - t) & 7], *d = &s[(11 - t) & 7];
    vec *e = &s[(12 - t) & 7], *f = &s[(13 - t) & 7], *g = &s[(14 - t) & 7], *h = &s[(15 - t) & 7];
    vec choose = *g ^ (*e & (*f ^ *g)), majority = (*a & *b) | (*c & (*a | *b));
    vec t1 = *h + word + choose + (ROTATE(*e, 14) ^ ROTATE(*e, 18) ^ ROTATE(*e, 41));

    *d += t1;
    *h = t1 + majority + (ROTATE(*a, 28) ^ ROTATE(*a, 34) ^ ROTATE(*a, 39));
}

/* LANES words of each lane are loaded at once; the rounds are unrolled by the sixteen words that they share. */
SHA512_INLINE void compress(vec state[8], const uint8_t *const data[LANES], size_t offset)
{
    vec w[16], s[8];

    for (size_t i = 0; i < 16; i += LANES)
        load_words(data, offset + 8 * i, w + i);
    for (int i = 0; i < 8; i++)
        s[i] = state[i];
    for (unsigned t = 0; t < 80; t += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++) {
            if (t)
                w[i] = next_word(w, i);
            round_step(s, i & 7, w[i] + sha512_round_constants[t + i]);
        }
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

SHA512_INLINE void compress_all(const uint8_t *const data[LANES], size_t size, uint64_t state[8][LANES])
{
    vec s[8];

    for (int i = 0; i < 8; i++)
        for (int lane = 0; lane < LANES; lane++)
            s[i][lane] = state[i][lane];
    for (size_t offset = 0; offset < size; offset += SHA512_BLOCK)
        compress(s, data, offset);
    for (int i = 0; i < 8; i++)
        for (int lane = 0; lane < LANES; lane++)
            state[i][lane] = s[i][lane];
}

#endif
