/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IEEE 802.1Q VLANs of an interface, by the firmware's VLAN configuration protocol (UEFI specification 2.10, 27.1). Each
 * VLAN is a handle of its own, below the interface's, with all of the network services. */
#ifndef SLIPWAY_EFI_VLAN_H
#define SLIPWAY_EFI_VLAN_H

#include <efi.h>

#include "core/base.h"

/* The VLAN (1 to 4094) that a handle with this device path is of; 0: none. */
uint16_t vlan_of_path(const EFI_DEVICE_PATH *path);

/* Makes the VLAN `id` of the interface `parent`, or finds it where the firmware is configured with it, and connects the
 * network services to it. Returns EFI_UNSUPPORTED when the firmware has no VLANs for the interface, else the status of
 * what failed. ret_created: the VLAN was not there before, and the firmware keeps it until vlan_remove, beyond a reset
 * too. */
EFI_STATUS vlan_create(EFI_HANDLE parent, uint16_t id, EFI_HANDLE *ret_handle, bool *ret_created);
void vlan_remove(EFI_HANDLE parent, uint16_t id);

#endif
