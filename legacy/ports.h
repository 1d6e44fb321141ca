/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor's I/O ports and its time-stamp counter. */
#ifndef SLIPWAY_LEGACY_PORTS_H
#define SLIPWAY_LEGACY_PORTS_H

#include "core/base.h"

static inline void port_write(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint64_t counter_read(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

#endif
