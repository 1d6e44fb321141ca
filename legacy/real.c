/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/real.h"

#define FLAGS_INTERRUPTS 0x0202 /* IF, and the bit that is always set */
#define FLAGS_NONE 0x0002

_Static_assert(sizeof(struct real_registers) == 48, "start.S has these numbers");

void *real_address(struct real_pointer p)
{
    return (void *)(((uintptr_t)p.segment << 4) + p.offset);
}

struct real_pointer real_pointer(const void *p)
{
    return (struct real_pointer){.offset = (uintptr_t)p & 15, .segment = (uint16_t)((uintptr_t)p >> 4)};
}

void real_interrupt(uint8_t number, struct real_registers *r)
{
    const volatile uint32_t *vectors = (const volatile uint32_t *)real_address((struct real_pointer){0});
    uint32_t vector = vectors[number];

    r->entry = (struct real_pointer){.offset = (uint16_t)vector, .segment = (uint16_t)(vector >> 16)};
    r->flags = FLAGS_NONE; /* as the processor comes to a handler */
    r->stack[0] = FLAGS_INTERRUPTS;
    r->pushed = 1;
    real_call(r);
}

void real_far_call(struct real_pointer entry, struct real_registers *r)
{
    r->entry = entry;
    r->flags = FLAGS_INTERRUPTS;
    real_call(r);
}
