/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DHCP packet as a client sees it: parsed once, with every option found by one walk over options, file and sname. */
#ifndef SLIPWAY_CORE_DHCP_PACKET_H
#define SLIPWAY_CORE_DHCP_PACKET_H

#include "core/base.h"

#define DHCP_PACKET_MAX 1472 /* what fits one Ethernet frame; option 57 announces it */

struct dhcp_packet {
    size_t size;                   /* 0: empty */
    uint8_t bytes[DHCP_PACKET_MAX];
};

#endif
