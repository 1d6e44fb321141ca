/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time that only goes forward, in milliseconds: the processor's time-stamp counter, measured against the firmware's
 * Stall() once. UEFI's own timer events tick in steps of 10 ms and stop while the firmware is busy. */
#ifndef SLIPWAY_EFI_CLOCK_H
#define SLIPWAY_EFI_CLOCK_H

#include "core/base.h"

/* Takes 2 ms. */
void clock_init(void);

/* Milliseconds since clock_init. */
uint64_t clock_ms(void);

/* The raw counter: fast, and different from boot to boot. */
uint64_t clock_counter(void);

#endif
