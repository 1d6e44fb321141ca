/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/arp.h"

#include "core/cursor.h"

#define REQUEST 1
#define REPLY 2

/* Hardware type Ethernet, protocol IPv4, and the sizes of their addresses. */
static const uint8_t kind[] = {0, 1, 8, 0, 6, 4};

void arp_probe_build(uint8_t ret[ARP_PACKET_SIZE], const uint8_t mac[6], struct ip4 address)
{
    struct writer w;

    writer_init(&w, ret, ARP_PACKET_SIZE);
    writer_bytes(&w, kind, sizeof(kind));
    writer_u16(&w, REQUEST);
    writer_bytes(&w, mac, 6);
    writer_zeros(&w, 4 + 6);
    writer_ip4(&w, address);
}

bool arp_is_conflict(const uint8_t *packet, size_t size, const uint8_t mac[6], struct ip4 address, uint8_t ret_mac[6])
{
    const uint8_t *packet_kind, *sender;
    struct ip4 from, target;
    struct cursor c;
    uint16_t operation;

    cursor_init(&c, packet, size);
    packet_kind = cursor_bytes(&c, sizeof(kind));
    operation = cursor_u16(&c);
    sender = cursor_bytes(&c, 6);
    from = cursor_ip4(&c);
    cursor_bytes(&c, 6);
    target = cursor_ip4(&c);
    if (c.failed || !bytes_equal(packet_kind, kind, sizeof(kind)) || bytes_equal(sender, mac, 6))
        return false;
    if (operation != REQUEST && operation != REPLY)
        return false;
    if (!ip4_equal(from, address) && !(operation == REQUEST && ip4_is_zero(from) && ip4_equal(target, address)))
        return false;
    memcpy(ret_mac, sender, 6);
    return true;
}
