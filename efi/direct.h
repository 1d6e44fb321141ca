/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams straight from the interface's driver (EFI_SIMPLE_NETWORK), past the firmware's own stack, which needs
 * several times as long for each of them.
 *
 * The stack stays in charge of the interface. A frame that concerns this machine and is not for a socket here (ARP, a
 * fragment, somebody else's connection) ends the direct way until the last socket is closed; whoever sent it repeats
 * it, and then the stack gets it. */
#ifndef SLIPWAY_EFI_DIRECT_H
#define SLIPWAY_EFI_DIRECT_H

#include <efi.h>

#include "core/udp_packet.h"
#include "efi/nic.h"

/* A TFTP server sends no more than a window before it waits. */
#define DIRECT_FRAMES 64
#define DIRECT_FRAME_MAX 1536

/* Has its place in a list while it is open, so it must not move. */
struct direct {
    struct direct *next;
    struct ip4 address;
    uint16_t port; /* 0: closed */
    unsigned first, count;
    struct direct_frame {
        struct udp_packet packet;
        uint8_t bytes[DIRECT_FRAME_MAX];
    } frames[DIRECT_FRAMES];
};

/* From now on what comes to UDP `port` of `address` is taken here. Returns false, with *d closed, where the interface
 * has no driver of this kind, or another interface is open. Only while nothing but sockets of this kind needs the
 * interface. */
bool direct_open(struct direct *d, const struct nic *nic, struct ip4 address, uint16_t port);

/* Something has been taken already, before what the firmware's stack has got since. */
bool direct_waits(const struct direct *d);

/* The oldest datagram; looks at the interface when none waits. It is good until direct_release. NULL: nothing came, and
 * the firmware's stack may look for itself. */
const struct udp_packet *direct_receive(struct direct *d);
void direct_release(struct direct *d);

/* Takes a closed one too. */
void direct_close(struct direct *d);

#endif
