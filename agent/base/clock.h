/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CLOCK_H
#define SLIPWAY_AGENT_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment before the program started; stands still while the machine sleeps. */
uint64_t clock_ms(void);

#endif
