/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initrds that a kernel asks the firmware for. */
#ifndef SLIPWAY_EFI_INITRD_H
#define SLIPWAY_EFI_INITRD_H

#include <efi.h>

#include "efi/download.h"

/* Offers `count` files under the kernel's initrd device path. They must stay until initrd_remove. Returns the
 * firmware's status; EFI_ALREADY_STARTED: something else offers an initrd already. */
EFI_STATUS initrd_offer(const struct download *files, unsigned count);
void initrd_remove(void);

#endif
