/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/pxe_client over the ROM: packets, clock, keys, screen. */
#ifndef SLIPWAY_LEGACY_CLIENT_H
#define SLIPWAY_LEGACY_CLIENT_H

#include "core/pxe_client.h"
#include "legacy/program.h"
#include "legacy/rom_packets.h"

/* From the ROM's packets (use_cached), or from nothing, to a boot plan. Returns true when c->plan and c->net are valid,
 * false when c->error is. ESC outside the menu cancels (PXE_EA0). `c` is large: keep it off the stack. */
bool client_run(const struct program *p, const struct rom_packets *rom, bool use_cached, struct pxe_client *c);

#endif
