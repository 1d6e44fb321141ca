/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/download.h"

#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/download_host.h"
#include "legacy/send_failure.h"
#include "legacy/udp.h"

#define BLKSIZE 1468
#define PORT_FIRST 49152
#define PORT_COUNT 16384

/* The ROM has one UDP for all: what comes is told apart by its port. */
static struct socket {
    uint16_t port; /* 0: closed */
    bool has_sent;
} sockets[DOWNLOADS_MAX];

static struct download_set set;

/* Whose TFTP had no windows the last time. */
static struct ip4 lockstep_server;

static struct socket *socket_of(const struct transfer *t)
{
    return &sockets[t - set.transfers];
}

/* A port that the last download's late packets do not come to. */
static uint16_t next_port(void)
{
    static uint16_t offset;

    if (offset == 0)
        offset = (uint16_t)(clock_counter() % PORT_COUNT);
    offset = (uint16_t)((offset + 1) % PORT_COUNT);
    return PORT_FIRST + offset;
}

/* Where MTFTP is used over the ROM's UDP, that hands out what comes to any group. */
static bool open_socket(struct transfer *t, uint16_t port, struct ip4 group, struct error_detail *ret_error)
{
    (void)group;
    (void)ret_error;
    *socket_of(t) = (struct socket){.port = port ? port : next_port()};
    return true;
}

static void close_socket(struct transfer *t)
{
    socket_of(t)->port = 0;
}

static void send(struct transfer *t, uint16_t port, const void *data, size_t size)
{
    const struct download_context *c = t->host->context;
    struct socket *s = socket_of(t);
    uint16_t status = udp_send(c->net, t->server, s->port, port, data, size);

    send_failure_note(status);
    if (status == 0)
        s->has_sent = true;
}

static bool has_sent(const struct transfer *t)
{
    return socket_of(t)->has_sent;
}

static bool receive(struct transfer *t, struct transfer_datagram *ret)
{
    struct udp_datagram d;

    (void)t;
    if (!udp_receive(&d))
        return false;
    *ret =
        (struct transfer_datagram){.src = d.src, .dst = d.dst, .src_port = d.src_port, .data = d.data, .size = d.size};
    for (unsigned i = 0; i < set.begun; i++)
        if (sockets[i].port == d.port)
            ret->receiver = &set.transfers[i];
    return ret->receiver != NULL;
}

static void release(struct transfer *t)
{
    (void)t;
}

bool download_is_lockstep(struct ip4 server)
{
    return ip4_equal(server, lockstep_server);
}

/* What a small file has shown of its server serves the large ones. */
static void note_lockstep(struct ip4 server, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (set.transfers[i].kind == &tftp_transfer)
            lockstep_server = set.transfers[i].tftp.machine.windowsize == 1 ? server : (struct ip4){{0}};
}

static bool is_silence(enum pxe_error code)
{
    return code == PXE_E11 || code == PXE_E32 || code == PXE_E35;
}

bool download_all(const struct net_config *net, struct ip4 server, const struct download_protocols *protocols,
                  struct download *files, unsigned count, uint64_t high, struct error_detail *ret_error)
{
    struct download_context context = {.net = net, .high = high};
    const struct transfer_host host = {
        .context = &context,
        .console = &console,
        .blksize = BLKSIZE,
        .max_size = high,
        .mtftp_bitmap = protocols->mtftp_bitmap,
        .mtftp_bitmap_size = protocols->mtftp_bitmap_size,
        .kind = protocols->kind,
        .reserve = download_reserve,
        .trim = download_trim,
        .free = download_give_back,
        .copy = download_copy,
        .open = open_socket,
        .close = close_socket,
        .send = send,
        .has_sent = has_sent,
        .receive = receive,
        .release_datagram = release,
    };

    send_failure_forget();
    if (!download_run(&set, &host, server, files, count, ret_error)) {
        if (is_silence(ret_error->code))
            send_failure_tell(ret_error);
        return false;
    }
    note_lockstep(server, count);
    return true;
}
