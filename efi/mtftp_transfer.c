/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/mtftp over one UDP port, which receives the group and what is sent to us alone. */
#include "core/mtftp.h"
#include "efi/clock.h"
#include "efi/download_memory.h"
#include "efi/system.h"
#include "efi/transfer.h"
#include "efi/udp.h"

/* The ACK that a server misses costs everybody the pause. */
#define TIMEOUT_MS 500
#define RETRIES 4
#define OPENS 4
#define STALL_MS 30000
/* Datagrams taken before the console gets its turn. */
#define BURST 64

/* The firmware keeps pointers into .udp, so this lives in pool memory and does not move. */
struct session {
    struct udp udp;
    struct mtftp mtftp;
    struct mtftp_output out;
    uint8_t bitmap[MTFTP_BITMAP_SIZE(TRANSFER_SIZE_MAX)];
};

static void send(struct session *s)
{
    if (s->out.packet_size)
        udp_send(&s->udp, s->mtftp.config.server, s->out.send_port, s->out.packet, s->out.packet_size);
}

/* Does what one step of the machine asked for; to leave the group is the end's. */
static void perform(struct transfer *t)
{
    struct session *s = t->private;

    send(s);
    t->received += s->out.data_size;
    t->has_size = s->mtftp.last != 0;
    t->size = s->mtftp.size;
    if (!download_store(t->file, s->out.data_offset, s->out.data, s->out.data_size)) {
        mtftp_abort(&s->mtftp, SLIPWAY_E04, &s->out);
        send(s);
        transfer_fail_memory(t);
        t->error.server = s->mtftp.config.server;
    } else if (s->mtftp.state == MTFTP_FAILED) {
        transfer_fail(t, s->mtftp.error.code, NULL);
        t->error = s->mtftp.error;
    } else if (s->mtftp.state == MTFTP_DONE) {
        t->state = TRANSFER_DONE;
    }
}

static EFI_STATUS join(struct session *s, const struct nic *nic, const struct net_config *net,
                       const struct pxe_mtftp *mtftp)
{
    EFI_STATUS status = udp_open(&s->udp, nic, net, mtftp->client_port);

    return status == EFI_SUCCESS ? udp_join(&s->udp, mtftp->group) : status;
}

static void begin(struct transfer *t, const struct nic *nic, const struct net_config *net, struct ip4 server)
{
    struct session *s = t->private = system_allocate(sizeof(*s));
    EFI_STATUS status = s ? join(s, nic, net, t->file->mtftp) : EFI_OUT_OF_RESOURCES;
    struct text text;

    if (status != EFI_SUCCESS) {
        transfer_fail(t, PXE_E99, &text);
        text_string(&text, "cannot join ");
        text_ip4(&text, t->file->mtftp->group);
        text_string(&text, ": ");
        text_string(&text, system_status_name(status));
        return;
    }
    mtftp_start(&s->mtftp,
                &(struct mtftp_config){
                    .server = server,
                    .file = t->file->path,
                    .net = *t->file->mtftp,
                    .max_size = TRANSFER_SIZE_MAX,
                    .bitmap = s->bitmap,
                    .bitmap_size = sizeof(s->bitmap),
                    .timeout_ms = TIMEOUT_MS,
                    .retries = RETRIES,
                    .opens = OPENS,
                    .stall_ms = STALL_MS,
                },
                clock_ms(), &s->out);
    perform(t);
}

static void pump(struct transfer *t)
{
    struct session *s = t->private;
    struct udp_datagram d;

    for (unsigned i = 0; i < BURST && t->state == TRANSFER_ACTIVE && udp_receive(&s->udp, &d); i++) {
        mtftp_packet(&s->mtftp, d.src, d.src_port, ip4_equal(d.dst, t->file->mtftp->group), d.data, d.size, clock_ms(),
                     &s->out);
        perform(t);
        udp_release(&s->udp);
    }
    if (t->state == TRANSFER_ACTIVE && clock_ms() >= s->mtftp.wake_ms) {
        mtftp_timer(&s->mtftp, clock_ms(), &s->out);
        perform(t);
    }
}

static void stop(struct transfer *t)
{
    struct session *s = t->private;

    mtftp_abort(&s->mtftp, PXE_EA0, &s->out);
    send(s);
}

static void end(struct transfer *t)
{
    struct session *s = t->private;

    if (s)
        transfer_end(t, &s->udp, stop);
}

const struct transfer_kind mtftp_transfer = {begin, pump, end};
