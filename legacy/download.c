/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/download.h"

#include "core/progress_line.h"
#include "core/tftp.h"
#include "core/url.h"
#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/memory_map.h"
#include "legacy/pxe.h"
#include "legacy/udp.h"

#define BLKSIZE 1468
#define WINDOWSIZE 64
#define TIMEOUT_MS 500
#define RETRIES 6
#define SCREEN_INTERVAL_MS 250
#define LOWEST 0x100000
/* Room for a file whose size the server does not say; doubled as it fills up. */
#define UNKNOWN_SIZE 0x400000
#define PORT_FIRST 49152
#define PORT_COUNT 16384

struct transfer {
    struct download *file;
    uint16_t port;
    struct tftp tftp;
};

static struct session {
    const struct net_config *net;
    uint64_t high, started_ms, next_screen_ms;
    struct transfer transfers[DOWNLOADS_MAX];
    unsigned count, active;
    const struct transfer *failed; /* NULL: none */
    bool cancelled;
} session;

static struct tftp_output out;

/* A port that the last download's late packets do not come to. */
static uint16_t next_port(void)
{
    static uint16_t offset;

    if (offset == 0)
        offset = (uint16_t)(clock_counter() % PORT_COUNT);
    offset = (uint16_t)((offset + 1) % PORT_COUNT);
    return PORT_FIRST + offset;
}

static bool is_active(const struct transfer *x)
{
    return x->tftp.state == TFTP_REQUESTING || x->tftp.state == TFTP_RECEIVING;
}

static void send(const struct transfer *x)
{
    if (out.packet_size)
        udp_send(session.net, x->tftp.config.server, x->port, out.send_port, out.packet, out.packet_size);
}

/* Room for `size` bytes, with what is in already. */
static bool reserve(struct download *file, uint64_t size, uint64_t high)
{
    uint8_t *data = (uint8_t *)(uintptr_t)memory_ranges_take(memory_map(), size, LOWEST, high);

    if (!data)
        return false;
    if (file->data) {
        memcpy(data, file->data, file->room);
        memory_ranges_shrink(memory_map(), (uintptr_t)file->data, 0);
    }
    file->data = data;
    file->room = size;
    return true;
}

bool download_make_room(struct download *file, uint64_t end, uint64_t high)
{
    while (end > file->room)
        if (!reserve(file, file->room ? file->room * 2 : UNKNOWN_SIZE, high))
            return false;
    return true;
}

static bool store(struct transfer *x)
{
    uint64_t end = out.data_offset + out.data_size;

    if (out.size_known && x->tftp.size && !reserve(x->file, x->tftp.size, session.high))
        return false;
    if (!out.data)
        return true;
    if (x->tftp.has_size ? end > x->file->room : !download_make_room(x->file, end, session.high))
        return false;
    memcpy(x->file->data + out.data_offset, out.data, out.data_size);
    return true;
}

static void show_done(const struct transfer *x)
{
    char line[160];
    struct text t;

    text_init(&t, line, sizeof(line));
    progress_line_done(&t, progress_base_name(x->file->path), x->tftp.received, clock_ms() - session.started_ms);
    console_finish(line);
}

/* Does what one step of a machine asked for, and takes its end in. */
static void perform(struct transfer *x)
{
    send(x);
    if (x->tftp.state != TFTP_FAILED && !store(x)) {
        tftp_abort(&x->tftp, SLIPWAY_E04, &out);
        send(x);
    }
    if (is_active(x))
        return;
    session.active--;
    if (x->tftp.state == TFTP_FAILED) {
        session.failed = x;
    } else {
        x->file->size = x->tftp.received;
        memory_ranges_shrink(memory_map(), (uintptr_t)x->file->data, x->file->size);
        show_done(x);
    }
}

