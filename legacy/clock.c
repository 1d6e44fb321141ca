/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/clock.h"

#include "legacy/ports.h"

/* 8254: channel 2, whose gate and output are bits of port 61h. */
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL2_MODE0 0xb0 /* both bytes of the count, output high when it is over */
#define GATE_PORT 0x61
#define GATE_ON 0x01
#define SPEAKER_ON 0x02
#define OUTPUT_HIGH 0x20
#define PIT_HZ 1193182
#define MEASURE_MS 10
/* A machine whose timer does not answer is taken for this fast, in kHz. */
#define FALLBACK_KHZ 1000000
#define POLLS_MAX 10000000

static uint64_t start;
static uint32_t per_ms;

void clock_init(void)
{
    uint8_t gate = port_read(GATE_PORT) & (uint8_t)~SPEAKER_ON;
    uint16_t count = PIT_HZ * MEASURE_MS / 1000;
    uint32_t polls = 0;

    port_write(GATE_PORT, gate & (uint8_t)~GATE_ON);
    port_write(PIT_COMMAND, PIT_CHANNEL2_MODE0);
    port_write(PIT_CHANNEL2, count & 0xff);
    port_write(PIT_CHANNEL2, (uint8_t)(count >> 8));
    port_write(GATE_PORT, gate | GATE_ON);
    start = counter_read();
    while (!(port_read(GATE_PORT) & OUTPUT_HIGH) && polls < POLLS_MAX)
        polls++;
    per_ms = (uint32_t)((counter_read() - start) / MEASURE_MS);
    port_write(GATE_PORT, gate);
    if (polls == POLLS_MAX || per_ms == 0)
        per_ms = FALLBACK_KHZ;
}

uint64_t clock_ms(void)
{
    return (counter_read() - start) / per_ms;
}

uint64_t clock_counter(void)
{
    return counter_read();
}
