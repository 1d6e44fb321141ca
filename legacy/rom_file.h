/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files through the ROM's own protocols, by the file calls that iPXE's PXE API has beside those of PXE 2.1. The ROM's
 * FILE_OPEN comes back when the server has answered, or when the ROM has given up; no key is seen so long. */
#ifndef SLIPWAY_LEGACY_ROM_FILE_H
#define SLIPWAY_LEGACY_ROM_FILE_H

#include "core/transfer.h"

/* A URL, as it is. Without file calls in the ROM it fails (SLIPWAY_E05). */
extern const struct transfer_kind rom_url_transfer;

/* A path of the TFTP server .server. Slipway's own TFTP follows where it cannot be opened: that says exactly why. */
extern const struct transfer_kind rom_tftp_transfer;

/* The ROM has file calls, and takes `path` in a URL as it is. */
bool rom_tftp_usable(const char *path);

#endif
