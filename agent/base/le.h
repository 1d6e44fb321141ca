/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Little-endian numbers in bytes of any alignment. */
#ifndef SLIPWAY_AGENT_LE_H
#define SLIPWAY_AGENT_LE_H

#include <stdint.h>

static inline uint16_t le16_read(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le32_read(const uint8_t *p)
{
    return (uint32_t)le16_read(p) | (uint32_t)le16_read(p + 2) << 16;
}

static inline uint64_t le64_read(const uint8_t *p)
{
    return (uint64_t)le32_read(p) | (uint64_t)le32_read(p + 4) << 32;
}

static inline void le16_write(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void le32_write(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

static inline void le64_write(uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

#endif
