/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tftp.h"
#include "core/tftp_packet.h"

#define BLKSIZE_DEFAULT 512 /* RFC 1350 */
#define BLKSIZE_MIN 8       /* RFC 2348 */
#define PAUSE_DOUBLINGS 3

static void output_clear(struct tftp_output *out)
{
    out->send_port = 0;
    out->packet_size = 0;
    out->data_offset = 0;
    out->data = NULL;
    out->data_size = 0;
    out->size_known = false;
}

static void send_packet(struct tftp *t, const struct writer *w, uint16_t port, uint64_t now_ms, struct tftp_output *out)
{
    out->send_port = port;
    out->packet_size = w->length;
    t->sent_ms = now_ms;
}

static void wait_for_answer(struct tftp *t, uint64_t now_ms)
{
    unsigned doublings = t->tries < PAUSE_DOUBLINGS ? t->tries : PAUSE_DOUBLINGS;

    t->wake_ms = now_ms + ((uint64_t)t->config.timeout_ms << doublings);
}

/* Blames `code` without failing yet; returns the text that is to say what was received. */
static struct text blame(struct tftp *t, enum pxe_error code)
{
    struct text text;

    t->error = (struct error_detail){.code = code, .server = t->config.server};
    text_init(&text, t->error.received, sizeof(t->error.received));
    return text;
}

static void fail(struct tftp *t)
{
    t->state = TFTP_FAILED;
    t->wake_ms = UINT64_MAX;
}

/* Fails with what was blamed, and tells the server that it need not go on. */
static void fail_and_tell(struct tftp *t, enum tftp_error_code code, const char *message, struct tftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_error(&w, code, message);
    send_packet(t, &w, t->server_port, t->sent_ms, out);
    fail(t);
}

static void append_file(const struct tftp *t, struct text *text)
{
    text_untrusted(text, t->config.file, text_length(t->config.file, SIZE_MAX));
}

static void send_request(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_rrq(&w, t->config.file, t->plain ? 0 : t->config.blksize, t->config.windowsize);
    if (w.failed) {
        struct text text = blame(t, PXE_E3F);

        text_string(&text, "file name ");
        append_file(t, &text);
        fail(t);
        return;
    }
    send_packet(t, &w, TFTP_PORT, now_ms, out);
    wait_for_answer(t, now_ms);
}

/* Acknowledges everything taken in order, which begins a new window. */
static void send_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_ack(&w, (uint16_t)(t->next_block - 1));
    send_packet(t, &w, t->server_port, now_ms, out);
    t->window_fill = 0;
}

/* A server that repeats itself has not got our ACK; but a repeat that comes at once was made by the network, and
 * answering each of those would double the traffic for the rest of the file (RFC 1123 4.2.3.1, the sorcerer's
 * apprentice). */
static void repeat_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    if (now_ms - t->sent_ms >= t->config.timeout_ms / 4)
        send_ack(t, now_ms, out);
}

static void note_progress(struct tftp *t, uint64_t now_ms)
{
    t->tries = 0;
    t->error.code = PXE_OK;
    wait_for_answer(t, now_ms);
}

static void begin_receiving(struct tftp *t, uint16_t server_port)
{
    t->state = TFTP_RECEIVING;
    t->server_port = server_port;
}

void tftp_start(struct tftp *t, const struct tftp_config *config, uint64_t now_ms, struct tftp_output *out)
{
    output_clear(out);
    *t = (struct tftp){
        .config = *config,
        .state = TFTP_REQUESTING,
        .blksize = BLKSIZE_DEFAULT,
        .windowsize = 1,
        .next_block = 1,
        .wake_ms = UINT64_MAX,
    };
    send_request(t, now_ms, out);
}

static void take_malformed(struct tftp *t, const uint8_t *data, size_t size)
{
    struct text text = blame(t, PXE_E39);

    text_string(&text, "a packet of ");
    text_unsigned(&text, size);
    text_string(&text, " bytes:");
    for (size_t i = 0; i < size && i < 8; i++) {
        text_char(&text, ' ');
        text_hex(&text, data[i], 2);
    }
}

static void refuse_option(struct tftp *t, const char *name, const struct tftp_option *o, uint16_t asked,
                          struct tftp_output *out)
{
    struct text text = blame(t, PXE_E36);

    text_string(&text, "OACK with ");
    text_string(&text, name);
    text_char(&text, ' ');
    text_untrusted(&text, o->text, o->text_size < 32 ? o->text_size : 32);
    text_string(&text, ", asked for ");
    text_unsigned(&text, asked);
    fail_and_tell(t, TFTP_ERROR_OPTIONS, "option was not asked for like that", out);
}

/* A server may lower what was asked for, never raise it (RFC 2348, 7440). */
static bool is_lowered(const struct tftp_option *o, uint16_t least, uint16_t asked)
{
    return o->is_number && o->value >= least && o->value <= asked;
}

