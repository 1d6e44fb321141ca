/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Big-endian numbers in bytes of any alignment. */
#ifndef SLIPWAY_AGENT_BE_H
#define SLIPWAY_AGENT_BE_H

#include <stdint.h>

static inline uint16_t be16_read(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32_read(const uint8_t *p)
{
    return (uint32_t)be16_read(p) << 16 | be16_read(p + 2);
}

static inline uint64_t be64_read(const uint8_t *p)
{
    return (uint64_t)be32_read(p) << 32 | be32_read(p + 4);
}

#endif
