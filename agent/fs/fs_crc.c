/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/fs_crc.h"

/* Bit by bit would cost a second for each 100 GB of file system; nibbles need no table worth the name. */
static uint32_t step(uint32_t crc, uint8_t byte, const uint32_t table[16])
{
    crc ^= byte;
    crc = crc >> 4 ^ table[crc & 15];
    return crc >> 4 ^ table[crc & 15];
}

static void fill(uint32_t table[16], uint32_t polynomial)
{
    for (uint32_t i = 0; i < 16; i++) {
        table[i] = i;
        for (int bit = 0; bit < 4; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
    }
}

static uint32_t crc32(uint32_t crc, const void *data, size_t size, uint32_t polynomial)
{
    uint32_t table[16];

    fill(table, polynomial);
    for (size_t i = 0; i < size; i++)
        crc = step(crc, ((const uint8_t *)data)[i], table);
    return crc;
}

uint32_t fs_crc32c(uint32_t crc, const void *data, size_t size)
{
    return crc32(crc, data, size, 0x82f63b78);
}

uint32_t fs_crc32(uint32_t crc, const void *data, size_t size)
{
    return crc32(crc, data, size, 0xedb88320);
}

uint16_t fs_crc16(uint16_t crc, const void *data, size_t size)
{
    uint32_t table[16], value = crc;

    fill(table, 0xa001);
    for (size_t i = 0; i < size; i++)
        value = step(value, ((const uint8_t *)data)[i], table);
    return (uint16_t)value;
}
