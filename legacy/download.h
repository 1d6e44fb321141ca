/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by TFTP into memory above 1 MiB, all at once, because a single lockstep transfer leaves the network idle. */
#ifndef SLIPWAY_LEGACY_DOWNLOAD_H
#define SLIPWAY_LEGACY_DOWNLOAD_H

#include "core/error.h"
#include "core/net_config.h"

#define DOWNLOADS_MAX 9 /* a kernel and the initrds of one boot entry */

struct download {
    const char *path; /* set by the caller; stays until download_all returns */
    uint8_t *data;    /* page-aligned; good as long as it is taken in memory_map() */
    uint64_t size;
    uint64_t room; /* bytes at data, until the file is whole */
};

/* Makes room for the first `end` bytes of a file whose size nobody says, below `high`. What is in already stays, and may
 * move. Returns false when there is no memory. */
bool download_make_room(struct download *file, uint64_t end, uint64_t high);

/* Fetches `count` files from `server` to below `high`. Returns false, and fills *ret_error, when one cannot be. ESC
 * cancels (PXE_EA0). */
bool download_all(const struct net_config *net, struct ip4 server, struct download *files, unsigned count,
                  uint64_t high, struct error_detail *ret_error);

#endif
