/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's boot options: variables BootOrder and Boot#### (UEFI specification 3.1). */
#ifndef SLIPWAY_EFI_BOOT_OPTION_H
#define SLIPWAY_EFI_BOOT_OPTION_H

#include <efi.h>

#include "core/base.h"

struct boot_option {
    uint8_t *variable;           /* the whole variable; the rest points into it; freed by boot_option_free */
    const CHAR16 *description;   /* NUL-terminated */
    const EFI_DEVICE_PATH *path; /* well-formed */
    const void *data;            /* for the loader's LoadOptions */
    size_t data_size;
};

/* The numbers in BootOrder, freed with system_free; NULL and *ret_count = 0 when there are none. */
uint16_t *boot_option_order(size_t *ret_count);

/* Reads Boot####. Returns false when it is missing, malformed, inactive or no boot option but an application. */
bool boot_option_read(uint16_t number, struct boot_option *ret);
void boot_option_free(struct boot_option *o);

/* Writes an active boot option of Slipway's own for the file at `path`, outside BootOrder. There is one: the next call
 * uses its number again. Returns the firmware's status. */
EFI_STATUS boot_option_write_own(const EFI_DEVICE_PATH *path, uint16_t *ret_number);

/* Lets the firmware start Boot#### once, at its next start. Returns its status. */
EFI_STATUS boot_option_set_next(uint16_t number);

#endif
