/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet interfaces of the kernel: which there are, up, link, address. */
#ifndef SLIPWAY_AGENT_NET_INTERFACE_H
#define SLIPWAY_AGENT_NET_INTERFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/net_config.h"

struct net_interface {
    char name[IFNAMSIZ];
    uint8_t mac[6];
};

/* Lists the Ethernet interfaces that have a device behind them, by name. Returns how many, at most `max`. */
unsigned net_interface_list(struct net_interface *ret, unsigned max);

/* All return false with errno when the kernel refuses. */
bool net_interface_up(const char *name);
/* Address, netmask, MTU when given, and the default route when there is a gateway. A default route that exists is left.
 */
bool net_interface_configure(const char *name, const struct net_config *c);

/* Makes the VLAN `vlan` (1 to 4094) of the interface, unless it is there, and brings it up; ret_name is its own name. The
 * kernel's 8021q must be loaded. */
bool net_interface_join_vlan(const char *name, unsigned vlan, char ret_name[IFNAMSIZ]);

/* Whether the interface is up and has a link. */
bool net_interface_has_link(const char *name);

#endif
