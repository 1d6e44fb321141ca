/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download.h"

#include "core/error_report.h"
#include "core/progress_line.h"
#include "core/url.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/system.h"
#include "efi/transfer.h"

#define SCREEN_INTERVAL_MS 100
/* Drawing may take one part in this many of the time: a serial console is slow. */
#define SCREEN_SHARE 20

struct session {
    const struct nic *nic;
    const struct net_config *net;
    struct ip4 server;
    bool past_stack;
    struct transfer transfers[DOWNLOADS_MAX];
    unsigned count, begun;
    uint64_t started_ms, next_screen_ms;
};

static void show_progress(const struct session *s, uint64_t now)
{
    char names[128], line[256];
    struct text t;
    uint64_t done = 0, total = 0;
    bool known = true;

    text_init(&t, names, sizeof(names));
    for (unsigned i = 0; i < s->count; i++) {
        const struct transfer *x = &s->transfers[i];
        if (x->state != TRANSFER_ACTIVE)
            continue;
        if (t.length)
            text_string(&t, " + ");
        text_string(&t, progress_base_name(x->file->path));
        known = known && x->has_size;
        done += x->received;
        total += x->size;
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
    progress_line_done(&t, progress_base_name(x->file->path), x->received, clock_ms() - s->started_ms);
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

static void start(const struct session *s, struct transfer *x, struct download *file, const struct transfer_kind *kind)
{
    *x = (struct transfer){.kind = kind, .file = file, .past_stack = s->past_stack};
    kind->begin(x, s->nic, s->net, s->server);
}

/* PXE 2.1: a client whose MTFTP fails uses TFTP. */
static void fall_back(const struct session *s, struct transfer *x)
{
    char line[256];
    struct text t;

    text_init(&t, line, sizeof(line));
    error_report_fall_back(&t, &x->error);
    text_char(&t, '\n');
    console_print(line);
    x->kind->end(x);
    download_free(x->file);
    start(s, x, x->file, &tftp_transfer);
}

/* Takes the end of a transfer in. Returns false when it has failed. */
static bool note_end(struct session *s, struct transfer *x, struct error_detail *ret_error)
{
    if (x->state == TRANSFER_FAILED && x->kind == &mtftp_transfer)
        fall_back(s, x);
    if (x->state == TRANSFER_FAILED) {
        *ret_error = x->error;
        return false;
    }
    if (x->state == TRANSFER_DONE) {
        x->file->size = x->received;
        show_done(s, x);
    }
    return true;
}

static const struct transfer_kind *kind_of(const struct download *file)
{
    if (url_is_url(file->path))
        return &http_transfer;
    return file->mtftp && pxe_mtftp_usable(file->mtftp) ? &mtftp_transfer : &tftp_transfer;
}

static bool begin(struct session *s, struct download *files, struct error_detail *ret_error)
{
    s->past_stack = true;
    for (unsigned i = 0; i < s->count; i++)
        s->past_stack = s->past_stack && kind_of(&files[i]) != &http_transfer;
    while (s->begun < s->count) {
        struct download *file = &files[s->begun];
        struct transfer *x = &s->transfers[s->begun++];

        start(s, x, file, kind_of(file));
        if (!note_end(s, x, ret_error))
            return false;
    }
    return true;
}

/* Runs until every file is complete, or one has failed. */
static bool run(struct session *s, struct error_detail *ret_error)
{
    unsigned left = s->count;

    while (left) {
        left = 0;
        for (unsigned i = 0; i < s->count; i++) {
            struct transfer *x = &s->transfers[i];

            if (x->state != TRANSFER_ACTIVE)
                continue;
            x->kind->pump(x);
            if (!note_end(s, x, ret_error))
                return false;
            left += x->state == TRANSFER_ACTIVE;
        }
        if (left && !attend_console(s)) {
            *ret_error = (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"};
            return false;
        }
    }
    return true;
}

static void end(struct session *s, bool good)
{
    for (unsigned i = 0; i < s->begun; i++) {
        struct transfer *x = &s->transfers[i];

        x->kind->end(x);
        if (!good)
            download_free(x->file);
    }
    console_finish("");
    system_free(s);
}

bool download_all(const struct nic *nic, const struct net_config *net, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error)
{
    struct session *s = system_allocate(sizeof(*s));
    bool good;

    if (!s) {
        *ret_error = (struct error_detail){.code = SLIPWAY_E04};
        return false;
    }
    s->nic = nic;
    s->net = net;
    s->server = server;
    s->count = count;
    s->started_ms = clock_ms();
    s->next_screen_ms = s->started_ms + SCREEN_INTERVAL_MS;
    good = begin(s, files, ret_error) && run(s, ret_error);
    end(s, good);
    return good;
}
