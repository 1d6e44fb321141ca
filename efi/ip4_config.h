/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway and the name servers of the firmware's own IPv4 configuration. Its HTTP service has no other way to a
 * server behind a router, or to a name. */
#ifndef SLIPWAY_EFI_IP4_CONFIG_H
#define SLIPWAY_EFI_IP4_CONFIG_H

#include "core/net_config.h"
#include "efi/nic.h"

/* Lends the firmware what `net` has of them. Nothing happens when that is done already, or where the firmware has no
 * such configuration: the connection then fails and says so. */
void ip4_config_lend(const struct nic *nic, const struct net_config *net);

/* Puts back what was there: the firmware keeps its configuration beyond a reset. Nothing happens when nothing was lent.
 */
void ip4_config_restore(void);

#endif
