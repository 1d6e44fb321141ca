/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP over IPv4 by hand (RFC 768, RFC 791), where no network stack does it: for the agent while the interface has no
 * address and the kernel would drop what is sent to the one that is being offered, and for slipway.efi where the
 * firmware's stack is too slow. */
#ifndef SLIPWAY_CORE_UDP_PACKET_H
#define SLIPWAY_CORE_UDP_PACKET_H

#include "core/base.h"

#define UDP_PACKET_HEADERS 28

struct udp_packet {
    struct ip4 src, dst;
    uint16_t src_port, dst_port;
    const uint8_t *data; /* points into what was parsed */
    size_t size;
};

/* Writes headers and data into `ret` (`room` bytes). Returns the length, or 0 when it does not fit. */
size_t udp_packet_build(uint8_t *ret, size_t room, const struct udp_packet *p);

/* Takes apart `size` bytes that begin with an IPv4 header. Returns false for what is not a whole, unfragmented UDP
 * datagram. The UDP checksum is not looked at: virtual cards leave it to be filled in by hardware that does not exist.
 */
bool udp_packet_parse(const uint8_t *bytes, size_t size, struct udp_packet *ret);

/* The UDP checksum of a packet that was parsed is right, or there is none. */
bool udp_packet_is_intact(const struct udp_packet *p);

#endif
