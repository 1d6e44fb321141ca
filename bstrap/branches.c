/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bstrap/branches.h"

#define BRANCH_MASK 0xfe
#define BRANCH 0xe8 /* CALL rel32; with bit 0 JMP rel32 */
#define BRANCH_SIZE 5

/* Distances that lead into the program, [-at, size - at), become places, [0, size). The distances whose values those
 * are, [size - at, size), get the values that are free then, [-at, 0). */
static int32_t resolve(int32_t value, int32_t at, int32_t size)
{
    if (value >= -at && value < size - at)
        return value + at;
    return value >= size - at && value < size ? value - size : value;
}

static int32_t restore(int32_t value, int32_t at, int32_t size)
{
    if (value >= 0 && value < size)
        return value - at;
    return value >= -at && value < 0 ? value + size : value;
}

static inline __attribute__((always_inline)) void change(uint8_t *program, int32_t size,
                                                         int32_t (*how)(int32_t value, int32_t at, int32_t size))
{
    for (int32_t at = 0; at + BRANCH_SIZE <= size; at++) {
        int32_t value;

        if ((program[at] & BRANCH_MASK) != BRANCH)
            continue;
        memcpy(&value, program + at + 1, sizeof(value));
        value = how(value, at, size);
        memcpy(program + at + 1, &value, sizeof(value));
        at += BRANCH_SIZE - 1;
    }
}

void branches_resolve(uint8_t *program, size_t size)
{
    change(program, (int32_t)size, resolve);
}

void branches_restore(uint8_t *program, size_t size)
{
    change(program, (int32_t)size, restore);
}
