/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "The boot file is in": what a boot client tells once every file of the boot item has been downloaded, just before it
 * starts the program.
 *
 *   DHCPINFORM  client -> UDP 4011 of whoever named the file    a PXE server that cares can note it
 *   DHCPINFORM  client -> UDP 8077 of the file's server         slipwayd notes it
 *
 * Each is sent once and needs no answer: a lost one costs an entry in a log. The packet is that of an ordinary PXE client
 * (options 53, 60, 77, 93, 94, 97, ciaddr, chaddr) with option 67 = the boot file, and, when a boot item was chosen,
 * option 43 = tag 71 {type, layer}. Servers that do not know it ignore it, or answer it as any DHCPINFORM. */
#ifndef SLIPWAY_CORE_CONFIRMATION_H
#define SLIPWAY_CORE_CONFIRMATION_H

#include "core/base.h"
#include "core/dhcp_packet.h"
#include "core/pxe_client.h"

/* slipwayd's TCP port, too. */
#define CONFIRMATION_PORT 8077

/* Whom to tell: n = 0, 1, ... Returns false behind the last one. The client's plan must be a file. */
bool confirmation_receiver(const struct pxe_client *c, unsigned n, struct ip4 *ret_server, uint16_t *ret_port);

/* Writes the packet of a client in PXE_DONE and returns its size, 0 when it does not fit `size` bytes (DHCP_PACKET_MAX do
 * for every client). */
size_t confirmation_write(const struct pxe_client *c, uint8_t *packet, size_t size);

struct confirmation {
    uint8_t mac[6];
    struct ip4 address;       /* as the packet has it */
    bool has_uuid;
    uint8_t uuid[16];         /* SMBIOS order */
    uint16_t arch;            /* option 93; 0xffff: not said */
    bool has_item;
    uint16_t type, layer;     /* of the boot item */
    char file[DHCP_FILE_MAX]; /* untrusted bytes, never empty */
};

/* Reads a datagram from anybody. Returns false, *ret untouched, when it is no confirmation: no whole DHCPINFORM of a PXE
 * client with a boot file. */
bool confirmation_read(struct confirmation *ret, const uint8_t *data, size_t size);

#endif
