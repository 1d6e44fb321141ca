/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's UUID from the firmware's SMBIOS tables. */
#ifndef SLIPWAY_EFI_SMBIOS_H
#define SLIPWAY_EFI_SMBIOS_H

#include "core/base.h"

/* The system UUID of structure type 1, bytes as they lie in the table: since SMBIOS 2.6 the first three fields are
 * little-endian, which is what DHCP option 97 wants. Returns false, and leaves ret alone, when there is none or it is
 * all zeros or all ones. */
bool smbios_uuid(uint8_t ret[16]);

#endif
