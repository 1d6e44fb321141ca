/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends what core/confirmation.h has to tell. */
#ifndef SLIPWAY_LEGACY_CONFIRM_H
#define SLIPWAY_LEGACY_CONFIRM_H

#include "core/pxe_client.h"

/* Every file of the boot item is in: tells so whom it concerns, from the leased address and port 68. That it failed is
 * nobody's business: it costs an entry in a log. */
void confirm_send(const struct pxe_client *c);

#endif
