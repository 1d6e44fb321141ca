/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/a20.h"

#include "legacy/ports.h"
#include "legacy/real.h"

#define LINE 0x100000
#define PORT_SYSTEM_CONTROL 0x92
#define SYSTEM_CONTROL_A20 0x02
#define SYSTEM_CONTROL_RESET 0x01
/* Each reads a port, about a microsecond. */
#define CHECKS 10000

static volatile uint32_t low;

static bool is_on(void)
{
    const volatile uint32_t *high = (const volatile uint32_t *)((uintptr_t)&low + LINE);

    /* What is up there may be anything, and equal by chance; it is not written to, for it may be a download. */
    if (*high != low)
        return true;
    low = ~low;
    return *high != low;
}

static bool by_bios(void)
{
    struct real_registers r = {.eax = 0x2401};

    real_interrupt(0x15, &r);
    return is_on();
}

static bool by_port(void)
{
    uint8_t control = port_read(PORT_SYSTEM_CONTROL);

    port_write(PORT_SYSTEM_CONTROL, (uint8_t)((control | SYSTEM_CONTROL_A20) & ~SYSTEM_CONTROL_RESET));
    /* Hardware takes its time. */
    for (unsigned i = 0; i < CHECKS && !is_on(); i++)
        port_read(PORT_SYSTEM_CONTROL);
    return is_on();
}

bool a20_enable(void)
{
    return is_on() || by_bios() || by_port();
}
