/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFI images: loaded from memory or from a device, started, and cleaned up when they come back. */
#ifndef SLIPWAY_EFI_IMAGE_H
#define SLIPWAY_EFI_IMAGE_H

#include <efi.h>

#include "core/error.h"

/* The PE section that marks Slipway itself. */
#define IMAGE_MARK ".slipway"

/* Loads the `size` bytes of the file `path`, which came over the network device `device`. The bytes may be freed
 * afterwards. Returns false and fills *ret_error: SLIPWAY_E02 when the file is no whole program (or the firmware calls
 * it none), SLIPWAY_E04 without memory, PXE_E79 when Secure Boot or anything else forbids it. */
bool image_load(EFI_HANDLE device, const char *path, const uint8_t *data, size_t size, EFI_HANDLE *ret_image,
                struct error_detail *ret_error);

/* Loads the file at a device path; returns the firmware's status. */
EFI_STATUS image_load_path(EFI_DEVICE_PATH *path, EFI_HANDLE *ret_image);

/* Is this loaded image a Slipway, this one or another copy? Starting it from here would go round in circles. */
bool image_is_slipway(EFI_HANDLE image);

/* Starts the image and returns what it returned. The image is gone afterwards. */
EFI_STATUS image_start(EFI_HANDLE image);

/* Gives back an image that was not started. */
void image_unload(EFI_HANDLE image);

#endif
