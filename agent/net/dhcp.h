/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Automation's own DHCP, for machines that were not started by slipway.efi: core/pxe_client over packet sockets. */
#ifndef SLIPWAY_AGENT_DHCP_H
#define SLIPWAY_AGENT_DHCP_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "core/net_config.h"

/* Asks for an address on `interface`, which is up and has a link. Takes as long as core/pxe_client takes to give up.
 * Returns 0, or -1 with *f. Sets nothing on the interface. */
int dhcp_run(const char *interface, const uint8_t mac[6], struct net_config *ret, struct failure *f);

/* A number that differs from machine to machine and boot to boot. Early in a boot the kernel may have no entropy yet:
 * MAC and clock do then. */
uint32_t dhcp_random(const uint8_t mac[6]);

#endif
