/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's BootOrder as a list of numbers, and the place of one more in it. */
#ifndef SLIPWAY_AGENT_BOOT_ORDER_H
#define SLIPWAY_AGENT_BOOT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#define BOOT_ORDER_MAX 512
#define BOOT_ORDER_NONE (-1)

enum boot_order_wish {
    BOOT_ORDER_NETWORK_FIRST,
    BOOT_ORDER_DISK_FIRST,
    BOOT_ORDER_KEEP, /* nothing that is there moves */
};

struct boot_order {
    uint16_t numbers[BOOT_ORDER_MAX];
    unsigned count;
};

/* The wish that a word names: network-first, disk-first, keep. Returns false when it names none. */
bool boot_order_parse(const char *word, enum boot_order_wish *ret);

/* Takes `number` out. Returns where it was, else BOOT_ORDER_NONE. */
int boot_order_remove(struct boot_order *o, uint16_t number);

/* Puts the deployed disk's entry `own` where the wish has it; all others keep their order among themselves. `first` is
 * the place of the first one that boots anything (what is before it are the firmware's applications). `network` is the
 * entry to boot by network, or BOOT_ORDER_NONE: network-first moves it to `first` and puts an `own` that is new right
 * behind it. With BOOT_ORDER_KEEP a new `own` goes to `vacant`, where one that it replaces was, else to the end. */
void boot_order_place(struct boot_order *o, enum boot_order_wish wish, unsigned first, uint16_t own, int network,
                      int vacant);

#endif
