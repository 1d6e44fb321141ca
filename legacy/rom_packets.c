/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/rom_packets.h"

#include "legacy/pxe.h"

#define UUID_TYPE 0 /* the first byte of option 97; RFC 4578 2.3 */

static uint8_t ack[DHCP_PACKET_MAX], reply[DHCP_PACKET_MAX], discover[DHCP_PACKET_MAX];
static struct dhcp_packet packet;

static void read_uuid(struct rom_packets *ret)
{
    uint8_t value[1 + sizeof(ret->uuid)];
    size_t size;

    if (!dhcp_packet_option(&packet, DHCP_OPTION_UUID, value, sizeof(value), &size) || size != sizeof(value) ||
        value[0] != UUID_TYPE)
        return;
    memcpy(ret->uuid, value + 1, sizeof(ret->uuid));
    ret->has_uuid = true;
}

void rom_packets_read(struct rom_packets *ret)
{
    size_t ack_size = pxe_cached(PXE_CACHED_ACK, ack, sizeof(ack));
    size_t reply_size = pxe_cached(PXE_CACHED_REPLY, reply, sizeof(reply));
    size_t discover_size = pxe_cached(PXE_CACHED_DISCOVER, discover, sizeof(discover));

    /* Without a ProxyDHCP the ROM gives the DHCPACK a second time. */
    if (reply_size == ack_size && bytes_equal(ack, reply, ack_size))
        reply_size = 0;
    *ret = (struct rom_packets){.cached = {.ack = ack, .ack_size = ack_size, .proxy = reply, .proxy_size = reply_size}};
    ret->has_lease = dhcp_packet_parse(&packet, ack, ack_size);
    if (dhcp_packet_parse(&packet, discover, discover_size)) {
        memcpy(ret->mac, dhcp_packet_mac(&packet), sizeof(ret->mac));
        read_uuid(ret);
    } else if (dhcp_packet_parse(&packet, ack, ack_size)) {
        memcpy(ret->mac, dhcp_packet_mac(&packet), sizeof(ret->mac));
    }
}
