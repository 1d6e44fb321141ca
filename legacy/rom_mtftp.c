/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pxenv_status.h"
#include "legacy/download_host.h"
#include "legacy/pxe.h"
#include "legacy/udp.h"

/* The ROM tells no size before the file is in; a boot file is not larger. */
#define ROOM_MAX 0x4000000
#define ROOM_MIN 0x1000

/* PXE 2.1, TFTP_READ_FILE. Ports are in network order, times in seconds. */
struct read_file {
    uint16_t status;
    char name[128];
    uint32_t size, buffer;
    struct ip4 server, gateway, group;
    uint16_t client_port, server_port, open_timeout_s, reopen_s;
} __attribute__((packed));

_Static_assert(offsetof(struct read_file, group) == 146, "PXE 2.1, TFTP_READ_FILE");

/* As much memory as there is. */
static bool take_most(struct transfer *t)
{
    for (uint64_t room = ROOM_MAX; room >= ROOM_MIN; room /= 2)
        if (t->host->reserve(t->host->context, t->file, room, 0))
            return true;
    return false;
}

static uint16_t swap(uint16_t v)
{
    return (uint16_t)(v << 8 | v >> 8);
}

static uint16_t read_file(struct transfer *t)
{
    static struct read_file p;
    const struct download_context *c = t->host->context;
    const struct pxe_mtftp *mtftp = t->file->mtftp;
    uint16_t status;

    p = (struct read_file){.size = (uint32_t)t->file->room,
                           .buffer = (uint32_t)(uintptr_t)t->file->data,
                           .server = t->server,
                           .gateway = net_config_is_local(c->net, t->server) ? (struct ip4){{0}} : c->net->gateway,
                           .group = mtftp->group,
                           .client_port = swap(mtftp->client_port),
                           .server_port = swap(mtftp->server_port),
                           .open_timeout_s = mtftp->listen_s,
                           .reopen_s = mtftp->reopen_s};
    memcpy(p.name, t->file->path, text_length(t->file->path, sizeof(p.name) - 1));
    udp_close(); /* the ROM has one connection at a time */
    status = pxe_call(PXE_TFTP_READ_FILE, &p);
    udp_open(c->net->address);
    t->received = p.size;
    return status == 0 && p.size > t->file->room ? PXENV_STATUS_FAILURE : status;
}

static void begin(struct transfer *t)
{
    uint16_t status;
    struct text text;

    if (!take_most(t)) {
        transfer_fail_memory(t);
        return;
    }
    t->host->console->update("The ROM fetches the boot file");
    status = read_file(t);
    t->state = TRANSFER_DONE;
    if (status == 0)
        return;
    transfer_fail(t, PXE_E35, &text);
    text_string(&text, "the ROM's TFTP_READ_FILE: ");
    pxenv_status_text(&text, status);
    t->error.server = t->server;
}

/* It is over when begin is. */
static void pump(struct transfer *t)
{
    (void)t;
}

const struct transfer_kind rom_mtftp_transfer = {"MTFTP", &tftp_transfer, begin, pump, NULL, pump};
