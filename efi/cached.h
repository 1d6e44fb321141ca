/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firmware's PXE client has already learned from the network. */
#ifndef SLIPWAY_EFI_CACHED_H
#define SLIPWAY_EFI_CACHED_H

#include "core/pxe_client.h"
#include "efi/nic.h"

/* Copies the packets of the PXE client that started Slipway and stops that client, so that the interface and the leased
 * address are Slipway's alone. Returns NULL when there is none, or none with an IPv4 lease. The packets stay good until
 * Slipway ends. */
const struct pxe_cached *cached_take(struct nic *nic);

/* Starts the firmware's PXE client again with the packets that cached_take found: an EFI image that is booted from the
 * network (shim, GRUB) looks there for its server. */
void cached_give_back(const struct nic *nic);

#endif
