/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/confirm.h"

#include "core/confirmation.h"
#include "efi/clock.h"
#include "efi/system.h"
#include "efi/udp.h"

/* ARP for a server that has just sent a file is answered at once, or never. */
#define WAIT_MS 250

struct confirm {
    struct udp udp;
    uint8_t packet[DHCP_PACKET_MAX];
};

static void send(struct udp *udp, const struct pxe_client *c, const uint8_t *packet, size_t size)
{
    uint64_t deadline = clock_ms() + WAIT_MS;
    struct udp_datagram answer;
    struct ip4 server;
    uint16_t port;

    for (unsigned n = 0; confirmation_receiver(c, n, &server, &port); n++)
        udp_send(udp, server, port, packet, size);
    while (udp_is_sending(udp) && clock_ms() < deadline)
        if (udp_receive(udp, &answer))
            udp_release(udp);
}

void confirm_send(const struct nic *nic, const struct pxe_client *c)
{
    struct confirm *s = system_allocate(sizeof(*s));
    size_t size = s ? confirmation_write(c, s->packet, sizeof(s->packet)) : 0;

    if (size && udp_open(&s->udp, nic, &c->net, DHCP_CLIENT_PORT) == EFI_SUCCESS) {
        send(&s->udp, c, s->packet, size);
        udp_close(&s->udp);
    }
    system_free(s);
}
