/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/initrd.h"

#include "efi/efi_protocols.h"
#include "efi/guids.h"
#include "efi/system.h"

/* The kernel unpacks archives one behind the other when each begins on this boundary. */
#define ALIGNMENT 4

static const struct {
    VENDOR_DEVICE_PATH vendor;
    EFI_DEVICE_PATH end;
} initrd_path = {
    {{MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, {sizeof(VENDOR_DEVICE_PATH), 0}}, LINUX_INITRD_MEDIA_GUID},
    {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {sizeof(EFI_DEVICE_PATH), 0}},
};

static EFI_HANDLE handle;
static const struct download *offered;
static unsigned offered_count;

static UINTN padded(uint64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static EFI_STATUS EFIAPI load_file(struct load_file2 *this, EFI_DEVICE_PATH *path, BOOLEAN boot_policy, UINTN *size,
                                   VOID *buffer)
{
    uint8_t *to = buffer;
    UINTN total = 0;

    (void)this;
    if (!path || !size)
        return EFI_INVALID_PARAMETER;
    if (boot_policy)
        return EFI_UNSUPPORTED;
    for (unsigned i = 0; i < offered_count; i++)
        total += padded(offered[i].size);
    if (!buffer || *size < total) {
        *size = total;
        return EFI_BUFFER_TOO_SMALL;
    }
    *size = total;
    for (unsigned i = 0; i < offered_count; i++) {
        system_boot->CopyMem(to, offered[i].data, offered[i].size);
        system_boot->SetMem(to + offered[i].size, padded(offered[i].size) - offered[i].size, 0);
        to += padded(offered[i].size);
    }
    return EFI_SUCCESS;
}

static struct load_file2 protocol = {load_file};

EFI_STATUS initrd_offer(const struct download *files, unsigned count)
{
    EFI_DEVICE_PATH *path = (EFI_DEVICE_PATH *)&initrd_path;
    EFI_HANDLE present;
    EFI_STATUS status;

    if (system_boot->LocateDevicePath((EFI_GUID *)&guid_load_file2, &path, &present) == EFI_SUCCESS)
        return EFI_ALREADY_STARTED;
    offered = files;
    offered_count = count;
    handle = NULL;
    status = system_boot->InstallProtocolInterface(&handle, (EFI_GUID *)&guid_device_path, EFI_NATIVE_INTERFACE,
                                                   (void *)&initrd_path);
    if (status != EFI_SUCCESS)
        return status;
    status = system_boot->InstallProtocolInterface(&handle, (EFI_GUID *)&guid_load_file2, EFI_NATIVE_INTERFACE,
                                                   &protocol);
    if (status != EFI_SUCCESS)
        initrd_remove();
    return status;
}

void initrd_remove(void)
{
    if (!handle)
        return;
    system_boot->UninstallProtocolInterface(handle, (EFI_GUID *)&guid_load_file2, &protocol);
    system_boot->UninstallProtocolInterface(handle, (EFI_GUID *)&guid_device_path, (void *)&initrd_path);
    handle = NULL;
}
