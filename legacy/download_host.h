/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What core/download.h needs of a BIOS and a PXE ROM. */
#ifndef SLIPWAY_LEGACY_DOWNLOAD_HOST_H
#define SLIPWAY_LEGACY_DOWNLOAD_HOST_H

#include "legacy/download.h"

/* The context of every struct transfer_host of legacy/. */
struct download_context {
    const struct net_config *net;
    uint64_t high; /* the last byte that a file may have */
};

/* The server answered the last download by TFTP without windows. */
bool download_is_lockstep(struct ip4 server);

/* Memory, above 1 MiB and in memory_map(). */
bool download_reserve(void *context, struct download *file, uint64_t size, uint64_t used);
void download_trim(void *context, struct download *file);
void download_give_back(void *context, struct download *file);
void download_copy(void *to, const void *from, size_t size);

/* The ROM's own MTFTP, for ROMs that drop what their own has not asked for; iPXE's ROMs hand every multicast datagram
 * to whoever has UDP open, so core/mtftp.h works over them. It comes back when it is over; no key is seen so long. */
extern const struct transfer_kind rom_mtftp_transfer;

#endif
