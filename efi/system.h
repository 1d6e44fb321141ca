/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firmware handed to efi_main, and the few boot services that every file here uses. */
#ifndef SLIPWAY_EFI_SYSTEM_H
#define SLIPWAY_EFI_SYSTEM_H

#include <efi.h>

#include "core/base.h"

/* Set once by system_init, never changed: UEFI has one system table per machine. */
extern EFI_HANDLE system_image;
extern EFI_SYSTEM_TABLE *system_table;
extern EFI_BOOT_SERVICES *system_boot;

void system_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

/* The status in words of the UEFI specification, for example "EFI_LOAD_ERROR"; a static string, never NULL. */
const char *system_status_name(EFI_STATUS status);

/* `size` bytes of pool, zeroed; NULL when there is no memory. Freed with system_free, which takes NULL. */
void *system_allocate(size_t size);
void system_free(void *p);

/* The interface of `protocol` on `handle`, NULL when it has none. It belongs to the handle. */
void *system_protocol(EFI_HANDLE handle, const EFI_GUID *protocol);

/* All handles that carry `protocol` (NULL: all handles there are); the array is freed with system_free. Returns NULL
 * and *ret_count = 0 when there are none. */
EFI_HANDLE *system_handles(const EFI_GUID *protocol, size_t *ret_count);

/* The image that this program is. */
EFI_LOADED_IMAGE *system_loaded_image(void);

/* Connects every driver to every device, recursively: a firmware that boots fast has connected only what it needed. */
void system_connect_all(void);

#endif
