/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/nic.h"

#include "efi/efi_protocols.h"
#include "efi/guids.h"
#include "efi/system.h"
#include "efi/vlan.h"

/* An EtherType that nobody sends (IEEE 802: reserved): the keeper receives nothing and costs nothing. */
#define KEEPER_ETHERTYPE 0xffff

/* A VLAN's handle has UDP4 but no SNP: that is further up its device path. */
static EFI_SIMPLE_NETWORK *snp_of(EFI_HANDLE handle)
{
    EFI_SIMPLE_NETWORK *snp = system_protocol(handle, &guid_simple_network);
    EFI_DEVICE_PATH *path = system_protocol(handle, &guid_device_path);
    EFI_HANDLE owner;

    if (snp || !path || system_boot->LocateDevicePath((EFI_GUID *)&guid_simple_network, &path, &owner) != EFI_SUCCESS)
        return snp;
    return system_protocol(owner, &guid_simple_network);
}

static bool nic_open(EFI_HANDLE handle, struct nic *ret)
{
    EFI_SERVICE_BINDING *udp4 = system_protocol(handle, &guid_udp4_service_binding);
    EFI_SIMPLE_NETWORK *snp = snp_of(handle);
    EFI_DEVICE_PATH *path = system_protocol(handle, &guid_device_path);

    if (!snp || !udp4 || snp->Mode->HwAddressSize != sizeof(ret->mac))
        return false;
    *ret = (struct nic){.handle = handle, .udp4 = udp4, .vlan = path ? vlan_of_path(path) : 0};
    memcpy(ret->mac, snp->Mode->CurrentAddress.Addr, sizeof(ret->mac));
    ret->link = !snp->Mode->MediaPresentSupported || snp->Mode->MediaPresent;
    return true;
}

/* The interface whose PXE client loaded this program: PXE base code sits on the image's device, UDP4 on a device
 * further up the same device path. */
static bool nic_of_pxe(struct nic *ret)
{
    EFI_HANDLE device = system_loaded_image()->DeviceHandle, handle;
    EFI_PXE_BASE_CODE_PROTOCOL *pxe = system_protocol(device, &guid_pxe_base_code);
    EFI_DEVICE_PATH *path = system_protocol(device, &guid_device_path);

    if (!pxe || !path)
        return false;
    if (system_boot->LocateDevicePath((EFI_GUID *)&guid_udp4_service_binding, &path, &handle) != EFI_SUCCESS ||
        !nic_open(handle, ret))
        return false;
    ret->pxe = pxe;
    return true;
}

static size_t nic_collect(struct nic *ret, size_t max, bool link, size_t n)
{
    size_t count;
    EFI_HANDLE *handles = system_handles(&guid_udp4_service_binding, &count);

    for (size_t i = 0; i < count && n < max; i++)
        if (nic_open(handles[i], &ret[n]) && ret[n].link == link)
            n++;
    system_free(handles);
    return n;
}

static size_t nic_all(struct nic *ret, size_t max)
{
    return nic_collect(ret, max, false, nic_collect(ret, max, true, 0));
}

size_t nic_find(struct nic *ret, size_t max)
{
    size_t n;

    if (nic_of_pxe(&ret[0]))
        return 1;
    n = nic_all(ret, max);
    if (n == 0) {
        system_connect_all();
        n = nic_all(ret, max);
    }
    return n;
}

/* Makes the VLAN n->vlan of the interface `untagged` and takes *n there. */
static EFI_STATUS go_to_vlan(struct nic *n, EFI_HANDLE untagged, uint16_t vlan)
{
    EFI_HANDLE handle;
    bool created;
    EFI_STATUS status = vlan_create(untagged, vlan, &handle, &created);

    if (status != EFI_SUCCESS)
        return status;
    if (!nic_open(handle, n)) {
        if (created)
            vlan_remove(untagged, vlan);
        return EFI_NO_MAPPING;
    }
    if (created)
        n->untagged = untagged;
    return EFI_SUCCESS;
}

static void tell_vlan(struct error_detail *ret_error, uint16_t vlan, const struct nic *n, EFI_STATUS status)
{
    struct text t;

    error_begin(ret_error, SLIPWAY_E07, &t);
    text_string(&t, "VLAN ");
    text_unsigned(&t, vlan);
    text_string(&t, " on ");
    text_mac(&t, n->mac, ':');
    text_string(&t, ": ");
    text_string(&t, status == EFI_UNSUPPORTED ? "the firmware has no VLANs for it" : system_status_name(status));
}

size_t nic_join_vlan(struct nic *nics, size_t count, uint16_t vlan, struct error_detail *ret_error)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        struct nic n = nics[i];
        EFI_STATUS status = EFI_SUCCESS;

        if (n.vlan != vlan && (n.vlan != 0 || (status = go_to_vlan(&n, n.handle, vlan)) != EFI_SUCCESS)) {
            if (n.vlan == 0)
                tell_vlan(ret_error, vlan, &n, status);
            continue;
        }
        nics[left++] = n;
    }
    return left;
}

void nic_leave_vlan(struct nic *n)
{
    uint16_t vlan = n->vlan;

    if (!n->untagged)
        return;
    nic_release(n);
    vlan_remove(n->untagged, vlan);
    nic_open(n->untagged, n);
    n->left_vlan = vlan;
}

bool nic_rejoin_vlan(struct nic *n, struct error_detail *ret_error)
{
    struct nic untagged = *n;

    if (n->left_vlan == 0)
        return true;
    if (nic_join_vlan(n, 1, n->left_vlan, ret_error) != 1)
        return false;
    /* In this order the link stays. */
    nic_keep(n);
    nic_release(&untagged);
    return true;
}

void nic_keep(struct nic *n)
{
    EFI_SERVICE_BINDING *binding = system_protocol(n->handle, &guid_managed_network_service_binding);
    EFI_MANAGED_NETWORK_CONFIG_DATA config = {.ProtocolTypeFilter = KEEPER_ETHERTYPE, .DisableBackgroundPolling = TRUE};
    struct managed_network *child;

    if (n->keeper || !binding || binding->CreateChild(binding, &n->keeper) != EFI_SUCCESS)
        return;
    child = system_protocol(n->keeper, &guid_managed_network);
    if (!child || child->configure(child, &config) != EFI_SUCCESS)
        nic_release(n);
}

void nic_release(struct nic *n)
{
    EFI_SERVICE_BINDING *binding = system_protocol(n->handle, &guid_managed_network_service_binding);

    if (n->keeper && binding)
        binding->DestroyChild(binding, n->keeper);
    n->keeper = NULL;
}
