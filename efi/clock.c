/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/clock.h"

#include "efi/system.h"

#define CALIBRATION_US 2000
/* No processor that runs UEFI counts slower than this; a smaller result means that the measurement failed. */
#define COUNTS_PER_MS_MIN 10000

static uint64_t clock_start;
static uint64_t clock_counts_per_ms;

uint64_t clock_counter(void)
{
    return __builtin_ia32_rdtsc();
}

void clock_init(void)
{
    uint64_t before = clock_counter();

    system_boot->Stall(CALIBRATION_US);
    clock_start = clock_counter();
    clock_counts_per_ms = (clock_start - before) / (CALIBRATION_US / 1000);
    if (clock_counts_per_ms < COUNTS_PER_MS_MIN)
        clock_counts_per_ms = COUNTS_PER_MS_MIN;
}

uint64_t clock_ms(void)
{
    return (clock_counter() - clock_start) / clock_counts_per_ms;
}