static bool accept_options(struct tftp *t, const struct tftp_oack *oack, struct tftp_output *out)
{
    if (t->plain)
        return true;
    if (oack->blksize.present) {
        if (!is_lowered(&oack->blksize, BLKSIZE_MIN, t->config.blksize)) {
            refuse_option(t, "blksize", &oack->blksize, t->config.blksize, out);
            return false;
        }
        t->blksize = (uint16_t)oack->blksize.value;
    }
    if (oack->windowsize.present && t->config.windowsize > 1) {
        if (!is_lowered(&oack->windowsize, 1, t->config.windowsize)) {
            refuse_option(t, "windowsize", &oack->windowsize, t->config.windowsize, out);
            return false;
        }
        t->windowsize = (uint16_t)oack->windowsize.value;
    }
    return true;
}

static void fail_too_big(struct tftp *t, const char *what, uint64_t size, uint64_t limit, struct tftp_output *out)
{
    struct text text = blame(t, PXE_E3A);

    text_string(&text, what);
    text_unsigned(&text, size);
    text_string(&text, " bytes, limit ");
    text_unsigned(&text, limit);
    text_string(&text, ": ");
    append_file(t, &text);
    fail_and_tell(t, TFTP_ERROR_FULL, "file is too big", out);
}

/* Zero is what a server echoes that does not know the size (RFC 2349 asks with a zero). */
static bool accept_size(struct tftp *t, const struct tftp_option *tsize, struct tftp_output *out)
{
    if (t->plain || !tsize->is_number || tsize->value == 0)
        return true;
    t->has_size = out->size_known = true;
    t->size = tsize->value;
    if (t->size <= t->config.max_size)
        return true;
    out->size_known = false;
    fail_too_big(t, "announced ", t->size, t->config.max_size, out);
    return false;
}

static void take_oack(struct tftp *t, struct cursor *c, uint16_t src_port, uint64_t now_ms, struct tftp_output *out)
{
    struct tftp_oack oack;

    if (t->state != TFTP_REQUESTING) {
        if (t->next_block == 1)
            repeat_ack(t, now_ms, out);
        return;
    }
    begin_receiving(t, src_port);
    tftp_read_oack(c, &oack);
    if (!accept_options(t, &oack, out) || !accept_size(t, &oack.tsize, out))
        return;
    note_progress(t, now_ms);
    send_ack(t, now_ms, out);
}

static void finish(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    if (t->has_size && t->received != t->size) {
        struct text text = blame(t, SLIPWAY_E02);

        text_string(&text, "truncated: announced ");
        text_unsigned(&text, t->size);
        text_string(&text, ", got ");
        text_unsigned(&text, t->received);
        text_string(&text, ": ");
        append_file(t, &text);
        out->data = NULL;
        out->data_size = 0;
        fail_and_tell(t, TFTP_ERROR_UNDEFINED, "file is shorter than announced", out);
        return;
    }
    send_ack(t, now_ms, out);
    t->size = t->received;
    t->state = TFTP_DONE;
    t->wake_ms = UINT64_MAX;
}

static void fail_oversized_block(struct tftp *t, size_t size, struct tftp_output *out)
{
    struct text text = blame(t, PXE_E3F);

    text_string(&text, "a block of ");
    text_unsigned(&text, size);
    text_string(&text, " bytes, agreed on ");
    text_unsigned(&text, t->blksize);
    fail_and_tell(t, TFTP_ERROR_ILLEGAL, "block is larger than agreed", out);
}

static void take_block(struct tftp *t, const uint8_t *data, size_t size, uint64_t now_ms, struct tftp_output *out)
{
    uint64_t limit = t->has_size ? t->size : t->config.max_size;

    if (size > t->blksize) {
        fail_oversized_block(t, size, out);
        return;
    }
    if (size > limit - t->received) {
        fail_too_big(t, "at least ", t->received + size, limit, out);
        return;
    }
    if (size > 0) {
        out->data = data;
        out->data_size = size;
        out->data_offset = t->received;
    }
    t->received += size;
    t->next_block++;
    t->window_fill++;
    t->gap_acked = false;
    note_progress(t, now_ms);
    if (size < t->blksize)
        finish(t, now_ms, out);
    else if (t->window_fill >= t->windowsize)
        send_ack(t, now_ms, out);
}

/* Block numbers have 16 bits and wrap to 0; how far this one is from the wanted block tells what it is. */
static void take_numbered_block(struct tftp *t, uint16_t block, const uint8_t *data, size_t size, uint64_t now_ms,
                                struct tftp_output *out)
{
    uint16_t ahead = (uint16_t)(block - (uint16_t)t->next_block);

