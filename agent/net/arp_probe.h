/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has somebody the address that DHCP gave? ARP probes (core/arp.h) over a packet socket. */
#ifndef SLIPWAY_AGENT_ARP_PROBE_H
#define SLIPWAY_AGENT_ARP_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arp.h"

struct arp_probe {
    int fd; /* readable when there is a packet; -1: closed */
    int interface;
    uint8_t mac[6];
    struct ip4 address; /* asked for last */
};

/* Returns 0, or -1 with errno and *p closed. */
int arp_probe_open(struct arp_probe *p, const char *interface, const uint8_t mac[6]);

/* Asks who has `address`. A probe that is lost is repeated by who wants it. */
void arp_probe_send(struct arp_probe *p, struct ip4 address);

/* Takes one packet in. Returns true when it says that another machine, ret_mac, has the address asked for last. */
bool arp_probe_receive(struct arp_probe *p, uint8_t ret_mac[6]);

/* The whole of it: has another machine, ret_mac, `address`? Takes 150 ms when not. False, too, when it cannot be asked:
 * better an address that may be somebody else's than none. */
bool arp_probe_finds_owner(const char *interface, const uint8_t mac[6], struct ip4 address, uint8_t ret_mac[6]);

/* Takes a closed one too. */
void arp_probe_close(struct arp_probe *p);

#endif
