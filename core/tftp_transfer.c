/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/tftp over one UDP port. */
#include "core/transfer.h"

#define WINDOWSIZE 64
#define TIMEOUT_MS 500
#define RETRIES 6

static void send(struct transfer *t)
{
    if (t->tftp.out.packet_size)
        t->host->send(t, t->tftp.out.send_port, t->tftp.out.packet, t->tftp.out.packet_size);
}

static bool store(struct transfer *t)
{
    const struct transfer_host *h = t->host;

    if (t->tftp.out.size_known && t->size && !h->reserve(h->context, t->file, t->size, 0))
        return false;
    return transfer_store(t, t->tftp.out.data_offset, t->tftp.out.data, t->tftp.out.data_size);
}

/* A server that does not even answer ARP is another trouble than one without TFTP. */
static void fail(struct transfer *t)
{
    t->state = TRANSFER_FAILED;
    t->error = t->tftp.machine.error;
    if (t->error.code == PXE_E32 && !t->host->has_sent(t))
        t->error.code = PXE_E11;
}

/* Does what one step of the machine asked for. */
static void perform(struct transfer *t)
{
    const struct tftp *m = &t->tftp.machine;

    send(t);
    t->has_size = m->has_size;
    t->size = m->size;
    t->received = m->received;
    if (!store(t)) {
        tftp_abort(&t->tftp.machine, SLIPWAY_E04, &t->tftp.out);
        send(t);
        transfer_fail_memory(t);
        t->error.server = t->server;
    } else if (m->state == TFTP_FAILED) {
        fail(t);
    } else if (m->state == TFTP_DONE) {
        t->state = TRANSFER_DONE;
    }
}

static void begin(struct transfer *t)
{
    const struct transfer_host *h = t->host;
    struct tftp_config config = {
        .server = t->server,
        .file = t->file->path,
        .blksize = h->blksize,
        .windowsize = WINDOWSIZE,
        .max_size = h->max_size,
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
    };

    if (!h->open(t, 0, (struct ip4){{0}}, &t->error)) {
        t->state = TRANSFER_FAILED;
        return;
    }
    tftp_start(&t->tftp.machine, &config, h->console->clock_ms(), &t->tftp.out);
    perform(t);
}

/* After TRANSFER_DONE the server may not have heard that all is in. */
static void packet(struct transfer *t, const struct transfer_datagram *d)
{
    tftp_packet(&t->tftp.machine, d->src, d->src_port, d->data, d->size, t->host->console->clock_ms(), &t->tftp.out);
    if (t->state == TRANSFER_ACTIVE)
        perform(t);
    else
        send(t);
}

static void pump(struct transfer *t)
{
    uint64_t now;

    transfer_receive(t);
    now = t->host->console->clock_ms();
    if (t->state != TRANSFER_ACTIVE || now < t->tftp.machine.wake_ms)
        return;
    tftp_timer(&t->tftp.machine, now, &t->tftp.out);
    perform(t);
}

static void end(struct transfer *t)
{
    if (t->state == TRANSFER_ACTIVE) {
        tftp_abort(&t->tftp.machine, PXE_EA0, &t->tftp.out);
        send(t);
    }
    t->host->close(t);
}

const struct transfer_kind tftp_transfer = {"TFTP", NULL, begin, pump, packet, end};