static void show_progress(void)
{
    char names[100], line[200];
    uint64_t done = 0, total = 0;
    bool known = true;
    struct text t;

    text_init(&t, names, sizeof(names));
    for (unsigned i = 0; i < session.count; i++) {
        const struct transfer *x = &session.transfers[i];

        if (!is_active(x))
            continue;
        if (t.length)
            text_string(&t, " + ");
        text_string(&t, progress_base_name(x->file->path));
        known = known && x->tftp.has_size;
        done += x->tftp.received;
        total += x->tftp.size;
    }
    text_init(&t, line, sizeof(line));
    progress_line(&t, names, done, known ? total : 0, clock_ms() - session.started_ms);
    console_update(line);
}

/* Screen and keyboard, when the network leaves time for them. */
static void attend_console(void)
{
    char character;

    if (clock_ms() < session.next_screen_ms)
        return;
    session.next_screen_ms = clock_ms() + SCREEN_INTERVAL_MS;
    session.cancelled = console_key(&character) == MENU_KEY_ESCAPE;
    show_progress();
}

static void receive(const struct udp_datagram *d)
{
    for (unsigned i = 0; i < session.count; i++) {
        struct transfer *x = &session.transfers[i];

        if (x->port != d->port)
            continue;
        bool was_active = is_active(x);
        tftp_packet(&x->tftp, d->src, d->src_port, d->data, d->size, clock_ms(), &out);
        if (was_active)
            perform(x);
        else
            send(x); /* the server has not heard that all is in */
    }
}

static void look_at_clock(void)
{
    uint64_t now = clock_ms();

    for (unsigned i = 0; i < session.count; i++) {
        struct transfer *x = &session.transfers[i];

        if (!is_active(x) || now < x->tftp.wake_ms)
            continue;
        tftp_timer(&x->tftp, now, &out);
        perform(x);
    }
}

static void begin(struct ip4 server, struct download *files, unsigned count)
{
    for (; session.count < count && !session.failed; session.count++) {
        struct transfer *x = &session.transfers[session.count];
        struct tftp_config config = {.server = server,
                                     .file = files[session.count].path,
                                     .blksize = BLKSIZE,
                                     .windowsize = WINDOWSIZE,
                                     .max_size = session.high,
                                     .timeout_ms = TIMEOUT_MS,
                                     .retries = RETRIES};

        *x = (struct transfer){.file = &files[session.count], .port = next_port()};
        session.active++;
        tftp_start(&x->tftp, &config, clock_ms(), &out);
        perform(x);
    }
}

/* Tells the servers that nobody listens any more. */
static void end(void)
{
    for (unsigned i = 0; i < session.count; i++)
        if (is_active(&session.transfers[i])) {
            tftp_abort(&session.transfers[i].tftp, PXE_EA0, &out);
            send(&session.transfers[i]);
        }
}

static bool is_fetchable(const struct download *files, unsigned count, struct error_detail *ret_error)
{
    struct text t;

    for (unsigned i = 0; i < count; i++) {
        if (!url_is_url(files[i].path))
            continue;
        *ret_error = (struct error_detail){.code = SLIPWAY_E05};
        text_init(&t, ret_error->received, sizeof(ret_error->received));
        text_string(&t, "no HTTP on BIOS: ");
        text_untrusted(&t, files[i].path, text_length(files[i].path, SIZE_MAX));
        return false;
    }
    return true;
}

bool download_all(const struct net_config *net, struct ip4 server, struct download *files, unsigned count,
                  uint64_t high, struct error_detail *ret_error)
{
    struct udp_datagram d;

    if (!is_fetchable(files, count, ret_error))
        return false;
    session = (struct session){.net = net, .high = high, .started_ms = clock_ms()};
    begin(server, files, count);
    while (session.active && !session.failed && !session.cancelled) {
        if (udp_receive(&d))
            receive(&d);
        else
            attend_console();
        look_at_clock();
    }
    end();
    if (!session.failed && !session.cancelled)
        return true;
    console_finish("");
    *ret_error = session.failed ? session.failed->tftp.error
                                : (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"};
    return false;
}
