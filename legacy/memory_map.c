/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/memory_map.h"

#include "legacy/real.h"

#define SYSTEM 0x15
#define GET_MAP 0xe820
#define SMAP 0x534d4150
#define ENTRY_SIZE 20
#define RANGES_MAX 128 /* what boot_params has room for */

static struct memory_range map[RANGES_MAX];
static struct memory_ranges ranges = {.map = map};

static void read_map(void)
{
    static struct memory_range entry;
    uint32_t next = 0;

    /* A BIOS whose map leads in a circle of nothing must not keep the machine. */
    for (unsigned calls = 0; calls < RANGES_MAX; calls++) {
        struct real_pointer p = real_pointer(&entry);
        struct real_registers r = {
            .eax = GET_MAP, .ebx = next, .ecx = ENTRY_SIZE, .edx = SMAP, .edi = p.offset, .es = p.segment};

        real_interrupt(SYSTEM, &r);
        if (r.flags & REAL_CARRY || r.eax != SMAP)
            return;
        if (r.ecx >= ENTRY_SIZE && entry.size > 0)
            map[ranges.count++] = entry;
        next = r.ebx;
        if (next == 0)
            return;
    }
}

struct memory_ranges *memory_map(void)
{
    if (ranges.count == 0)
        read_map();
    return &ranges;
}
