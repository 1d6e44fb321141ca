/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What binds a system's network to the cards of the machine that it was set up on. */
#ifndef SLIPWAY_AGENT_NETWORK_RULES_H
#define SLIPWAY_AGENT_NETWORK_RULES_H

/* Removes, in the system at `root`: udev's persistent names of interfaces, the cards' addresses in ifcfg files and in
 * NetworkManager's profiles, systemd-networkd's files that match a card by its address alone or beside other things,
 * and an address that ifupdown would give to the card. netplan's files stay: what they match they also configure.
 * Returns how many files were changed or removed, or -1 with errno. */
int network_rules_unbind(int root);

#endif
