/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/rom_file.h"

#include "core/download.h"
#include "core/pxenv_status.h"
#include "core/url.h"
#include "legacy/pxe.h"

/* Without a byte for so long the server is gone. */
#define SILENCE_MS 10000
/* Reads for one transfer before the others, and the console, get their turn. */
#define BURST 64
/* What a read returns at most is what a packet carried. */
#define PIECE 2048
#define URL_MAX 1024
#define WOULD_BLOCK 0x1b /* PXENV_STATUS_TFTP_OPEN: nothing has come yet */

static struct rom_file {
    bool used;
    bool flows; /* its server sends on while nobody reads */
    uint16_t handle;
    uint64_t heard_ms;
} files[DOWNLOADS_MAX];

static uint8_t piece[PIECE];
static char url[URL_MAX];

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
           c == '-' || c == '_';
}

bool rom_tftp_usable(const char *path)
{
    size_t n = 0;

    while (is_plain(path[n]))
        n++;
    return path[n] == 0 && n < URL_MAX / 2 && pxe_is_ipxe();
}

static void fail_call(struct transfer *t, const char *call, uint16_t status)
{
    struct text text;

    transfer_fail(t, pxenv_status_error(status), &text);
    /* A connection that is refused, to the ROM, ends while it is read. */
    if (t->error.code == PXE_E35 && !t->private)
        t->error.code = PXE_E32;
    text_string(&text, "the ROM's ");
    text_string(&text, call);
    text_string(&text, ": ");
    pxenv_status_text(&text, status);
    text_string(&text, " for ");
    text_untrusted(&text, t->file->path, text_length(t->file->path, SIZE_MAX));
    t->error.server = t->server;
}

static void fail_memory(struct transfer *t)
{
    transfer_fail_memory(t);
    t->error.server = t->server;
}

static void fail_url(struct transfer *t, const char *why)
{
    struct text text;

    transfer_fail(t, SLIPWAY_E05, &text);
    text_string(&text, why);
    text_untrusted(&text, t->file->path, text_length(t->file->path, SIZE_MAX));
}

static struct rom_file *take_slot(void)
{
    struct rom_file *f = files;

    while (f->used) /* as many as transfers */
        f++;
    f->used = true;
    return f;
}

static void ask_size(struct transfer *t, const struct rom_file *f)
{
    struct {
        uint16_t status, handle;
        uint32_t size;
    } __attribute__((packed)) p = {.handle = f->handle};

    t->has_size = pxe_call(PXE_GET_FILE_SIZE, &p) == 0 && p.size > 0;
    t->size = p.size;
}

/* Makes room at once where the size is known. */
static void make_room(struct transfer *t)
{
    const struct transfer_host *h = t->host;
    struct text text;

    if (t->has_size && t->size > h->max_size) {
        transfer_fail(t, PXE_E3A, &text);
        text_unsigned(&text, t->size);
        text_string(&text, " bytes");
        t->error.server = t->server;
    } else if (t->has_size && !h->reserve(h->context, t->file, t->size, 0)) {
        fail_memory(t);
    }
}

/* Opens what `url` holds. */
static void open(struct transfer *t)
{
    struct {
        uint16_t status, handle;
        struct real_pointer name;
        uint32_t reserved;
    } __attribute__((packed)) p = {.name = real_pointer(url)};
    bool flows = t->kind == &rom_url_transfer;
    uint16_t status = pxe_call(PXE_FILE_OPEN, &p);
    struct rom_file *f;

    if (status) {
        fail_call(t, "FILE_OPEN", status);
        return;
    }
    /* What fails from here on is told well enough: nothing follows it. */
    t->kind = &rom_url_transfer;
    f = t->private = take_slot();
    f->flows = flows;
    f->handle = p.handle;
    f->heard_ms = t->host->console->clock_ms();
    ask_size(t, f);
    make_room(t);
}

/* A ROM that opens a file keeps what comes for others meanwhile. One stream fills its memory, and then it has none for
 * the answer that it waits for: it never comes back (seen with iPXE 1.0.0). Of TFTP's lockstep only a block or two
 * comes. */
static bool must_wait(bool flows)
{
    for (size_t i = 0; i < DOWNLOADS_MAX; i++)
        if (files[i].used && (flows || files[i].flows))
            return true;
    return false;
}

