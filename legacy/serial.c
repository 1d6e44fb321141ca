/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/serial.h"

#include "legacy/ports.h"
#include "legacy/real.h"

/* Registers of the 16550. */
enum { DATA, INTERRUPTS, FIFO, LINE, MODEM, STATUS };
enum { DIVISOR_LOW = DATA, DIVISOR_HIGH = INTERRUPTS };

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define FIFO_ON 0xc7 /* cleared, and 14 bytes at a time */
#define MODEM_READY 0x03
#define STATUS_RECEIVED 0x01
#define STATUS_ROOM 0x20
#define NOBODY 0xff /* what is read where nothing answers: BIOSes list ports that are switched off */
#define DIVISOR_115200 1
/* A port that never has room is no port. */
#define POLLS_MAX 100000

static uint16_t base; /* 0: none */

void serial_init(void)
{
    /* BIOS data area: the addresses of the serial ports. */
    const volatile uint16_t *ports = real_address((struct real_pointer){.segment = 0x40});

    base = ports[0];
    if (base == 0)
        return;
    port_write(base + INTERRUPTS, 0);
    port_write(base + LINE, LINE_DIVISOR | LINE_8N1);
    port_write(base + DIVISOR_LOW, DIVISOR_115200);
    port_write(base + DIVISOR_HIGH, 0);
    port_write(base + LINE, LINE_8N1);
    port_write(base + FIFO, FIFO_ON);
    port_write(base + MODEM, MODEM_READY);
    if (port_read(base + STATUS) == NOBODY)
        base = 0;
}

void serial_write(char c)
{
    uint32_t polls = 0;

    if (base == 0)
        return;
    while (!(port_read(base + STATUS) & STATUS_ROOM))
        if (++polls == POLLS_MAX) {
            base = 0;
            return;
        }
    port_write(base + DATA, (uint8_t)c);
}

bool serial_read(char *ret)
{
    if (base == 0 || !(port_read(base + STATUS) & STATUS_RECEIVED))
        return false;
    *ret = (char)port_read(base + DATA);
    return true;
}
