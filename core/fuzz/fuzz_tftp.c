/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transfer from an untrusted server. The input is a list of events: how many milliseconds pass (one byte), from which
 * port (one byte), size of the packet (two bytes, big-endian), the packet. An event of size 0 is a timer. */
#include <stdlib.h>
#include <string.h>

#include "core/tftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ip4 server = {{10, 0, 0, 1}};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sane(const struct tftp *t, const struct tftp_output *out, const uint8_t *packet, size_t size,
                         uint64_t taken)
{
    require(out->packet_size <= TFTP_REQUEST_MAX);
    require((out->send_port != 0) == (out->packet_size != 0));
    if (out->data != NULL) {
        require(out->data >= packet && out->data + out->data_size <= packet + size);
        require(out->data_offset == taken && out->data_size > 0);
        require(out->data_offset + out->data_size <= t->config.max_size);
    }
    require(t->state != TFTP_FAILED || t->error.code != PXE_OK);
    require(t->state != TFTP_DONE || t->size == t->received);
    require(memchr(t->error.received, 0, sizeof(t->error.received)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tftp_config config = {
        .server = server,
        .file = "f",
        .blksize = 1468,
        .windowsize = 4,
        .max_size = 4000,
        .timeout_ms = 100,
        .retries = 3,
    };
    static struct tftp t;
    static struct tftp_output out;
    uint64_t now = 0, taken = 0;

    memset(&out, 0xee, sizeof(out));
    tftp_start(&t, &config, now, &out);
    while (size >= 4) {
        size_t packet_size = (size_t)(data[2] << 8 | data[3]);
        uint16_t port = data[1];
        uint8_t *packet;

        now += data[0];
        data += 4;
        size -= 4;
        if (packet_size > size)
            packet_size = size;
        /* A copy, so that the sanitizer sees a read behind its end. */
        packet = malloc(packet_size ? packet_size : 1);
        if (packet_size > 0) {
            memcpy(packet, data, packet_size);
            tftp_packet(&t, server, port, packet, packet_size, now, &out);
        } else {
            now = t.wake_ms == UINT64_MAX ? now : t.wake_ms;
            tftp_timer(&t, now, &out);
        }
        require_sane(&t, &out, packet, packet_size, taken);
        taken += out.data_size;
        require(taken == t.received || t.state == TFTP_FAILED);
        free(packet);
        data += packet_size;
        size -= packet_size;
    }
    return 0;
}