static void open_in_turn(struct transfer *t)
{
    bool flows = t->kind == &rom_url_transfer;
    struct text text;

    if (must_wait(flows))
        return;
    text_init(&text, url, sizeof(url));
    if (!flows) {
        text_string(&text, "tftp://");
        text_ip4(&text, t->server);
        text_char(&text, '/'); /* the ROM takes one away */
    }
    text_string(&text, t->file->path);
    if (flows)
        t->host->console->update(url);
    open(t);
}

static void begin_url(struct transfer *t)
{
    struct url parsed;

    if (!url_parse(t->file->path, &parsed) || text_length(t->file->path, URL_MAX) >= URL_MAX) {
        fail_url(t, "");
        return;
    }
    t->server = parsed.address;
    if (!pxe_is_ipxe())
        fail_url(t, "this PXE ROM has no HTTP (iPXE's have): ");
    else
        open_in_turn(t);
}

static uint16_t read(const struct rom_file *f, size_t *ret_size)
{
    struct {
        uint16_t status, handle, size;
        struct real_pointer buffer;
    } __attribute__((packed)) p = {.handle = f->handle, .size = sizeof(piece), .buffer = real_pointer(piece)};
    uint16_t status = pxe_call(PXE_FILE_READ, &p);

    *ret_size = p.size;
    /* iPXE 1.0.0 (36a4c85): a response shorter than its Content-Length is an error with the wrong sign, and so comes as
     * a size. The lowest byte of iPXE's errors is a PXENV status. */
    if (status == 0 && p.size > sizeof(piece))
        return p.size & 0xff ? p.size & 0xff : PXENV_STATUS_FAILURE;
    return status;
}

static void fail_size(struct transfer *t, enum pxe_error code, uint64_t got)
{
    struct text text;

    transfer_fail(t, code, &text);
    text_string(&text, "announced ");
    text_unsigned(&text, t->size);
    text_string(&text, ", got ");
    text_unsigned(&text, got);
    t->error.server = t->server;
}

static void end(struct transfer *t)
{
    struct rom_file *f = t->private;
    struct {
        uint16_t status, handle;
    } p;

    if (!f)
        return;
    p.handle = f->handle;
    pxe_call(PXE_FILE_CLOSE, &p);
    f->used = false;
    t->private = NULL;
}

static void finish(struct transfer *t)
{
    end(t); /* the next one may be waiting for it */
    if (!t->has_size || t->received == t->size)
        t->state = TRANSFER_DONE;
    else
        fail_size(t, SLIPWAY_E02, t->received);
}

static void take(struct transfer *t, size_t size)
{
    if (size == 0) {
        finish(t);
    } else if (t->has_size && size > t->size - t->received) {
        fail_size(t, PXE_E3A, t->received + size);
    } else if (size > t->host->max_size - t->received || !transfer_store(t, t->received, piece, size)) {
        fail_memory(t);
    } else {
        t->received += size;
    }
}

static void look_at_clock(struct transfer *t)
{
    const struct rom_file *f = t->private;
    struct text text;

    if (t->host->console->clock_ms() - f->heard_ms <= SILENCE_MS)
        return;
    transfer_fail(t, PXE_E35, &text);
    text_string(&text, "silent after ");
    text_unsigned(&text, t->received);
    text_string(&text, " bytes of ");
    text_untrusted(&text, t->file->path, text_length(t->file->path, SIZE_MAX));
    t->error.server = t->server;
}

static void pump(struct transfer *t)
{
    struct rom_file *f = t->private;

    if (!f)
        open_in_turn(t);
    for (unsigned i = 0; f && i < BURST && t->state == TRANSFER_ACTIVE; i++) {
        size_t size;
        uint16_t status = read(f, &size);

        if (status == WOULD_BLOCK) {
            look_at_clock(t);
            return;
        }
        f->heard_ms = t->host->console->clock_ms();
        if (status)
            fail_call(t, "FILE_READ", status);
        else
            take(t, size);
    }
}

const struct transfer_kind rom_url_transfer = {"the ROM's HTTP", NULL, begin_url, pump, NULL, end};
const struct transfer_kind rom_tftp_transfer = {"the ROM's TFTP", &tftp_transfer, open_in_turn, pump, NULL, end};
