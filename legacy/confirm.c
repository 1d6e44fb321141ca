/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/confirm.h"

#include "core/confirmation.h"
#include "legacy/udp.h"

static uint8_t packet[DHCP_PACKET_MAX];

void confirm_send(const struct pxe_client *c)
{
    size_t size = confirmation_write(c, packet, sizeof(packet));
    struct ip4 server;
    uint16_t port;

    for (unsigned n = 0; size && confirmation_receiver(c, n, &server, &port); n++)
        udp_send(&c->net, server, DHCP_CLIENT_PORT, port, packet, size);
}
