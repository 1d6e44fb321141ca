/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One UDP port on one interface, over a child of the firmware's UDP4. */
#ifndef SLIPWAY_EFI_UDP_H
#define SLIPWAY_EFI_UDP_H

#include <efi.h>

#include "core/base.h"
#include "core/net_config.h"
#include "efi/direct.h"
#include "efi/nic.h"

#define UDP_RECEIVE_TOKENS 16
#define UDP_SEND_TOKENS 4
#define UDP_SEND_MAX 1472    /* what fits one Ethernet frame */
#define UDP_GATHER_MAX 65536 /* a datagram that came in fragments */

struct udp_send_slot {
    EFI_UDP4_COMPLETION_TOKEN token;
    EFI_UDP4_SESSION_DATA session;
    EFI_UDP4_TRANSMIT_DATA data;
    uint8_t bytes[UDP_SEND_MAX];
};

/* The firmware holds pointers into an open struct udp: it must not move. */
struct udp {
    EFI_SERVICE_BINDING *binding;
    EFI_HANDLE child;             /* NULL: closed */
    EFI_UDP4 *udp4;
    EFI_UDP4_COMPLETION_TOKEN receive[UDP_RECEIVE_TOKENS];
    unsigned next;                /* the receive token that completes next */
    struct udp_send_slot send[UDP_SEND_TOKENS];
    bool configured;
    bool sent;                    /* at least one datagram left the machine */
    EFI_STATUS send_status;       /* of the last datagram that the firmware could not send */
    struct direct *direct;        /* NULL: everything comes through the firmware's stack */
    bool from_direct;             /* the datagram that is out came from there */
    uint8_t *gather;              /* UDP_GATHER_MAX bytes, made when the first fragments arrive */
};

struct udp_datagram {
    struct ip4 src, dst;
    uint16_t src_port;
    const uint8_t *data; /* the firmware's memory, good until udp_release */
    size_t size;
};

/* Opens `port` (0: any free one) with the address of `net`, or with 0.0.0.0 when net is NULL (DHCP before the lease).
 * The default gateway of `net` becomes the child's route. Returns the firmware's status; on failure *u is closed. */
EFI_STATUS udp_open(struct udp *u, const struct nic *nic, const struct net_config *net, uint16_t port);

/* Receives what is sent to the multicast address `group` and the port, too, until udp_close. Returns the firmware's
 * status. */
EFI_STATUS udp_join(struct udp *u, struct ip4 group);

/* Receives past the firmware's stack where that is possible (efi/direct.h says when it may be asked for). */
void udp_use_direct(struct udp *u, const struct nic *nic, const struct net_config *net);

/* Returns false when `size` is too large or all earlier datagrams still wait for the firmware (ARP). */
bool udp_send(struct udp *u, struct ip4 dst, uint16_t dst_port, const void *data, size_t size);

/* A datagram still waits for the firmware: udp_close would drop it. Only udp_receive lets the firmware work. */
bool udp_is_sending(const struct udp *u);

/* Polls the interface once if nothing has arrived yet. Returns true and fills *ret when there is a datagram; it must be
 * given back with udp_release before the next call. */
bool udp_receive(struct udp *u, struct udp_datagram *ret);
void udp_release(struct udp *u);

/* Takes a closed one too. */
void udp_close(struct udp *u);

#endif
