/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download.h"

#include "core/progress_line.h"
#include "core/tftp.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/system.h"
#include "efi/udp.h"

#define PAGE_SIZE 4096
#define BLKSIZE 1468
#define WINDOWSIZE 64
#define TIMEOUT_MS 500
#define RETRIES 6
#define SIZE_MAX_BYTES 0x100000000
/* Room for a file whose size the server does not tell; doubled as it fills up. */
#define FIRST_ROOM 0x100000
/* Datagrams taken from one transfer before the others get their turn. */
#define BURST 64
#define SCREEN_INTERVAL_MS 100
/* Drawing may take one part in this many of the time: a serial console is slow. */
#define SCREEN_SHARE 20

/* One file under way. The firmware keeps pointers into .udp, so this lives in pool memory and does not move. */
struct transfer {
    struct download *file;
    struct udp udp;
    struct tftp tftp;
    struct tftp_output out;
};

struct session {
    struct transfer *transfers;
    unsigned count;
    uint64_t started_ms, next_screen_ms;
};

void download_free(struct download *d)
{
    if (d->data)
        system_boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)d->data, d->pages);
    d->data = NULL;
    d->size = 0;
    d->pages = 0;
}

/* Makes room for `size` bytes and keeps the first `used`. */
static bool make_room(struct download *d, uint64_t size, uint64_t used)
{
    size_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    EFI_PHYSICAL_ADDRESS address;

    if (pages <= d->pages)
        return true;
    if (system_boot->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address) != EFI_SUCCESS)
        return false;
    if (used)
        system_boot->CopyMem((void *)(uintptr_t)address, d->data, used);
    download_free(d);
    d->data = (uint8_t *)(uintptr_t)address;
    d->pages = pages;
    return true;
}

static bool store(struct transfer *t)
{
    struct download *file = t->file;
    uint64_t end = t->out.data_offset + t->out.data_size;

    if (t->out.size_known && t->tftp.size && !make_room(file, t->tftp.size, 0))
        return false;
    if (!t->out.data_size)
        return true;
    if (end > (uint64_t)file->pages * PAGE_SIZE &&
        !make_room(file, end < FIRST_ROOM ? FIRST_ROOM : end * 2, t->out.data_offset))
        return false;
    system_boot->CopyMem(file->data + t->out.data_offset, (void *)t->out.data, t->out.data_size);
    return true;
}

static void send(struct transfer *t)
{
    if (t->out.packet_size)
        udp_send(&t->udp, t->tftp.config.server, t->out.send_port, t->out.packet, t->out.packet_size);
}

static void abort_transfer(struct transfer *t, enum pxe_error code)
{
    tftp_abort(&t->tftp, code, &t->out);
    send(t);
}

static bool is_active(const struct transfer *t)
{
    return t->tftp.state == TFTP_REQUESTING || t->tftp.state == TFTP_RECEIVING;
}

static void describe_memory(struct transfer *t)
{
    struct text text;

    text_init(&text, t->tftp.error.received, sizeof(t->tftp.error.received));
    progress_line(&text, progress_base_name(t->file->path), t->tftp.received, t->tftp.has_size ? t->tftp.size : 0, 0);
}

static void perform(struct transfer *t)
{
    send(t);
    if (!store(t)) {
        abort_transfer(t, SLIPWAY_E04);
        describe_memory(t);
    }
}

static void pump(struct transfer *t)
{
    struct udp_datagram d;

    for (unsigned i = 0; i < BURST && is_active(t) && udp_receive(&t->udp, &d); i++) {
        tftp_packet(&t->tftp, d.src, d.src_port, d.data, d.size, clock_ms(), &t->out);
        perform(t);
        udp_release(&t->udp);
    }
    if (is_active(t) && clock_ms() >= t->tftp.wake_ms) {
        tftp_timer(&t->tftp, clock_ms(), &t->out);
        perform(t);
    }
}