    if (ahead == 0 && t->state == TFTP_RECEIVING) {
        take_block(t, data, size, now_ms, out);
    } else if (ahead == UINT16_MAX && t->window_fill == 0) {
        repeat_ack(t, now_ms, out);
    } else if (ahead < t->windowsize && t->state == TFTP_RECEIVING && !t->gap_acked) {
        t->gap_acked = true;
        send_ack(t, now_ms, out);
    }
}

static void take_data(struct tftp *t, struct cursor *c, uint16_t src_port, uint64_t now_ms, struct tftp_output *out)
{
    uint16_t block = cursor_u16(c);
    size_t size = cursor_left(c);
    const uint8_t *data = cursor_bytes(c, size);

    if (t->state == TFTP_REQUESTING) {
        /* Block 1 without an OACK: the server knows no options (RFC 2347). Any other is left over from another
         * transfer. */
        if (block != 1)
            return;
        begin_receiving(t, src_port);
    }
    take_numbered_block(t, block, data, size, now_ms, out);
}

static enum pxe_error error_of(unsigned code)
{
    if (code == TFTP_ERROR_NOT_FOUND)
        return PXE_E3B;
    return code == TFTP_ERROR_ACCESS ? PXE_E3C : PXE_E36;
}

static void take_error(struct tftp *t, struct cursor *c, uint64_t now_ms, struct tftp_output *out)
{
    unsigned code = cursor_u16(c);
    size_t size = cursor_left(c);
    struct text text = blame(t, error_of(code));

    text_string(&text, "error ");
    text_unsigned(&text, code);
    text_string(&text, " \"");
    text_untrusted(&text, cursor_bytes(c, size), size < 64 ? size : 64);
    text_string(&text, "\" for ");
    append_file(t, &text);
    if (t->state == TFTP_REQUESTING && t->plain && code == TFTP_ERROR_OPTIONS)
        return; /* a duplicate of the refusal that made the request plain */
    if (t->state == TFTP_REQUESTING && !t->plain && (code == TFTP_ERROR_OPTIONS || code == TFTP_ERROR_UNDEFINED)) {
        t->plain = true;
        t->tries = 0;
        send_request(t, now_ms, out);
        return;
    }
    fail(t);
}

/* Never answers an ERROR, lest two sides do so for ever. */
static void answer_stranger(uint16_t opcode, uint16_t port, struct tftp_output *out)
{
    struct writer w;

    if (opcode == TFTP_ERROR)
        return;
    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_error(&w, TFTP_ERROR_UNKNOWN_ID, "unknown transfer ID");
    out->send_port = port;
    out->packet_size = w.length;
}

void tftp_packet(struct tftp *t, struct ip4 src, uint16_t src_port, const uint8_t *data, size_t size, uint64_t now_ms,
                 struct tftp_output *out)
{
    struct cursor c;
    uint16_t opcode;

    output_clear(out);
    if (t->state == TFTP_FAILED || src_port == 0 || !ip4_equal(src, t->config.server))
        return;
    cursor_init(&c, data, size);
    opcode = cursor_u16(&c);
    if (t->server_port != 0 && src_port != t->server_port)
        answer_stranger(opcode, src_port, out);
    else if (opcode == TFTP_DATA && cursor_left(&c) >= 2)
        take_data(t, &c, src_port, now_ms, out);
    else if (t->state == TFTP_DONE)
        return;
    else if (opcode == TFTP_OACK)
        take_oack(t, &c, src_port, now_ms, out);
    else if (opcode == TFTP_ERROR && cursor_left(&c) >= 2)
        take_error(t, &c, now_ms, out);
    else
        take_malformed(t, data, size);
}

static void give_up(struct tftp *t)
{
    struct text text;

    if (t->error.code == PXE_OK && t->state == TFTP_REQUESTING) {
        text = blame(t, PXE_E32);
        text_string(&text, "no answer for ");
        append_file(t, &text);
    } else if (t->error.code == PXE_OK) {
        text = blame(t, PXE_E35);
        text_string(&text, "silent after ");
        text_unsigned(&text, t->received);
        text_string(&text, " bytes of ");
        append_file(t, &text);
    }
    fail(t);
}

void tftp_timer(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    output_clear(out);
    if (now_ms < t->wake_ms || t->state == TFTP_DONE || t->state == TFTP_FAILED)
        return;
    if (t->tries == t->config.retries) {
        give_up(t);
        return;
    }
    t->tries++;
    if (t->state == TFTP_REQUESTING) {
        send_request(t, now_ms, out);
        return;
    }
    t->gap_acked = false;
    send_ack(t, now_ms, out);
    wait_for_answer(t, now_ms);
}

void tftp_abort(struct tftp *t, enum pxe_error code, struct tftp_output *out)
{
    output_clear(out);
    blame(t, code);
    if (t->state == TFTP_RECEIVING)
        fail_and_tell(t, TFTP_ERROR_UNDEFINED, "cancelled by the client", out);
    else
        fail(t);
}
