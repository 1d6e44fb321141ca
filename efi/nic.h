/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network interfaces that can carry UDP, and which of them to boot from. */
#ifndef SLIPWAY_EFI_NIC_H
#define SLIPWAY_EFI_NIC_H

#include <efi.h>

#include "core/base.h"
#include "core/error.h"

#define NICS_MAX 16

struct nic {
    EFI_HANDLE handle; /* carries the UDP4 service binding */
    EFI_SERVICE_BINDING *udp4;
    EFI_PXE_BASE_CODE_PROTOCOL *pxe; /* of the firmware's PXE client that started Slipway; NULL: started otherwise */
    uint8_t mac[6];
    uint16_t vlan;       /* that the handle is of; 0: untagged */
    EFI_HANDLE untagged; /* where nic_join_vlan has made the VLAN; NULL: it was there, or there is none */
    uint16_t left_vlan;  /* see nic_leave_vlan; 0: none */
    bool link;           /* the cable is in, or the interface cannot tell */
    EFI_HANDLE keeper;   /* see nic_keep */
};

/* Fills ret[0..] with the interfaces in the order in which to try them, at most `max`, and returns how many. Started by
 * the firmware's PXE client: the one interface that it used. Else all of them, those with a cable first; when the
 * firmware has not connected its network drivers, connects them. Returns 0 when no interface has UDP4. */
size_t nic_find(struct nic *ret, size_t max);

/* Takes the interfaces to a VLAN (1 to 4094). Those that cannot, and VLANs that the firmware is configured with
 * besides, are dropped. Returns how many are left; with 0, *ret_error says why. An interface that left the network of
 * the firmware's PXE client has no .pxe. */
size_t nic_join_vlan(struct nic *nics, size_t count, uint16_t vlan, struct error_detail *ret_error);

/* Removes the VLAN that nic_join_vlan made, because the firmware would keep it beyond a reset, and leaves *n untagged
 * and not kept (nic_keep) until nic_rejoin_vlan makes the VLAN again, and keeps it; that returns false, and fills
 * *ret_error, when it cannot. Both do nothing where there is nothing to do. */
void nic_leave_vlan(struct nic *n);
bool nic_rejoin_vlan(struct nic *n, struct error_detail *ret_error);

/* Keeps the interface running while nobody uses it: the firmware shuts an interface down with its last user, and a
 * real link then needs seconds to come back. nic_release undoes it. Failing does no harm. */
void nic_keep(struct nic *n);
void nic_release(struct nic *n);

#endif
