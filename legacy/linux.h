/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a Linux kernel by the 32-bit boot protocol (Linux, Documentation/arch/x86/boot.rst). */
#ifndef SLIPWAY_LEGACY_LINUX_H
#define SLIPWAY_LEGACY_LINUX_H

#include "core/boot_entry.h"
#include "core/net_config.h"
#include "core/pxe_client.h"

/* Downloads what `entry` names from net->boot_server, tells so whom it concerns (core/confirmation.h) and starts it.
 * Returns only when that failed: *ret_error says why. */
void linux_boot(const struct pxe_client *client, const struct net_config *net, const struct boot_entry *entry,
                struct error_detail *ret_error);

#endif
