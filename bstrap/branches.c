/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bstrap/branches.h"

#define BRANCH_MASK 0xfe
#define BRANCH 0xe8 /* CALL rel32; with bit 0 JMP rel32 */
#define BRANCH_SIZE 5

static int32_t read_operand(const uint8_t *p)
{
    int32_t ret;

    memcpy(&ret, p + 1, sizeof(ret));
    return ret;
}

static void write_operand(uint8_t *p, int32_t value)
{
    memcpy(p + 1, &value, sizeof(value));
}

/* Distances that lead into the program, [-at, size - at), become places, [0, size). The distances whose values those
 * are, [size - at, size), get the values that are free then, [-at, 0). */
void branches_resolve(uint8_t *program, size_t size)
{
    int32_t end = (int32_t)size;

    for (int32_t at = 0; at + BRANCH_SIZE <= end; at++) {
        int32_t value;

        if ((program[at] & BRANCH_MASK) != BRANCH)
            continue;
        value = read_operand(program + at);
        if (value >= -at && value < end - at)
            write_operand(program + at, value + at);
        else if (value >= end - at && value < end)
            write_operand(program + at, value - end);
        at += BRANCH_SIZE - 1;
    }
}

void branches_restore(uint8_t *program, size_t size)
{
    int32_t end = (int32_t)size;

    for (int32_t at = 0; at + BRANCH_SIZE <= end; at++) {
        int32_t value;

        if ((program[at] & BRANCH_MASK) != BRANCH)
            continue;
        value = read_operand(program + at);
        if (value >= 0 && value < end)
            write_operand(program + at, value - at);
        else if (value >= -at && value < 0)
            write_operand(program + at, value + end);
        at += BRANCH_SIZE - 1;
    }
}
