/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ROM's own PXE client has sent and heard, and what that says of the machine. */
#ifndef SLIPWAY_LEGACY_ROM_PACKETS_H
#define SLIPWAY_LEGACY_ROM_PACKETS_H

#include "core/pxe_client.h"

struct rom_packets {
    bool has_lease;           /* .cached is worth to begin with */
    struct pxe_cached cached; /* points to memory that stays */
    uint8_t mac[6];           /* zero: the ROM has no packet at all */
    bool has_uuid;
    uint8_t uuid[16]; /* option 97 of the ROM's DISCOVER */
};

/* Asks the ROM. Always fills *ret. */
void rom_packets_read(struct rom_packets *ret);

#endif
