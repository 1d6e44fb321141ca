/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP packets (RFC 826) that ask whether somebody has an address (RFC 5227, "ARP probe"): what follows an Ethernet
 * header of type ARP_ETHERTYPE. */
#ifndef SLIPWAY_CORE_ARP_H
#define SLIPWAY_CORE_ARP_H

#include "core/base.h"

#define ARP_ETHERTYPE 0x0806
#define ARP_PACKET_SIZE 28

/* The probe, to be broadcast. Its sender address is zero, so that it puts nothing false into anybody's ARP cache. */
void arp_probe_build(uint8_t ret[ARP_PACKET_SIZE], const uint8_t mac[6], struct ip4 address);

/* Does this packet say that another machine than `mac` has `address`, or is about to take it by a probe of its own (RFC
 * 5227 2.1.1)? `size` may be more than ARP_PACKET_SIZE: Ethernet pads. Fills ret_mac when it does. */
bool arp_is_conflict(const uint8_t *packet, size_t size, const uint8_t mac[6], struct ip4 address, uint8_t ret_mac[6]);

#endif
