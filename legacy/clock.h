/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time that only goes forward, in milliseconds: the processor's time-stamp counter, measured against the interval timer
 * once. The BIOS's own tick counts in steps of 55 ms, and not at all while interrupts are off. */
#ifndef SLIPWAY_LEGACY_CLOCK_H
#define SLIPWAY_LEGACY_CLOCK_H

#include "core/base.h"

/* Takes 10 ms. */
void clock_init(void);

/* Milliseconds since clock_init. */
uint64_t clock_ms(void);

/* The raw counter: fast, and different from boot to boot. */
uint64_t clock_counter(void);

#endif
