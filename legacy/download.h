/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by TFTP into memory above 1 MiB. */
#ifndef SLIPWAY_LEGACY_DOWNLOAD_H
#define SLIPWAY_LEGACY_DOWNLOAD_H

#include "core/error.h"
#include "core/net_config.h"

struct download {
    const char *path; /* set by the caller; stays until download_file returns */
    uint8_t *data;    /* page-aligned; good as long as it is taken in memory_map() */
    uint64_t size;
};

/* Fetches one file from `server` to below `high`. Returns false, and fills *ret_error, when it cannot. ESC cancels
 * (PXE_EA0). */
bool download_file(const struct net_config *net, struct ip4 server, struct download *file, uint64_t high,
                   struct error_detail *ret_error);

#endif
