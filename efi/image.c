/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/image.h"

#include "core/pe_image.h"
#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/system.h"

__attribute__((section(IMAGE_MARK), used)) static const char mark[] = "Slipway " SLIPWAY_VERSION;

static void describe(struct error_detail *ret_error, enum pxe_error code, const char *what, EFI_STATUS status)
{
    struct text t;

    error_begin(ret_error, code, &t);
    text_string(&t, what);
    text_string(&t, system_status_name(status));
}

static enum pxe_error load_error(EFI_STATUS status)
{
    switch (status) {
    case EFI_OUT_OF_RESOURCES:
        return SLIPWAY_E04;
    case EFI_LOAD_ERROR:
    case EFI_UNSUPPORTED:
    case EFI_NOT_FOUND:
        return SLIPWAY_E02;
    default:
        return PXE_E79;
    }
}

bool image_load(EFI_HANDLE device, const char *path, const uint8_t *data, size_t size, EFI_HANDLE *ret_image,
                struct error_detail *ret_error)
{
    EFI_DEVICE_PATH *device_path;
    EFI_HANDLE image = NULL;
    EFI_STATUS status;
    struct text t;

    error_begin(ret_error, SLIPWAY_E02, &t);
    if (!pe_image_check(data, size, PE_MACHINE_X64, &t))
        return false;
    device_path = device_path_of_file(device, path);
    status = system_boot->LoadImage(FALSE, system_image, device_path, (void *)data, size, &image);
    system_free(device_path);
    if (status == EFI_SUCCESS) {
        *ret_image = image;
        return true;
    }
    image_unload(image);
    describe(ret_error, load_error(status), "the firmware refuses it: ", status);
    return false;
}

EFI_STATUS image_load_path(EFI_DEVICE_PATH *path, EFI_HANDLE *ret_image)
{
    EFI_HANDLE image = NULL;
    EFI_STATUS status = system_boot->LoadImage(FALSE, system_image, path, NULL, 0, &image);

    if (status == EFI_SUCCESS)
        *ret_image = image;
    else
        image_unload(image);
    return status;
}

bool image_is_slipway(EFI_HANDLE image)
{
    EFI_LOADED_IMAGE *loaded = system_protocol(image, &guid_loaded_image);

    return loaded && pe_image_has_section(loaded->ImageBase, loaded->ImageSize, IMAGE_MARK);
}

EFI_STATUS image_start(EFI_HANDLE image)
{
    UINTN exit_data_size = 0;
    CHAR16 *exit_data = NULL;
    EFI_STATUS status = system_boot->StartImage(image, &exit_data_size, &exit_data);

    system_free(exit_data);
    return status;
}

void image_unload(EFI_HANDLE image)
{
    /* A refused image (EFI_SECURITY_VIOLATION) has a handle all the same. */
    if (image)
        system_boot->UnloadImage(image);
}
