/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/mtftp.h"

#include "core/mtftp.h"
#include "core/progress_line.h"
#include "core/pxenv_status.h"
#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/memory_map.h"
#include "legacy/pxe.h"
#include "legacy/udp.h"

#define LOWEST 0x100000
/* A larger file is no boot file. */
#define SIZE_LIMIT 0x4000000
/* The ACK that a server misses costs everybody the pause. */
#define TIMEOUT_MS 500
#define RETRIES 4
#define OPENS 4
#define STALL_MS 30000
#define SCREEN_INTERVAL_MS 250

static struct {
    const struct net_config *net;
    struct download *file;
    uint64_t high, started_ms, next_screen_ms, received;
    bool cancelled;
    struct mtftp mtftp;
} session;

static struct mtftp_output out;
static uint8_t bitmap[MTFTP_BITMAP_SIZE(SIZE_LIMIT)];

static bool is_active(void)
{
    return session.mtftp.state < MTFTP_DONE && !session.cancelled;
}

static void send(void)
{
    if (out.packet_size)
        udp_send(session.net, session.mtftp.config.server, session.mtftp.config.net.client_port, out.send_port,
                 out.packet, out.packet_size);
}

/* Does what one step of the machine asked for. */
static void perform(void)
{
    send();
    if (!out.data)
        return;
    if (!download_make_room(session.file, out.data_offset + out.data_size, session.high)) {
        mtftp_abort(&session.mtftp, SLIPWAY_E04, &out);
        send();
        return;
    }
    memcpy(session.file->data + out.data_offset, out.data, out.data_size);
    session.received += out.data_size;
}

static void receive(const struct udp_datagram *d)
{
    const struct pxe_mtftp *m = &session.mtftp.config.net;

    if (d->port != m->client_port)
        return;
    mtftp_packet(&session.mtftp, d->src, d->src_port, ip4_equal(d->dst, m->group), d->data, d->size, clock_ms(), &out);
    perform();
}

/* Screen and keyboard, when the network leaves time for them. */
static void attend_console(void)
{
    char line[160], character;
    uint64_t total = session.mtftp.last ? session.mtftp.size : 0;
    struct text t;

    if (clock_ms() < session.next_screen_ms)
        return;
    session.next_screen_ms = clock_ms() + SCREEN_INTERVAL_MS;
    session.cancelled = console_key(&character) == MENU_KEY_ESCAPE;
    text_init(&t, line, sizeof(line));
    progress_line(&t, progress_base_name(session.file->path), session.received, total, clock_ms() - session.started_ms);
    console_update(line);
}

static void run(void)
{
    struct udp_datagram d;

    while (is_active()) {
        if (udp_receive(&d))
            receive(&d);
        else
            attend_console();
        if (is_active() && clock_ms() >= session.mtftp.wake_ms) {
            mtftp_timer(&session.mtftp, clock_ms(), &out);
            perform();
        }
    }
    if (!session.cancelled)
        return;
    mtftp_abort(&session.mtftp, PXE_EA0, &out);
    send();
}

static void show_done(const struct download *file, uint64_t started_ms)
{
    char line[160];
    struct text t;

    text_init(&t, line, sizeof(line));
    progress_line_done(&t, progress_base_name(file->path), file->size, clock_ms() - started_ms);
    console_finish(line);
}

