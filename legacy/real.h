/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the BIOS and the PXE ROM, which live in real mode. */
#ifndef SLIPWAY_LEGACY_REAL_H
#define SLIPWAY_LEGACY_REAL_H

#include "core/base.h"

#define REAL_CARRY 1 /* in .flags: how the BIOS says that a call failed */

/* A pointer as real mode has it: segment and offset. */
struct real_pointer {
    uint16_t offset, segment;
};

/* start.S knows the layout. */
struct real_registers {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
    uint16_t ds, es;
    struct real_pointer entry; /* where to go */
    uint16_t flags;            /* before and after */
    uint16_t pushed;           /* words of .stack, of which [0] lies directly above the return address */
    uint16_t stack[4];
};

/* Goes to r->entry in real mode and comes back with what the registers are then. The callee returns by retf, or by iret
 * when stack[0] is its flags. */
void real_call(struct real_registers *r);

/* Interrupt `number` with the given registers. */
void real_interrupt(uint8_t number, struct real_registers *r);

/* A far call with the given registers and the words of .stack, and interrupts on. */
void real_far_call(struct real_pointer entry, struct real_registers *r);

/* The address of what real mode points to, and back. `p` must lie below 1 MiB. */
void *real_address(struct real_pointer p);
struct real_pointer real_pointer(const void *p);

#endif
