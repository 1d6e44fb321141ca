/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of automation onto the network: which interface, and which address on it. */
#ifndef SLIPWAY_AGENT_NET_H
#define SLIPWAY_AGENT_NET_H

#include "agent/net/net_interface.h"
#include "core/net_config.h"

struct net {
    struct net_interface interface;
    struct net_config config;
    bool handed; /* the address came from the boot client: its lease is not known */
};

/* Brings the network up and returns when it is. The interface is the one with the MAC of BOOTIF= in `cmdline`, else the
 * first that has a link, or its VLAN where slipway.vlan= says so; the address comes from ip= there, else from DHCP.
 * While something is missing it says so on the console (no card, no link, no answer) and goes on trying: cards appear
 * late, and cables get plugged in. */
void net_start(const char *cmdline, struct net *ret);

#endif
