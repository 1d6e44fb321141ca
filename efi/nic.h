/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network interfaces that can carry UDP, and which of them to boot from. */
#ifndef SLIPWAY_EFI_NIC_H
#define SLIPWAY_EFI_NIC_H

#include <efi.h>

#include "core/base.h"

#define NICS_MAX 16

struct nic {
    EFI_HANDLE handle;               /* carries the UDP4 service binding */
    EFI_SERVICE_BINDING *udp4;
    EFI_PXE_BASE_CODE_PROTOCOL *pxe; /* of the firmware's PXE client that started Slipway; NULL: started otherwise */
    uint8_t mac[6];
    bool link;                       /* the cable is in, or the interface cannot tell */
    EFI_HANDLE keeper;               /* see nic_keep */
};

/* Fills ret[0..] with the interfaces in the order in which to try them, at most `max`, and returns how many. Started by
 * the firmware's PXE client: the one interface that it used. Else all of them, those with a cable first; when the
 * firmware has not connected its network drivers, connects them. Returns 0 when no interface has UDP4. */
size_t nic_find(struct nic *ret, size_t max);

/* Keeps the interface running while nobody uses it: the firmware shuts an interface down with its last user, and a
 * real link then needs seconds to come back. nic_release undoes it. Failing does no harm. */
void nic_keep(struct nic *n);
void nic_release(struct nic *n);

#endif
