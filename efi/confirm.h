/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends what core/confirmation.h has to tell. */
#ifndef SLIPWAY_EFI_CONFIRM_H
#define SLIPWAY_EFI_CONFIRM_H

#include "core/pxe_client.h"
#include "efi/nic.h"

/* Every file of the boot item is in: tells so whom it concerns, from the leased address and port 68. Waits at most a
 * quarter of a second until the datagrams have left the machine. That it failed is nobody's business: it costs an entry
 * in a log. */
void confirm_send(const struct nic *nic, const struct pxe_client *c);

#endif
