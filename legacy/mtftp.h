/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot file by MTFTP. The PXE API has no call that joins a group. iPXE's ROMs hand every multicast datagram to
 * whoever has UDP open, so core/mtftp.h works over them; other ROMs drop what their own MTFTP has not asked for, so
 * that is used. */
#ifndef SLIPWAY_LEGACY_MTFTP_H
#define SLIPWAY_LEGACY_MTFTP_H

#include "core/pxe_vendor.h"
#include "legacy/download.h"

/* Fetches one file from `server` to below `high`; `mtftp` must be pxe_mtftp_usable(). Returns false, file empty and
 * *ret_error filled, when it does not come this way: TFTP still may bring it. ESC cancels (PXE_EA0), but not a ROM's
 * own transfer, which returns when it is over. */
bool mtftp_fetch(const struct net_config *net, struct ip4 server, const struct pxe_mtftp *mtftp, struct download *file,
                 uint64_t high, struct error_detail *ret_error);

#endif
