/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A multicast transfer from an untrusted server. The input is a list of events: how many tenths of a second pass (one
 * byte), from which port (one byte; its highest bit: to the group), size of the packet (two bytes, big-endian), the
 * packet. An event of size 0 is a timer. */
#include <stdlib.h>
#include <string.h>

#include "core/mtftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SIZE 40000

static const struct ip4 server = {{10, 0, 0, 1}};
static bool taken[MAX_SIZE]; /* which bytes of the file */
static uint64_t taken_count;

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void take_data(const struct mtftp_output *out, const uint8_t *packet, size_t size)
{
    require(out->data >= packet && out->data + out->data_size <= packet + size);
    require(out->data_size > 0 && out->data_offset + out->data_size <= MAX_SIZE);
    for (size_t i = 0; i < out->data_size; i++) {
        require(!taken[out->data_offset + i]);
        taken[out->data_offset + i] = true;
    }
    taken_count += out->data_size;
}

static void require_sane(const struct mtftp *m, const struct mtftp_output *out)
{
    bool over = m->state == MTFTP_DONE || m->state == MTFTP_FAILED;

    require(out->packet_size <= TFTP_REQUEST_MAX);
    require((out->send_port != 0) == (out->packet_size != 0));
    require(over == (m->wake_ms == UINT64_MAX));
    require(m->state != MTFTP_FAILED || m->error.code != PXE_OK);
    require(m->state != MTFTP_DONE || (m->size == taken_count && mtftp_missed(m) == 0));
    require(m->received <= m->highest && (m->last == 0 || m->highest <= m->last));
    require(memchr(m->error.received, 0, sizeof(m->error.received)) != NULL);
}

static void step(struct mtftp *m, uint64_t *now, const uint8_t *event, size_t packet_size)
{
    static struct mtftp_output out;
    bool was_over = m->state == MTFTP_DONE || m->state == MTFTP_FAILED;
    uint8_t *packet = malloc(packet_size ? packet_size : 1);

    /* A copy, so that the sanitizer sees a read behind its end. */
    memcpy(packet, event + 4, packet_size);
    memset(&out, 0xee, sizeof(out));
    *now += event[0] * 100u;
    if (packet_size > 0) {
        mtftp_packet(m, server, event[1] & 0x7f, event[1] & 0x80, packet, packet_size, *now, &out);
    } else {
        if (m->wake_ms > *now && m->wake_ms != UINT64_MAX)
            *now = m->wake_ms;
        mtftp_timer(m, *now, &out);
    }
    if (out.data != NULL)
        take_data(&out, packet, packet_size);
    require(out.leave == (!was_over && m->wake_ms == UINT64_MAX));
    require_sane(m, &out);
    free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bitmap[MTFTP_BITMAP_SIZE(MAX_SIZE)];
    const struct mtftp_config config = {
        .server = server,
        .file = "f",
        .net = {{{239, 0, 0, 1}}, 1758, 69, 3, 1},
        .max_size = MAX_SIZE,
        .bitmap = bitmap,
        .bitmap_size = sizeof(bitmap),
        .timeout_ms = 100,
        .retries = 3,
        .opens = 3,
        .stall_ms = 20000,
    };
    static struct mtftp m;
    static struct mtftp_output out;
    uint64_t now = 0;

    memset(taken, 0, sizeof(taken));
    taken_count = 0;
    mtftp_start(&m, &config, now, &out);
    while (size >= 4) {
        size_t packet_size = (size_t)(data[2] << 8 | data[3]);

        if (packet_size > size - 4)
            packet_size = size - 4;
        step(&m, &now, data, packet_size);
        data += 4 + packet_size;
        size -= 4 + packet_size;
    }
    return 0;
}
