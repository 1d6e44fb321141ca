/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has somebody the address that DHCP gave? ARP probes (core/arp.h) as frames over the firmware's managed network: its
 * ARP service sends only in the name of an address that is in use already, and so would spoil the owner's neighbours.
 */
#ifndef SLIPWAY_EFI_ADDRESS_PROBE_H
#define SLIPWAY_EFI_ADDRESS_PROBE_H

#include <efi.h>

#include "core/arp.h"
#include "efi/efi_protocols.h"
#include "efi/nic.h"

/* The firmware holds pointers into an open one: it must not move. */
struct address_probe {
    EFI_SERVICE_BINDING *binding;
    EFI_HANDLE child; /* NULL: closed */
    struct managed_network *network;
    struct managed_network_token receive;
    uint8_t mac[6];
    struct ip4 address; /* asked for last */
};

/* Returns false, *p closed, where the firmware has no managed network for the interface. */
bool address_probe_open(struct address_probe *p, const struct nic *nic);

/* Asks who has `address`. A probe that is lost is repeated by who wants it. */
void address_probe_send(struct address_probe *p, struct ip4 address);

/* Polls. Returns true when another machine, ret_mac, says that it has the address asked for last. */
bool address_probe_receive(struct address_probe *p, uint8_t ret_mac[6]);

/* Takes a closed one too. */
void address_probe_close(struct address_probe *p);

#endif
