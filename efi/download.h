/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files into memory, by TFTP, MTFTP or HTTP, all at once, because a single lockstep transfer leaves the network idle. */
#ifndef SLIPWAY_EFI_DOWNLOAD_H
#define SLIPWAY_EFI_DOWNLOAD_H

#include "core/error.h"
#include "core/net_config.h"
#include "core/pxe_vendor.h"
#include "efi/nic.h"

#define DOWNLOADS_MAX 9 /* a kernel and the initrds of one boot entry */

struct download {
    const char *path;  /* set by the caller: a URL, else a path of the TFTP server; stays until download_all returns */
    const struct pxe_mtftp *mtftp; /* set by the caller: by MTFTP first, if that is usable; NULL: not */
    uint8_t *data;     /* page-aligned; freed by download_free */
    uint64_t size;
    size_t pages;
};

/* Fetches `count` files, by TFTP from `server` those that are no URL; path and mtftp are the caller's, the rest is filled
 * here. Where MTFTP fails, a line says why, and TFTP follows.
 * Returns true when all are complete; else frees everything, fills *ret_error and returns false. ESC cancels
 * (PXE_EA0). */
bool download_all(const struct nic *nic, const struct net_config *net, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error);

/* Takes an empty one too. */
void download_free(struct download *d);

#endif
