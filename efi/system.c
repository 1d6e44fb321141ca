/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/system.h"

#include "efi/guids.h"

EFI_HANDLE system_image;
EFI_SYSTEM_TABLE *system_table;
EFI_BOOT_SERVICES *system_boot;

void system_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    system_image = image;
    system_table = table;
    system_boot = table->BootServices;
    /* The firmware resets the machine five minutes after it started a boot option; a retry may take longer. */
    system_boot->SetWatchdogTimer(0, 0, 0, NULL);
}

const char *system_status_name(EFI_STATUS status)
{
    static const struct {
        EFI_STATUS status;
        const char *name;
    } names[] = {
        {EFI_SUCCESS, "EFI_SUCCESS"},
        {EFI_LOAD_ERROR, "EFI_LOAD_ERROR"},
        {EFI_INVALID_PARAMETER, "EFI_INVALID_PARAMETER"},
        {EFI_UNSUPPORTED, "EFI_UNSUPPORTED"},
        {EFI_BAD_BUFFER_SIZE, "EFI_BAD_BUFFER_SIZE"},
        {EFI_BUFFER_TOO_SMALL, "EFI_BUFFER_TOO_SMALL"},
        {EFI_NOT_READY, "EFI_NOT_READY"},
        {EFI_DEVICE_ERROR, "EFI_DEVICE_ERROR"},
        {EFI_WRITE_PROTECTED, "EFI_WRITE_PROTECTED"},
        {EFI_OUT_OF_RESOURCES, "EFI_OUT_OF_RESOURCES"},
        {EFI_VOLUME_CORRUPTED, "EFI_VOLUME_CORRUPTED"},
        {EFI_VOLUME_FULL, "EFI_VOLUME_FULL"},
        {EFI_NO_MEDIA, "EFI_NO_MEDIA"},
        {EFI_MEDIA_CHANGED, "EFI_MEDIA_CHANGED"},
        {EFI_NOT_FOUND, "EFI_NOT_FOUND"},
        {EFI_ACCESS_DENIED, "EFI_ACCESS_DENIED"},
        {EFI_NO_RESPONSE, "EFI_NO_RESPONSE"},
        {EFI_NO_MAPPING, "EFI_NO_MAPPING"},
        {EFI_TIMEOUT, "EFI_TIMEOUT"},
        {EFI_NOT_STARTED, "EFI_NOT_STARTED"},
        {EFI_ALREADY_STARTED, "EFI_ALREADY_STARTED"},
        {EFI_ABORTED, "EFI_ABORTED"},
        {EFI_INCOMPATIBLE_VERSION, "EFI_INCOMPATIBLE_VERSION"},
        {EFI_SECURITY_VIOLATION, "EFI_SECURITY_VIOLATION"},
        {EFI_CRC_ERROR, "EFI_CRC_ERROR"},
        {EFIERR(35), "EFI_HTTP_ERROR"},
        {EFIERR(100), "EFI_NETWORK_UNREACHABLE"},
        {EFIERR(101), "EFI_HOST_UNREACHABLE"},
        {EFIERR(102), "EFI_PROTOCOL_UNREACHABLE"},
        {EFIERR(103), "EFI_PORT_UNREACHABLE"},
        {EFIERR(104), "EFI_CONNECTION_FIN"},
        {EFIERR(105), "EFI_CONNECTION_RESET"},
        {EFIERR(106), "EFI_CONNECTION_REFUSED"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].status == status)
            return names[i].name;
    return "an EFI status without a name";
}

void *system_allocate(size_t size)
{
    void *p;

    if (system_boot->AllocatePool(EfiLoaderData, size, &p) != EFI_SUCCESS)
        return NULL;
    system_boot->SetMem(p, size, 0);
    return p;
}

void system_free(void *p)
{
    if (p)
        system_boot->FreePool(p);
}

void *system_protocol(EFI_HANDLE handle, const EFI_GUID *protocol)
{
    void *interface;

    if (!handle || system_boot->HandleProtocol(handle, (EFI_GUID *)protocol, &interface) != EFI_SUCCESS)
        return NULL;
    return interface;
}

EFI_HANDLE *system_handles(const EFI_GUID *protocol, size_t *ret_count)
{
    EFI_HANDLE *handles;
    UINTN count;
    EFI_STATUS status = system_boot->LocateHandleBuffer(protocol ? ByProtocol : AllHandles, (EFI_GUID *)protocol, NULL,
                                                        &count, &handles);

    *ret_count = status == EFI_SUCCESS ? count : 0;
    return status == EFI_SUCCESS ? handles : NULL;
}

EFI_LOADED_IMAGE *system_loaded_image(void)
{
    return system_protocol(system_image, &guid_loaded_image);
}

void system_connect_all(void)
{
    size_t count;
    EFI_HANDLE *handles = system_handles(NULL, &count);

    for (size_t i = 0; i < count; i++)
        system_boot->ConnectController(handles[i], NULL, NULL, TRUE);
    system_free(handles);
}
