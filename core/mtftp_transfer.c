/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/mtftp over one UDP port, which receives the group and what is sent to us alone. */
#include "core/transfer.h"

/* The ACK that a server misses costs everybody the pause. */
#define TIMEOUT_MS 500
#define RETRIES 4
#define OPENS 4
#define STALL_MS 30000
/* Bytes of a file for each byte of bitmap: MTFTP_BITMAP_SIZE. */
#define BITMAP_UNIT 4096

static void send(struct transfer *t)
{
    if (t->mtftp.out.packet_size)
        t->host->send(t, t->mtftp.out.send_port, t->mtftp.out.packet, t->mtftp.out.packet_size);
}

/* Does what one step of the machine asked for; to leave the group is the end's. */
static void perform(struct transfer *t)
{
    const struct mtftp *m = &t->mtftp.machine;

    send(t);
    t->received += t->mtftp.out.data_size;
    t->has_size = m->last != 0;
    t->size = m->size;
    if (!transfer_store(t, t->mtftp.out.data_offset, t->mtftp.out.data, t->mtftp.out.data_size)) {
        mtftp_abort(&t->mtftp.machine, SLIPWAY_E04, &t->mtftp.out);
        send(t);
        transfer_fail_memory(t);
        t->error.server = t->server;
    } else if (m->state == MTFTP_FAILED) {
        t->state = TRANSFER_FAILED;
        t->error = m->error;
    } else if (m->state == MTFTP_DONE) {
        t->state = TRANSFER_DONE;
    }
}

/* The largest file that there is a bitmap for. */
static uint64_t max_size(const struct transfer_host *h)
{
    uint64_t known = (uint64_t)(h->mtftp_bitmap_size - 1) * BITMAP_UNIT;

    return known < h->max_size ? known : h->max_size;
}

static void begin(struct transfer *t)
{
    const struct transfer_host *h = t->host;
    const struct mtftp_config config = {
        .server = t->server,
        .file = t->file->path,
        .net = *t->file->mtftp,
        .max_size = max_size(h),
        .bitmap = h->mtftp_bitmap,
        .bitmap_size = h->mtftp_bitmap_size,
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
        .opens = OPENS,
        .stall_ms = STALL_MS,
    };

    if (!h->open(t, config.net.client_port, config.net.group, &t->error)) {
        t->state = TRANSFER_FAILED;
        return;
    }
    mtftp_start(&t->mtftp.machine, &config, h->console->clock_ms(), &t->mtftp.out);
    perform(t);
}

static void packet(struct transfer *t, const struct transfer_datagram *d)
{
    bool to_group = ip4_equal(d->dst, t->file->mtftp->group);

    if (t->state != TRANSFER_ACTIVE)
        return;
    mtftp_packet(&t->mtftp.machine, d->src, d->src_port, to_group, d->data, d->size, t->host->console->clock_ms(),
                 &t->mtftp.out);
    perform(t);
}

static void pump(struct transfer *t)
{
    uint64_t now;

    transfer_receive(t);
    now = t->host->console->clock_ms();
    if (t->state != TRANSFER_ACTIVE || now < t->mtftp.machine.wake_ms)
        return;
    mtftp_timer(&t->mtftp.machine, now, &t->mtftp.out);
    perform(t);
}

static void end(struct transfer *t)
{
    if (t->state == TRANSFER_ACTIVE) {
        mtftp_abort(&t->mtftp.machine, PXE_EA0, &t->mtftp.out);
        send(t);
    }
    t->host->close(t);
}

/* PXE 2.1: a client whose MTFTP fails uses TFTP. */
const struct transfer_kind mtftp_transfer = {"MTFTP", &tftp_transfer, begin, pump, packet, end};
