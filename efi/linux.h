/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a Linux kernel with its initrds and command line: the kernel as an EFI image, the initrds through LoadFile2 on
 * the initrd media GUID (Linux 5.7 and later asks there; several are handed over as one, each padded to 4 bytes). */
#ifndef SLIPWAY_EFI_LINUX_H
#define SLIPWAY_EFI_LINUX_H

#include <efi.h>

#include "core/boot_entry.h"
#include "core/net_config.h"
#include "core/pxe_client.h"
#include "efi/nic.h"

/* Downloads what `entry` names from net->boot_server, tells so for `client`, whose plan named the entry, and starts it.
 * Returns only when that failed or the kernel came back; *ret_error then says why, and everything is given back. */
void linux_boot(struct nic *nic, EFI_HANDLE device, const struct pxe_client *client, const struct net_config *net,
                const struct boot_entry *entry, struct error_detail *ret_error);

#endif
