/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bstrap/unlzma.h"

#define PROBABILITY_BITS 11
#define PROBABILITY_HALF (1 << (PROBABILITY_BITS - 1))
#define MOVE_BITS 5
#define RANGE_LEAST (1u << 24)

#define STATES 12
#define STATE_AFTER_MATCH 7 /* states below it: the last symbol was a literal */
#define LENGTH_STATES 4
#define LENGTH_LEAST 2
#define SLOT_BITS 6
#define SLOT_DIRECT 4 /* slots below it are distances themselves */
#define SLOT_ALIGN 14 /* from it on, the lowest ALIGN_BITS have probabilities of their own, the rest none */
#define ALIGN_BITS 4
#define SPECIAL_DISTANCES 115
#define DISTANCE_END 0xffffffff

struct lengths {
    uint16_t choice, choice2, low[8], middle[8], high[256];
};

/* All probabilities are of 16 bits, so that they can be set as one array. */
struct model {
    uint16_t is_match[STATES], is_repeat[STATES], is_repeat0[STATES], is_repeat1[STATES], is_repeat2[STATES],
        is_repeat0_long[STATES];
    uint16_t slot[LENGTH_STATES][1 << SLOT_BITS], special[SPECIAL_DISTANCES], align[1 << ALIGN_BITS];
    uint16_t literal[0x300];
    struct lengths match, repeat;
};

static struct model model;
static const uint8_t *in;
static uint32_t range, code;

static void normalize(void)
{
    if (range >= RANGE_LEAST)
        return;
    range <<= 8;
    code = code << 8 | *in++;
}

static unsigned get_bit(uint16_t *probability)
{
    uint32_t bound;

    normalize();
    bound = (range >> PROBABILITY_BITS) * *probability;
    if (code < bound) {
        range = bound;
        *probability += ((1 << PROBABILITY_BITS) - *probability) >> MOVE_BITS;
        return 0;
    }
    range -= bound;
    code -= bound;
    *probability -= *probability >> MOVE_BITS;
    return 1;
}

static unsigned get_direct_bits(unsigned count)
{
    unsigned value = 0;

    while (count--) {
        unsigned bit;

        normalize();
        range >>= 1;
        bit = code >= range;
        if (bit)
            code -= range;
        value = value << 1 | bit;
    }
    return value;
}

static unsigned get_tree(uint16_t *probabilities, unsigned bits)
{
    unsigned m = 1;

    while (m < 1u << bits)
        m = m << 1 | get_bit(&probabilities[m]);
    return m - (1u << bits);
}

/* The lowest bit comes first. */
static unsigned get_reverse_tree(uint16_t *probabilities, unsigned bits)
{
    unsigned m = 1, value = 0;

    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = get_bit(&probabilities[m]);

        m = m << 1 | bit;
        value |= bit << i;
    }
    return value;
}

static unsigned get_length(struct lengths *l)
{
    if (!get_bit(&l->choice))
        return get_tree(l->low, 3);
    if (!get_bit(&l->choice2))
        return 8 + get_tree(l->middle, 3);
    return 16 + get_tree(l->high, 8);
}

static uint32_t get_distance(unsigned length)
{
    unsigned slot = get_tree(model.slot[length < LENGTH_STATES ? length : LENGTH_STATES - 1], SLOT_BITS);
    unsigned bits = (slot >> 1) - 1;
    uint32_t distance = 2 | (slot & 1);

    if (slot < SLOT_DIRECT)
        return slot;
    if (slot < SLOT_ALIGN) {
        distance <<= bits;
        return distance + get_reverse_tree(model.special + distance - slot, bits);
    }
    distance = distance << (bits - ALIGN_BITS) | get_direct_bits(bits - ALIGN_BITS);
    return distance << ALIGN_BITS | get_reverse_tree(model.align, ALIGN_BITS);
}

/* `match`: the byte at the last distance where the symbol before was no literal, which this one differs from; else -1.
 */
static uint8_t get_literal(int match)
{
    unsigned m = 1;

    while (match >= 0 && m < 0x100) {
        unsigned expected = match >> 7 & 1, bit = get_bit(&model.literal[((1 + expected) << 8) + m]);

        m = m << 1 | bit;
        match = bit == expected ? (match << 1 & 0xff) : -1;
    }
    while (m < 0x100)
        m = m << 1 | get_bit(&model.literal[m]);
    return (uint8_t)m;
}

/* A distance that was used before moves to the front. Returns false for a single byte from the last distance. */
static bool get_repeat(unsigned state, uint32_t distances[4])
{
    unsigned which = 0;
    uint32_t distance;

    if (!get_bit(&model.is_repeat0[state]))
        return get_bit(&model.is_repeat0_long[state]);
    which = !get_bit(&model.is_repeat1[state]) ? 1 : 2 + get_bit(&model.is_repeat2[state]);
    distance = distances[which];
    for (; which > 0; which--)
        distances[which] = distances[which - 1];
    distances[0] = distance;
    return true;
}

static unsigned after_literal(unsigned state)
{
    if (state < 4)
        return 0;
    return state < 10 ? state - 3 : state - 6;
}

static void begin(const uint8_t *packed)
{
    uint16_t *probabilities = (uint16_t *)&model;

    for (size_t i = 0; i < sizeof(model) / sizeof(*probabilities); i++)
        probabilities[i] = PROBABILITY_HALF;
    in = packed + 1; /* always 0 */
    range = 0xffffffff;
    code = 0;
    for (unsigned i = 0; i < 4; i++)
        code = code << 8 | *in++;
}

size_t unlzma(const uint8_t *packed, uint8_t *ret)
{
    uint32_t distances[4] = {0};
    unsigned state = 0, length;
    uint8_t *out = ret;

    begin(packed);
    for (;;) {
        bool was_literal = state < STATE_AFTER_MATCH;

        if (!get_bit(&model.is_match[state])) {
            uint8_t byte = get_literal(was_literal ? -1 : *(out - distances[0] - 1));

            *out++ = byte;
            state = after_literal(state);
            continue;
        }
        if (!get_bit(&model.is_repeat[state])) {
            length = LENGTH_LEAST + get_length(&model.match);
            for (unsigned i = 3; i > 0; i--)
                distances[i] = distances[i - 1];
            distances[0] = get_distance(length - LENGTH_LEAST);
            if (distances[0] == DISTANCE_END)
                return (size_t)(out - ret);
            state = was_literal ? 7 : 10;
        } else if (get_repeat(state, distances)) {
            length = LENGTH_LEAST + get_length(&model.repeat);
            state = was_literal ? 8 : 11;
        } else {
            length = 1;
            state = was_literal ? 9 : 11;
        }
        for (; length > 0; length--, out++)
            *out = *(out - distances[0] - 1);
    }
}
