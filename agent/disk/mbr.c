/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/mbr.h"

#include <string.h>

#include "agent/base/le.h"

#define ENTRIES_AT 446
#define ENTRY_SIZE 16
#define HEADS 255u
#define SECTORS 63u
#define CYLINDERS 1024u

bool mbr_is_signed(const uint8_t sector[MBR_SIZE])
{
    return sector[MBR_SIGNATURE_AT] == 0x55 && sector[MBR_SIGNATURE_AT + 1] == 0xaa;
}

uint32_t mbr_disk_signature(const uint8_t sector[MBR_SIZE])
{
    return le32_read(sector + MBR_CODE_SIZE);
}

struct mbr_entry mbr_get(const uint8_t sector[MBR_SIZE], unsigned i)
{
    const uint8_t *e = sector + ENTRIES_AT + ENTRY_SIZE * i;

    return (struct mbr_entry){.status = e[0], .type = e[4], .start = le32_read(e + 8), .count = le32_read(e + 12)};
}

static void put_le32(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static void put_chs(uint8_t *p, uint32_t sector)
{
    uint32_t cylinder = sector / (HEADS * SECTORS), head = sector / SECTORS % HEADS, number = sector % SECTORS + 1;

    if (cylinder >= CYLINDERS) {
        memcpy(p, (const uint8_t[]){0xfe, 0xff, 0xff}, 3);
        return;
    }
    p[0] = (uint8_t)head;
    p[1] = (uint8_t)(number | (cylinder >> 8) << 6);
    p[2] = (uint8_t)cylinder;
}

void mbr_put(uint8_t sector[MBR_SIZE], unsigned i, const struct mbr_entry *e)
{
    const struct mbr_entry old = mbr_get(sector, i);
    uint8_t *p = sector + ENTRIES_AT + ENTRY_SIZE * i;

    p[0] = e->status;
    p[4] = e->type;
    if (old.start == e->start && old.count == e->count)
        return;
    put_le32(p + 8, e->start);
    put_le32(p + 12, e->count);
    put_chs(p + 1, e->start);
    put_chs(p + 5, e->start + e->count - 1);
}

bool mbr_is_extended(uint8_t type)
{
    return type == 0x05 || type == 0x0f || type == 0x85;
}

bool mbr_find_logical(const uint8_t sector[MBR_SIZE], int *ret_data, int *ret_link)
{
    *ret_data = *ret_link = -1;
    for (int i = 0; i < MBR_ENTRIES; i++) {
        struct mbr_entry e = mbr_get(sector, (unsigned)i);
        int *ret = mbr_is_extended(e.type) ? ret_link : ret_data;
        if (!e.type || !e.count)
            continue;
        if (*ret >= 0)
            return false;
        *ret = i;
    }
    return true;
}
