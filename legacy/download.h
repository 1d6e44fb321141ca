/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files into memory above 1 MiB: by TFTP and MTFTP over the ROM's UDP, by HTTP and lockstep TFTP through the file calls
 * of a ROM that has them. */
#ifndef SLIPWAY_LEGACY_DOWNLOAD_H
#define SLIPWAY_LEGACY_DOWNLOAD_H

#include "core/download.h"
#include "core/net_config.h"

struct download_protocols {
    const struct transfer_kind *(*kind)(void *context, const struct download *file);
    uint8_t *mtftp_bitmap;
    size_t mtftp_bitmap_size;
};

/* All of them; and TFTP alone, for a program that must be small. */
extern const struct download_protocols download_protocols, download_tftp;

/* Fetches `count` files to below `high`, those that are no URL from `server`; path and mtftp are the caller's, the rest
 * is filled here. What is taken for them in memory_map() stays taken. Where MTFTP fails, a line says why, and TFTP
 * follows. Returns false, and fills *ret_error, when one cannot be fetched; nothing stays taken then. ESC cancels
 * (PXE_EA0). */
bool download_all(const struct net_config *net, struct ip4 server, const struct download_protocols *protocols,
                  struct download *files, unsigned count, uint64_t high, struct error_detail *ret_error);

#endif
