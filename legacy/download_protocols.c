/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/url.h"
#include "legacy/download_host.h"
#include "legacy/pxe.h"
#include "legacy/rom_file.h"

/* By MTFTP comes what is one boot file. */
#define MTFTP_SIZE_MAX 0x4000000

static uint8_t bitmap[MTFTP_BITMAP_SIZE(MTFTP_SIZE_MAX)];

/* Without windows the ROM's own loop is the faster one: no calls for each packet and its ACK. */
static const struct transfer_kind *kind_of(void *context, const struct download *file)
{
    const struct download_context *c = context;

    if (url_is_url(file->path))
        return &rom_url_transfer;
    if (file->mtftp && pxe_mtftp_usable(file->mtftp))
        return pxe_is_ipxe() ? &mtftp_transfer : &rom_mtftp_transfer;
    if (download_is_lockstep(c->net->boot_server) && rom_tftp_usable(file->path))
        return &rom_tftp_transfer;
    return &tftp_transfer;
}

const struct download_protocols download_protocols = {
    .kind = kind_of, .mtftp_bitmap = bitmap, .mtftp_bitmap_size = sizeof(bitmap)};
