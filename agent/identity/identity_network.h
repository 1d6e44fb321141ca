/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network of a deployed Linux system, for whoever manages it there. Cards are told apart by their MAC; what the
 * image says of the cards of the machine that it came from is put out of the way (identity_disable). */
#ifndef SLIPWAY_AGENT_IDENTITY_NETWORK_H
#define SLIPWAY_AGENT_IDENTITY_NETWORK_H

#include <jansson.h>

#include "agent/identity/identity_linux.h"

enum network_manager { NETWORK_NONE, NETWORK_NETPLAN, NETWORK_NM, NETWORK_NETWORKD, NETWORK_IFUPDOWN };

/* Which manager the system has installed and enabled; of several the first in the order above. */
enum network_manager identity_network_manager(int root);

/* Whether NetworkManager is installed and enabled, also behind netplan. */
bool identity_network_has_nm(int root);

/* The word for messages. */
const char *identity_network_manager_name(enum network_manager m);

/* Puts away what the image has for every manager, and persistent names of udev. Returns 0, or -1 with *f ("identity").
 */
int identity_network_clear(int root, struct failure *f);

/* Writes the networks of `id` for the manager found. None in `id`: all stays as it is. Networks, but no manager: -1
 * with *f ("identity"). */
int identity_network_write(const struct identity *id, int root, struct failure *f);

/* The MAC of network `i`, lower case: its own, or the card's that the machine booted from. */
void identity_network_mac(const struct identity *id, unsigned i, char ret[18]);

/* Which network sets up the card of network `i`: the one there without a VLAN, else the first. */
unsigned identity_network_card(const struct identity *id, unsigned i);

/* Two networks without a VLAN on one card, or one VLAN twice, cannot be set up: -1 with *f ("identity"). */
int identity_network_check(const struct identity *id, struct failure *f);

/* Of a network: the gateway of that family or NULL, whether it has addresses of that family. */
bool identity_network_is_v6(const char *address);
const char *identity_network_gateway(const struct identity_network *n, bool v6);
bool identity_network_has(const struct identity_network *n, bool v6);

/* netplan's (version 2) description, for itself or for cloud-init. NULL when out of memory. */
json_t *identity_network_plan(const struct identity *id, bool cloud);

/* How the interfaces(5) begins that identity_ifupdown_write makes; the image's own goes out of the way before. */
#define IDENTITY_INTERFACES_HEAD "# Written when this machine was deployed.\n"

/* One for each manager. */
int identity_netplan_write(const struct identity *id, int root, struct failure *f);
int identity_nm_write(const struct identity *id, int root, struct failure *f);
int identity_networkd_write(const struct identity *id, int root, struct failure *f);
int identity_ifupdown_write(const struct identity *id, int root, struct failure *f);

/* /etc/resolv.conf, where it is a plain file that nobody else writes. */
int identity_resolv_write(const struct identity *id, int root, struct failure *f);

#endif
