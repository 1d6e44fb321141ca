/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download_host.h"
#include "efi/system.h"
#include "efi/udp.h"

static EFI_STATUS open_and_join(struct udp *u, const struct download_context *c, uint16_t port, struct ip4 group)
{
    EFI_STATUS status = u ? udp_open(u, c->nic, c->net, port) : EFI_OUT_OF_RESOURCES;

    return status == EFI_SUCCESS && !ip4_is_zero(group) ? udp_join(u, group) : status;
}

bool download_open(struct transfer *t, uint16_t port, struct ip4 group, struct error_detail *ret_error)
{
    const struct download_context *c = t->host->context;
    /* The firmware keeps pointers into it, so it lives in pool memory and does not move. */
    struct udp *u = t->private = system_allocate(sizeof(*u));
    EFI_STATUS status = open_and_join(u, c, port, group);
    struct text text;

    if (status == EFI_SUCCESS && ip4_is_zero(group) && c->past_stack)
        udp_use_direct(u, c->nic, c->net);
    if (status == EFI_SUCCESS)
        return true;
    error_begin(ret_error, PXE_E99, &text);
    text_string(&text, ip4_is_zero(group) ? "cannot open a UDP port" : "cannot join ");
    if (!ip4_is_zero(group))
        text_ip4(&text, group);
    text_string(&text, ": ");
    text_string(&text, system_status_name(status));
    return false;
}

void download_close(struct transfer *t)
{
    if (t->private)
        udp_close(t->private);
    system_free(t->private);
    t->private = NULL;
}

void download_send(struct transfer *t, uint16_t port, const void *data, size_t size)
{
    udp_send(t->private, t->server, port, data, size);
}

bool download_has_sent(const struct transfer *t)
{
    const struct udp *u = t->private;

    return u->sent;
}

bool download_receive(struct transfer *t, struct transfer_datagram *ret)
{
    struct udp_datagram d;

    if (!udp_receive(t->private, &d))
        return false;
    *ret = (struct transfer_datagram){
        .receiver = t, .src = d.src, .dst = d.dst, .src_port = d.src_port, .data = d.data, .size = d.size};
    return true;
}

void download_release(struct transfer *t)
{
    udp_release(t->private);
}
