/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download.h"

#include "core/url.h"
#include "efi/console.h"
#include "efi/download_host.h"
#include "efi/system.h"

#define BLKSIZE 1468
/* The firmware's VLANs carry as much less (its MTU there is 1496): cards drop a full frame with a tag. */
#define VLAN_TAG_SIZE 4
/* A larger file is no boot file. */
#define FILE_SIZE_MAX 0x100000000

struct session {
    struct download_set set;
    struct download_context context;
    uint8_t mtftp_bitmap[MTFTP_BITMAP_SIZE(FILE_SIZE_MAX)];
};

static const struct transfer_kind *kind_of(void *context, const struct download *file)
{
    (void)context;
    if (url_is_url(file->path))
        return &http_transfer;
    return file->mtftp && pxe_mtftp_usable(file->mtftp) ? &mtftp_transfer : &tftp_transfer;
}

static bool run(struct session *s, struct ip4 server, struct download *files, unsigned count,
                struct error_detail *ret_error)
{
    const struct transfer_host host = {
        .context = &s->context,
        .console = &console,
        .blksize = s->context.net->vlan ? BLKSIZE - VLAN_TAG_SIZE : BLKSIZE,
        .max_size = FILE_SIZE_MAX,
        .mtftp_bitmap = s->mtftp_bitmap,
        .mtftp_bitmap_size = sizeof(s->mtftp_bitmap),
        .kind = kind_of,
        .reserve = download_reserve,
        .free = download_give_back,
        .copy = download_copy,
        .open = download_open,
        .close = download_close,
        .send = download_send,
        .has_sent = download_has_sent,
        .receive = download_receive,
        .release_datagram = download_release,
    };

    return download_run(&s->set, &host, server, files, count, ret_error);
}

bool download_all(const struct nic *nic, const struct net_config *net, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error)
{
    struct session *s = system_allocate(sizeof(*s));
    bool good;

    if (!s) {
        *ret_error = (struct error_detail){.code = SLIPWAY_E04};
        return false;
    }
    s->context = (struct download_context){.nic = nic, .net = net, .past_stack = true};
    for (unsigned i = 0; i < count; i++)
        if (kind_of(NULL, &files[i]) == &http_transfer)
            s->context.past_stack = false;
    good = run(s, server, files, count, ret_error);
    system_free(s);
    return good;
}
