/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/transfer.h"

#include "core/progress_line.h"

/* Datagrams taken for one transfer before the others, and the console, get their turn. */
#define BURST 64
/* Room for a file whose size the server does not tell; doubled as it fills up. */
#define FIRST_ROOM 0x400000

void transfer_fail(struct transfer *t, enum pxe_error code, struct text *ret_received)
{
    t->state = TRANSFER_FAILED;
    t->error = (struct error_detail){.code = code};
    if (ret_received)
        text_init(ret_received, t->error.received, sizeof(t->error.received));
}

void transfer_fail_memory(struct transfer *t)
{
    struct text text;

    transfer_fail(t, SLIPWAY_E04, &text);
    progress_line(&text, progress_base_name(t->file->path), t->received, t->has_size ? t->size : 0, 0);
}

bool transfer_store(struct transfer *t, uint64_t offset, const void *data, size_t size)
{
    const struct transfer_host *h = t->host;
    uint64_t end = offset + size, room = t->file->room;

    if (size == 0)
        return true;
    if (end > room && !h->reserve(h->context, t->file, end < FIRST_ROOM ? FIRST_ROOM : end * 2, room))
        return false;
    h->copy(t->file->data + offset, data, size);
    return true;
}

void transfer_receive(struct transfer *t)
{
    struct transfer_datagram d;

    for (unsigned i = 0; i < BURST && t->state == TRANSFER_ACTIVE && t->host->receive(t, &d); i++) {
        d.receiver->kind->packet(d.receiver, &d);
        t->host->release_datagram(t);
    }
}
