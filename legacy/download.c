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
/* Room for a file whose size the server does not say: boot entries, mostly. */
#define UNKNOWN_SIZE 0x400000
#define PORT_FIRST 49152
#define PORT_COUNT 16384

struct session {
    const struct net_config *net;
    struct download *file;
    uint64_t high, room;
    uint64_t started_ms, next_screen_ms;
    uint16_t port;
    struct tftp tftp;
};

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

static void send(struct session *s)
{
    if (out.packet_size)
        udp_send(s->net, s->tftp.config.server, s->port, out.send_port, out.packet, out.packet_size);
}

static bool reserve(struct session *s, uint64_t size)
{
    s->file->data = (uint8_t *)(uintptr_t)memory_ranges_take(memory_map(), size, LOWEST, s->high);
    s->room = s->file->data ? size : 0;
    return s->file->data;
}

static bool store(struct session *s)
{
    if (out.size_known && s->tftp.size && !reserve(s, s->tftp.size))
        return false;
    if (!out.data)
        return true;
    if (!s->file->data && !reserve(s, UNKNOWN_SIZE))
        return false;
    if (out.data_offset > s->room || out.data_size > s->room - out.data_offset)
        return false;
    memcpy(s->file->data + out.data_offset, out.data, out.data_size);
    return true;
}

/* Does what one step of the machine asked for. */
static void perform(struct session *s)
{
    send(s);
    if (s->tftp.state != TFTP_FAILED && !store(s)) {
        tftp_abort(&s->tftp, SLIPWAY_E04, &out);
        send(s);
    }
}

static void show(const struct session *s)
{
    uint64_t elapsed = clock_ms() - s->started_ms;
    const char *name = progress_base_name(s->file->path);
    char line[160];
    struct text t;

    text_init(&t, line, sizeof(line));
    if (s->tftp.state == TFTP_DONE) {
        progress_line_done(&t, name, s->tftp.received, elapsed);
        console_finish(line);
    } else {
        progress_line(&t, name, s->tftp.received, s->tftp.has_size ? s->tftp.size : 0, elapsed);
        console_update(line);
    }
}

static void attend_console(struct session *s, struct error_detail *ret_error)
{
    char character;

    if (clock_ms() < s->next_screen_ms)
        return;
    s->next_screen_ms = clock_ms() + SCREEN_INTERVAL_MS;
    if (console_key(&character) == MENU_KEY_ESCAPE) {
        tftp_abort(&s->tftp, PXE_EA0, &out);
        send(s);
        *ret_error = (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"};
        return;
    }
    show(s);
}

static void run(struct session *s, struct error_detail *ret_error)
{
    while (s->tftp.state == TFTP_REQUESTING || s->tftp.state == TFTP_RECEIVING) {
        struct udp_datagram d;

        if (udp_receive(s->port, &d)) {
            tftp_packet(&s->tftp, d.src, d.src_port, d.data, d.size, clock_ms(), &out);
            perform(s);
        } else {
            attend_console(s, ret_error);
        }
        if (clock_ms() >= s->tftp.wake_ms) {
            tftp_timer(&s->tftp, clock_ms(), &out);
            perform(s);
        }
    }
}

bool download_file(const struct net_config *net, struct ip4 server, struct download *file, uint64_t high,
                   struct error_detail *ret_error)
{
    static struct session s;
    struct tftp_config config = {.server = server,
                                 .file = file->path,
                                 .blksize = BLKSIZE,
                                 .windowsize = WINDOWSIZE,
                                 .max_size = high,
                                 .timeout_ms = TIMEOUT_MS,
                                 .retries = RETRIES};

    if (url_is_url(file->path)) {
        *ret_error = (struct error_detail){.code = SLIPWAY_E05, .received = "no HTTP on BIOS"};
        return false;
    }
    s = (struct session){.net = net, .file = file, .high = high, .port = next_port(), .started_ms = clock_ms()};
    *ret_error = (struct error_detail){.code = PXE_OK};
    tftp_start(&s.tftp, &config, clock_ms(), &out);
    perform(&s);
    run(&s, ret_error);
    if (s.tftp.state == TFTP_FAILED) {
        console_finish("");
        if (ret_error->code == PXE_OK)
            *ret_error = s.tftp.error;
        return false;
    }
    show(&s);
    file->size = s.tftp.received;
    return true;
}
