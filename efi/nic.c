/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/nic.h"

#include "efi/efi_protocols.h"
#include "efi/guids.h"
#include "efi/system.h"

/* An EtherType that nobody sends (IEEE 802: reserved): the keeper receives nothing and costs nothing. */
#define KEEPER_ETHERTYPE 0xffff

static bool nic_open(EFI_HANDLE handle, struct nic *ret)
{
    EFI_SIMPLE_NETWORK *snp = system_protocol(handle, &guid_simple_network);
    EFI_SERVICE_BINDING *udp4 = system_protocol(handle, &guid_udp4_service_binding);

    /* A VLAN's handle has UDP4 without SNP; Slipway has nothing to tell its MAC from and leaves it alone. */
    if (!snp || !udp4 || snp->Mode->HwAddressSize != sizeof(ret->mac))
        return false;
    *ret = (struct nic){.handle = handle, .udp4 = udp4};
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
