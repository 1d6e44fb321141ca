/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/boot_order.h"

#include <string.h>

bool boot_order_parse(const char *word, enum boot_order_wish *ret)
{
    static const char *const words[] = {[BOOT_ORDER_NETWORK_FIRST] = "network-first",
                                        [BOOT_ORDER_DISK_FIRST] = "disk-first",
                                        [BOOT_ORDER_KEEP] = "keep"};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0) {
            *ret = (enum boot_order_wish)i;
            return true;
        }
    return false;
}

int boot_order_remove(struct boot_order *o, uint16_t number)
{
    for (unsigned i = 0; i < o->count; i++)
        if (o->numbers[i] == number) {
            memmove(&o->numbers[i], &o->numbers[i + 1], (o->count - i - 1) * sizeof(o->numbers[0]));
            o->count--;
            return (int)i;
        }
    return BOOT_ORDER_NONE;
}

static bool contains(const struct boot_order *o, uint16_t number)
{
    for (unsigned i = 0; i < o->count; i++)
        if (o->numbers[i] == number)
            return true;
    return false;
}

static void insert(struct boot_order *o, unsigned at, uint16_t number)
{
    if (o->count == BOOT_ORDER_MAX)
        o->count--;
    if (at > o->count)
        at = o->count;
    memmove(&o->numbers[at + 1], &o->numbers[at], (o->count - at) * sizeof(o->numbers[0]));
    o->numbers[at] = number;
    o->count++;
}

static void move(struct boot_order *o, unsigned to, uint16_t number)
{
    if (to < o->count && o->numbers[to] == number)
        return;
    boot_order_remove(o, number);
    insert(o, to, number);
}

void boot_order_place(struct boot_order *o, enum boot_order_wish wish, unsigned first, uint16_t own, int network,
                      int vacant)
{
    switch (wish) {
    case BOOT_ORDER_DISK_FIRST:
        move(o, first, own);
        return;
    case BOOT_ORDER_NETWORK_FIRST:
        if (network != BOOT_ORDER_NONE)
            move(o, first, (uint16_t)network);
        if (!contains(o, own))
            insert(o, network != BOOT_ORDER_NONE ? first + 1 : first, own);
        return;
    case BOOT_ORDER_KEEP:
        if (!contains(o, own))
            insert(o, vacant != BOOT_ORDER_NONE ? (unsigned)vacant : o->count, own);
        return;
    }
}
