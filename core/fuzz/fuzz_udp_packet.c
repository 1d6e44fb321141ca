/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever comes in on the packet socket before there is an address. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/udp_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct udp_packet p;

    if (udp_packet_parse(data, size, &p) && (p.data < data || p.size > size || p.data + p.size > data + size))
        abort();
    return 0;
}
