/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/pxe_client on one interface: sockets, clock, keys, screen. */
#ifndef SLIPWAY_EFI_DHCP_H
#define SLIPWAY_EFI_DHCP_H

#include "core/pxe_client.h"
#include "efi/nic.h"

/* From nothing, or from the firmware's packets (cached, may be NULL), to a boot plan. Returns true when c->plan and
 * c->net are valid, false when c->error is. ESC outside the menu cancels (PXE_EA0). `c` is large: keep it off the
 * stack. */
bool dhcp_run(struct nic *nic, const struct pxe_cached *cached, struct pxe_client *c);

#endif
