/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fetches a URL through efi/http.h; core/http_response.h decides what the answer is worth. */
#include "core/progress_line.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/download_host.h"
#include "efi/http.h"
#include "efi/http_failure.h"
#include "efi/ip4_config.h"
#include "efi/system.h"

/* Without a byte for so long the server is gone. */
#define SILENCE_MS 10000
/* Pieces of the body taken from one transfer before the others get their turn. */
#define BURST 16
/* What the firmware is asked for at once; it answers with what has arrived. */
#define PIECE 0x100000

struct session {
    struct http http;
    struct http_response response;
    struct url url;
    enum { SENDING, WAITING, RECEIVING } phase;
    uint64_t heard_ms;
};

static void fail_silence(struct transfer *t)
{
    struct session *s = t->private;

    if (s->phase != RECEIVING)
        http_fail(t, &s->url, PXE_E32, "a TCP connection, but no answer to the HTTP request", EFI_SUCCESS);
    else if (!http_response_end(&s->response, "silence"))
        http_fail_response(t, &s->url, &s->response);
}

static void show_asking(const struct transfer *t, const struct url *url)
{
    char line[400];
    struct text text;

    text_init(&text, line, sizeof(line));
    text_untrusted(&text, progress_base_name(t->file->path), 60);
    text_string(&text, "  asking ");
    text_string(&text, url->host);
    console.update(line);
}

static void begin(struct transfer *t)
{
    const struct download_context *c = t->host->context;
    struct session *s = t->private = system_allocate(sizeof(*s));
    struct text text;
    EFI_STATUS status;

    if (!s) {
        transfer_fail_memory(t);
        return;
    }
    if (!url_parse(t->file->path, &s->url)) {
        transfer_fail(t, SLIPWAY_E05, &text);
        text_untrusted(&text, t->file->path, text_length(t->file->path, 100));
        return;
    }
    http_response_init(&s->response);
    status = http_open(&s->http, c->nic, c->net);
    if (status != EFI_SUCCESS) {
        http_fail_open(t, &s->url, status);
        return;
    }
    if (ip4_is_zero(s->url.address) || !net_config_is_local(c->net, s->url.address))
        ip4_config_lend(c->nic, c->net);
    show_asking(t, &s->url);
    status = http_get(&s->http, t->file->path, &s->url);
    if (status != EFI_SUCCESS)
        http_fail_connection(t, &s->url, status);
    s->phase = SENDING;
    s->heard_ms = clock_ms();
}

static void ask_head(struct transfer *t)
{
    struct session *s = t->private;
    EFI_STATUS status = http_receive_head(&s->http);

    s->phase = WAITING;
    if (status != EFI_SUCCESS && status != HTTP_STATUS_ERROR)
        http_fail(t, &s->url, PXE_E32, "no answer to the HTTP request", status);
}

/* Asks for the rest of the body, or ends when there is none. */
static void ask_body(struct transfer *t)
{
    struct session *s = t->private;
    uint64_t left = s->response.size - s->response.received;
    EFI_STATUS status;

    s->phase = RECEIVING;
    if (!left) {
        t->state = TRANSFER_DONE;
        return;
    }
    status = http_receive_body(&s->http, t->file->data + s->response.received, left < PIECE ? left : PIECE);
    if (status != EFI_SUCCESS && !http_response_end(&s->response, system_status_name(status)))
        http_fail_response(t, &s->url, &s->response);
}

static void take_head(struct transfer *t, EFI_STATUS status)
{
    struct session *s = t->private;
    unsigned code;

    if (status != EFI_SUCCESS && status != HTTP_STATUS_ERROR) {
        http_fail(t, &s->url, PXE_E32, "no answer to the HTTP request", status);
        return;
    }
    code = http_take_head(&s->http, &s->response);
    if (!http_response_begin(&s->response, code, t->host->max_size)) {
        http_fail_response(t, &s->url, &s->response);
        return;
    }
    t->has_size = true;
    t->size = s->response.size;
    if (t->size && !download_reserve(NULL, t->file, t->size, 0))
        transfer_fail_memory(t);
    else
        ask_body(t);
}

static void take_body(struct transfer *t, EFI_STATUS status)
{
    struct session *s = t->private;

    if (status != EFI_SUCCESS || !http_body_size(&s->http)) {
        http_response_end(&s->response, status == EFI_SUCCESS ? "the end of the body" : system_status_name(status));
        http_fail_response(t, &s->url, &s->response);
    } else if (!http_response_body(&s->response, http_body_size(&s->http))) {
        http_fail_response(t, &s->url, &s->response);
    } else {
        t->received = s->response.received;
        ask_body(t);
    }
}

static void take(struct transfer *t, EFI_STATUS status)
{
    struct session *s = t->private;

    switch (s->phase) {
    case SENDING:
        if (status == EFI_SUCCESS)
            ask_head(t);
        else
            http_fail_connection(t, &s->url, status);
        break;
    case WAITING:
        take_head(t, status);
        break;
    case RECEIVING:
        take_body(t, status);
        break;
    }
}

static void pump(struct transfer *t)
{
    struct session *s = t->private;
    EFI_STATUS status;

    for (unsigned i = 0; i < BURST && t->state == TRANSFER_ACTIVE && http_done(&s->http, &status); i++) {
        take(t, status);
        s->heard_ms = clock_ms();
    }
    if (t->state == TRANSFER_ACTIVE && clock_ms() - s->heard_ms > SILENCE_MS)
        fail_silence(t);
}

static void end(struct transfer *t)
{
    struct session *s = t->private;

    if (!s)
        return;
    http_close(&s->http);
    ip4_config_restore();
    system_free(s);
}

const struct transfer_kind http_transfer = {"HTTP", NULL, begin, pump, NULL, end};