static bool fetch_by_udp(struct ip4 server, const struct pxe_mtftp *mtftp, struct error_detail *ret_error)
{
    const struct mtftp_config config = {
        .server = server,
        .file = session.file->path,
        .net = *mtftp,
        .max_size = SIZE_LIMIT,
        .bitmap = bitmap,
        .bitmap_size = sizeof(bitmap),
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
        .opens = OPENS,
        .stall_ms = STALL_MS,
    };

    mtftp_start(&session.mtftp, &config, clock_ms(), &out);
    perform();
    run();
    if (session.mtftp.state == MTFTP_DONE) {
        session.file->size = session.received;
        return true;
    }
    *ret_error =
        session.cancelled ? (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"} : session.mtftp.error;
    return false;
}

/* PXE 2.1, TFTP_READ_FILE. Ports are in network order, times in seconds. */
struct read_file {
    uint16_t status;
    char name[128];
    uint32_t size, buffer;
    struct ip4 server, gateway, group;
    uint16_t client_port, server_port, open_timeout_s, reopen_s;
} __attribute__((packed));

_Static_assert(offsetof(struct read_file, group) == 146, "PXE 2.1, TFTP_READ_FILE");

/* As much memory as there is for a file of unknown size: the ROM asks for none. */
static bool take_most(struct download *file, uint64_t high)
{
    for (file->room = SIZE_LIMIT; !file->data && file->room >= MEMORY_PAGE; file->room /= 2) {
        file->data = (uint8_t *)(uintptr_t)memory_ranges_take(memory_map(), file->room, LOWEST, high);
        if (file->data)
            return true;
    }
    return false;
}

static uint16_t swap(uint16_t v)
{
    return (uint16_t)(v << 8 | v >> 8);
}

static uint16_t call_rom(const struct net_config *net, struct ip4 server, const struct pxe_mtftp *mtftp,
                         struct download *file)
{
    static struct read_file p;
    uint16_t status;

    p = (struct read_file){.size = (uint32_t)file->room,
                           .buffer = (uint32_t)(uintptr_t)file->data,
                           .server = server,
                           .gateway = net_config_is_local(net, server) ? (struct ip4){{0}} : net->gateway,
                           .group = mtftp->group,
                           .client_port = swap(mtftp->client_port),
                           .server_port = swap(mtftp->server_port),
                           .open_timeout_s = mtftp->listen_s,
                           .reopen_s = mtftp->reopen_s};
    memcpy(p.name, file->path, text_length(file->path, sizeof(p.name) - 1));
    udp_close(); /* the ROM has one connection at a time */
    status = pxe_call(PXE_TFTP_READ_FILE, &p);
    udp_open(net->address);
    file->size = p.size;
    return status == 0 && p.size > file->room ? PXENV_STATUS_FAILURE : status;
}

static bool fetch_by_rom(const struct net_config *net, struct ip4 server, const struct pxe_mtftp *mtftp,
                         struct download *file, uint64_t high, struct error_detail *ret_error)
{
    uint16_t status;
    struct text t;

    *ret_error = (struct error_detail){.code = SLIPWAY_E04, .server = server};
    if (!take_most(file, high))
        return false;
    console_update("The ROM fetches the boot file");
    status = call_rom(net, server, mtftp, file);
    if (status == 0) {
        memory_ranges_shrink(memory_map(), (uintptr_t)file->data, file->size);
        return true;
    }
    ret_error->code = PXE_E35;
    text_init(&t, ret_error->received, sizeof(ret_error->received));
    text_string(&t, "the ROM's TFTP_READ_FILE: ");
    pxenv_status_text(&t, status);
    return false;
}

bool mtftp_fetch(const struct net_config *net, struct ip4 server, const struct pxe_mtftp *mtftp, struct download *file,
                 uint64_t high, struct error_detail *ret_error)
{
    uint64_t started_ms = clock_ms();
    bool good;

    if (pxe_is_ipxe()) {
        session.net = net;
        session.file = file;
        session.high = high;
        session.started_ms = started_ms;
        session.next_screen_ms = session.received = 0;
        session.cancelled = false;
        good = fetch_by_udp(server, mtftp, ret_error);
    } else {
        good = fetch_by_rom(net, server, mtftp, file, high, ret_error);
    }
    if (good) {
        show_done(file, started_ms);
        return true;
    }
    if (file->data)
        memory_ranges_shrink(memory_map(), (uintptr_t)file->data, 0);
    *file = (struct download){.path = file->path};
    return false;
}
