/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps automation's lease while the work takes longer than it lasts: core/dhcp_lease over a UDP socket. */
#ifndef SLIPWAY_AGENT_LEASE_KEEP_H
#define SLIPWAY_AGENT_LEASE_KEEP_H

#include "agent/net/net.h"

/* Keeps the lease of *net from a thread of its own for the rest of the program's life, from the moment that the address
 * is set. What goes wrong is told on the console: the address is never given up in the middle of the work, as the RFC
 * would have it, for a disk half written is worse than an address that a server may give away. Without memory for a
 * thread, or a socket, the lease is not kept, which is told, too. */
void lease_keep_start(const struct net *net);

#endif
