/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP by the ROM. It has one connection for all: opened once, every port is told with each packet. */
#ifndef SLIPWAY_LEGACY_UDP_H
#define SLIPWAY_LEGACY_UDP_H

#include "core/base.h"
#include "core/net_config.h"

#define UDP_MAX 1472 /* what fits one Ethernet frame */

/* A datagram that came. `data` is good until the next udp_receive. */
struct udp_datagram {
    struct ip4 src, dst;
    uint16_t src_port, port; /* of the sender, and which of ours it was sent to */
    const uint8_t *data;
    size_t size;
};

/* All three return the ROM's status (pxe.h), 0 for success. udp_open takes an open one, and closes it first; address
 * zero: the ROM's own. */
uint16_t udp_open(struct ip4 address);
void udp_close(void);

/* Sends to `dst`, by the gateway of `net` (may be NULL: none is known) where that is not local. At most UDP_MAX bytes.
 */
uint16_t udp_send(const struct net_config *net, struct ip4 dst, uint16_t src_port, uint16_t dst_port, const void *data,
                  size_t size);

/* Polls for a datagram to any port. Returns false when there is none. */
bool udp_receive(struct udp_datagram *ret);

#endif
