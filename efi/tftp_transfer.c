/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives core/tftp over one UDP port. */
#include "core/tftp.h"
#include "efi/clock.h"
#include "efi/download_memory.h"
#include "efi/system.h"
#include "efi/transfer.h"
#include "efi/udp.h"

#define BLKSIZE 1468
/* The firmware's VLANs carry as much less (its MTU there is 1496): cards drop a full frame with a tag. */
#define VLAN_TAG_SIZE 4
#define WINDOWSIZE 64
#define TIMEOUT_MS 500
#define RETRIES 6
/* Datagrams taken from one transfer before the others get their turn. */
#define BURST 64

/* The firmware keeps pointers into .udp, so this lives in pool memory and does not move. */
struct session {
    struct udp udp;
    struct tftp tftp;
    struct tftp_output out;
};

static void send(struct session *s)
{
    if (s->out.packet_size)
        udp_send(&s->udp, s->tftp.config.server, s->out.send_port, s->out.packet, s->out.packet_size);
}

static bool store(struct transfer *t)
{
    struct session *s = t->private;

    if (s->out.size_known && s->tftp.size && !download_reserve(t->file, s->tftp.size, 0))
        return false;
    return download_store(t->file, s->out.data_offset, s->out.data, s->out.data_size);
}

/* A server that does not even answer ARP is another trouble than one without TFTP. */
static void name_failure(struct transfer *t)
{
    struct session *s = t->private;

    transfer_fail(t, s->tftp.error.code, NULL);
    t->error = s->tftp.error;
    if (t->error.code == PXE_E32 && !s->udp.sent)
        t->error.code = PXE_E11;
}

/* Does what one step of the machine asked for. */
static void perform(struct transfer *t)
{
    struct session *s = t->private;

    send(s);
    t->has_size = s->tftp.has_size;
    t->size = s->tftp.size;
    t->received = s->tftp.received;
    if (!store(t)) {
        tftp_abort(&s->tftp, SLIPWAY_E04, &s->out);
        send(s);
        transfer_fail_memory(t);
        t->error.server = s->tftp.config.server;
    } else if (s->tftp.state == TFTP_FAILED) {
        name_failure(t);
    } else if (s->tftp.state == TFTP_DONE) {
        t->state = TRANSFER_DONE;
    }
}

static void begin(struct transfer *t, const struct nic *nic, const struct net_config *net, struct ip4 server)
{
    struct session *s = t->private = system_allocate(sizeof(*s));
    struct tftp_config config = {
        .server = server,
        .file = t->file->path,
        .blksize = net->vlan ? BLKSIZE - VLAN_TAG_SIZE : BLKSIZE,
        .windowsize = WINDOWSIZE,
        .max_size = TRANSFER_SIZE_MAX,
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
    };
    EFI_STATUS status = s ? udp_open(&s->udp, nic, net, 0) : EFI_OUT_OF_RESOURCES;
    struct text text;

    if (status != EFI_SUCCESS) {
        transfer_fail(t, PXE_E99, &text);
        text_string(&text, "cannot open a UDP port: ");
        text_string(&text, system_status_name(status));
        return;
    }
    if (t->past_stack)
        udp_use_direct(&s->udp, nic, net);
    tftp_start(&s->tftp, &config, clock_ms(), &s->out);
    perform(t);
}

static void pump(struct transfer *t)
{
    struct session *s = t->private;
    struct udp_datagram d;

    for (unsigned i = 0; i < BURST && t->state == TRANSFER_ACTIVE && udp_receive(&s->udp, &d); i++) {
        tftp_packet(&s->tftp, d.src, d.src_port, d.data, d.size, clock_ms(), &s->out);
        perform(t);
        udp_release(&s->udp);
    }
    if (t->state == TRANSFER_ACTIVE && clock_ms() >= s->tftp.wake_ms) {
        tftp_timer(&s->tftp, clock_ms(), &s->out);
        perform(t);
    }
}

static void stop(struct transfer *t)
{
    struct session *s = t->private;

    tftp_abort(&s->tftp, PXE_EA0, &s->out);
    send(s);
}

static void end(struct transfer *t)
{
    struct session *s = t->private;

    if (s)
        transfer_end(t, &s->udp, stop);
}

const struct transfer_kind tftp_transfer = {begin, pump, end};
