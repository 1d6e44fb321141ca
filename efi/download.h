/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files into memory, by TFTP, MTFTP or HTTP. */
#ifndef SLIPWAY_EFI_DOWNLOAD_H
#define SLIPWAY_EFI_DOWNLOAD_H

#include "core/download.h"
#include "core/net_config.h"
#include "efi/nic.h"

/* Fetches `count` files, by TFTP from `server` those that are no URL; path and mtftp are the caller's, the rest is
 * filled here. Where MTFTP fails, a line says why, and TFTP follows. Returns true when all are complete; else frees
 * everything, fills *ret_error and returns false. ESC cancels (PXE_EA0). */
bool download_all(const struct nic *nic, const struct net_config *net, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error);

/* Takes an empty one too. */
void download_free(struct download *d);

#endif