static void show_progress(const struct session *s, uint64_t now)
{
    char names[128], line[256];
    struct text t;
    uint64_t done = 0, total = 0;
    bool known = true;

    text_init(&t, names, sizeof(names));
    for (unsigned i = 0; i < s->count; i++) {
        const struct transfer *x = &s->transfers[i];
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
    progress_line(&t, names, done, known ? total : 0, now - s->started_ms);
    console_update(line);
}

static void show_done(const struct session *s, const struct transfer *x)
{
    char line[256];
    struct text t;

    text_init(&t, line, sizeof(line));
    progress_line_done(&t, progress_base_name(x->file->path), x->tftp.received, clock_ms() - s->started_ms);
    console_finish(line);
}

/* Screen and keyboard, seldom enough not to slow the transfer. Returns false when ESC was pressed. */
static bool attend_console(struct session *s)
{
    uint64_t now = clock_ms(), pause;
    char character;

    if (now < s->next_screen_ms)
        return true;
    if (console_key(&character) == MENU_KEY_ESCAPE)
        return false;
    show_progress(s, now);
    pause = (clock_ms() - now) * SCREEN_SHARE;
    s->next_screen_ms = now + (pause > SCREEN_INTERVAL_MS ? pause : SCREEN_INTERVAL_MS);
    return true;
}

static bool begin(struct session *s, unsigned i, const struct nic *nic, const struct net_config *net, struct ip4 server,
                  struct error_detail *ret_error)
{
    struct transfer *x = &s->transfers[i];
    struct tftp_config config = {
        .server = server,
        .file = x->file->path,
        .blksize = BLKSIZE,
        .windowsize = WINDOWSIZE,
        .max_size = SIZE_MAX_BYTES,
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
    };
    EFI_STATUS status = udp_open(&x->udp, nic, net, 0);

    if (status != EFI_SUCCESS) {
        struct text t;
        *ret_error = (struct error_detail){.code = PXE_E99};
        text_init(&t, ret_error->received, sizeof(ret_error->received));
        text_string(&t, "cannot open a UDP port: ");
        text_string(&t, system_status_name(status));
        return false;
    }
    tftp_start(&x->tftp, &config, clock_ms(), &x->out);
    send(x);
    return true;
}

/* A server that does not even answer ARP is another trouble than one without TFTP. */
static void name_failure(struct transfer *x, struct error_detail *ret_error)
{
    *ret_error = x->tftp.error;
    if (ret_error->code == PXE_E32 && !x->udp.sent)
        ret_error->code = PXE_E11;
}

/* Runs until every file is complete, or one has failed. */
static bool run(struct session *s, struct error_detail *ret_error)
{
    unsigned left = s->count;

    while (left) {
        left = 0;
        for (unsigned i = 0; i < s->count; i++) {
            struct transfer *x = &s->transfers[i];
            bool was_active = is_active(x);

            if (was_active)
                pump(x);
            if (x->tftp.state == TFTP_FAILED) {
                name_failure(x, ret_error);
                return false;
            }
            if (was_active && x->tftp.state == TFTP_DONE) {
                x->file->size = x->tftp.received;
                show_done(s, x);
            }
            left += is_active(x);
        }
        if (left && !attend_console(s)) {
            *ret_error = (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"};
            return false;
        }
    }
    return true;
}

/* Closes what is open; when the whole has failed, tells the server about transfers that still run. */
static void end(struct session *s, bool good)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct transfer *x = &s->transfers[i];

        if (x->udp.child && is_active(x))
            abort_transfer(x, PXE_EA0);
        udp_close(&x->udp);
        if (!good)
            download_free(x->file);
    }
    console_finish("");
    system_free(s->transfers);
}

bool download_all(const struct nic *nic, const struct net_config *net, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error)
{
    struct session s = {.count = count, .started_ms = clock_ms()};
    bool good = true;

    s.transfers = system_allocate(count * sizeof(*s.transfers));
    if (!s.transfers) {
        *ret_error = (struct error_detail){.code = SLIPWAY_E04};
        return false;
    }
    s.next_screen_ms = s.started_ms + SCREEN_INTERVAL_MS;
    for (unsigned i = 0; i < count; i++)
        s.transfers[i].file = &files[i];
    for (unsigned i = 0; i < count && good; i++)
        good = begin(&s, i, nic, net, server, ret_error);
    good = good && run(&s, ret_error);
    end(&s, good);
    return good;
}
