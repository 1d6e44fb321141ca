/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bstrap.0 as the ROM loads it: unpacks the program that it carries, and enters it as the ROM entered this one. */
#include "bstrap/branches.h"
#include "bstrap/unlzma.h"
#include "legacy/program.h"

/* payload.S */
extern const uint8_t payload[];

/* slipway.lds: behind everything that this program uses */
extern uint8_t bss_end[];

/* start.S */
void nbp_jump(const uint8_t *nbp, size_t size) __attribute__((noreturn));

void slipway_main(void)
{
    size_t size = unlzma(payload, bss_end);

    branches_restore(bss_end, size);
    nbp_jump(bss_end, size);
}
