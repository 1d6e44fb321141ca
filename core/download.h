/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files into memory, all at once, because a single lockstep transfer leaves the network idle. */
#ifndef SLIPWAY_CORE_DOWNLOAD_H
#define SLIPWAY_CORE_DOWNLOAD_H

#include "core/transfer.h"

#define DOWNLOADS_MAX 9 /* a kernel and the initrds of one boot entry */

/* A run's memory, too large for some stacks; need not be set. */
struct download_set {
    const struct transfer_host *host;
    struct transfer transfers[DOWNLOADS_MAX];
    unsigned count, begun;
    uint64_t started_ms, next_screen_ms;
};

/* Fetches `count` files, those that are no URL from `server`; path and mtftp are the caller's, the rest is filled here.
 * Where a protocol fails that has another to follow (MTFTP: TFTP), a line says why, and the other follows.
 * Returns true when all are complete; else frees every file, fills *ret_error and returns false. ESC cancels (PXE_EA0).
 */
bool download_run(struct download_set *s, const struct transfer_host *host, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error);

#endif
