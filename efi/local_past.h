/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Slipway remembers of how it left for the local disk, in variables of its own. */
#ifndef SLIPWAY_EFI_LOCAL_PAST_H
#define SLIPWAY_EFI_LOCAL_PAST_H

#include <efi.h>

#include "core/local_boot.h"

/* Fills what the variables tell; .gave_up is the caller's. */
void local_past_read(struct local_boot_past *ret);

/* The client is about to reset the machine with BootNext set. Returns the firmware's status: without this mark nothing
 * would keep a machine from being reset for ever. */
EFI_STATUS local_past_mark_next(void);
void local_past_forget_next(void);

/* The client is about to end for the boot order. Forgotten by the firmware at the next reset. Returns its status. */
EFI_STATUS local_past_mark_end(void);

#endif
