/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tftp_internal.h"

#define BLKSIZE_DEFAULT 512 /* RFC 1350 */

void tftp_start(struct tftp *t, const struct tftp_config *config, uint64_t now_ms, struct tftp_output *out)
{
    tftp_output_clear(out);
    *t = (struct tftp){
        .config = *config,
        .state = TFTP_REQUESTING,
        .blksize = BLKSIZE_DEFAULT,
        .windowsize = 1,
        .next_block = 1,
        .wake_ms = UINT64_MAX,
    };
    tftp_send_request(t, now_ms, out);
}

static void finish(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    if (t->has_size && t->received != t->size) {
        struct text text = tftp_blame(t, SLIPWAY_E02);

        text_string(&text, "truncated: announced ");
        text_unsigned(&text, t->size);
        text_string(&text, ", got ");
        text_unsigned(&text, t->received);
        text_string(&text, ": ");
        tftp_append_file(t, &text);
        out->data = NULL;
        out->data_size = 0;
        tftp_fail_and_tell(t, TFTP_ERROR_UNDEFINED, "file is shorter than announced", out);
        return;
    }
    tftp_send_ack(t, now_ms, out);
    t->size = t->received;
    t->state = TFTP_DONE;
    t->wake_ms = UINT64_MAX;
}

static void fail_oversized_block(struct tftp *t, size_t size, struct tftp_output *out)
{
    struct text text = tftp_blame(t, PXE_E3F);

    text_string(&text, "a block of ");
    text_unsigned(&text, size);
    text_string(&text, " bytes, agreed on ");
    text_unsigned(&text, t->blksize);
    tftp_fail_and_tell(t, TFTP_ERROR_ILLEGAL, "block is larger than agreed", out);
}

static void take_block(struct tftp *t, const uint8_t *data, size_t size, uint64_t now_ms, struct tftp_output *out)
{
    uint64_t limit = t->has_size ? t->size : t->config.max_size;

    if (size > t->blksize) {
        fail_oversized_block(t, size, out);
        return;
    }
    if (size > limit - t->received) {
        tftp_fail_too_big(t, "at least ", t->received + size, limit, out);
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
    tftp_note_progress(t, now_ms);
    if (size < t->blksize)
        finish(t, now_ms, out);
    else if (t->window_fill >= t->windowsize)
        tftp_send_ack(t, now_ms, out);
}

/* Block numbers have 16 bits and wrap to 0; how far this one is from the wanted block tells what it is. */
static void take_numbered_block(struct tftp *t, uint16_t block, const uint8_t *data, size_t size, uint64_t now_ms,
                                struct tftp_output *out)
{
    uint16_t ahead = (uint16_t)(block - (uint16_t)t->next_block);

    if (ahead == 0 && t->state == TFTP_RECEIVING) {
        take_block(t, data, size, now_ms, out);
    } else if (ahead == UINT16_MAX && t->window_fill == 0) {
        tftp_repeat_ack(t, now_ms, out);
    } else if (ahead < t->windowsize && t->state == TFTP_RECEIVING && !t->gap_acked) {
        t->gap_acked = true;
        tftp_send_ack(t, now_ms, out);
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
        tftp_begin_receiving(t, src_port);
    }
    take_numbered_block(t, block, data, size, now_ms, out);
}

static void take_error(struct tftp *t, struct cursor *c, uint64_t now_ms, struct tftp_output *out)
{
    unsigned code = cursor_u16(c);
    struct text text = tftp_blame(t, tftp_error_meaning(code));

    tftp_tell_error(&text, code, c);
    text_string(&text, " for ");
    tftp_append_file(t, &text);
    if (t->state == TFTP_REQUESTING && t->plain && code == TFTP_ERROR_OPTIONS)
        return; /* a duplicate of the refusal that made the request plain */
    if (t->state == TFTP_REQUESTING && !t->plain && (code == TFTP_ERROR_OPTIONS || code == TFTP_ERROR_UNDEFINED)) {
        t->plain = true;
        t->tries = 0;
        tftp_send_request(t, now_ms, out);
        return;
    }
    tftp_fail(t);
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
    struct text text;

    tftp_output_clear(out);
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
        tftp_take_oack(t, &c, src_port, now_ms, out);
    else if (opcode == TFTP_ERROR && cursor_left(&c) >= 2)
        take_error(t, &c, now_ms, out);
    else {
        text = tftp_blame(t, PXE_E39);
        tftp_tell_malformed(&text, data, size);
    }
}

static void give_up(struct tftp *t)
{
    struct text text;

    if (t->error.code == PXE_OK && t->state == TFTP_REQUESTING) {
        text = tftp_blame(t, PXE_E32);
        text_string(&text, "no answer for ");
        tftp_append_file(t, &text);
    } else if (t->error.code == PXE_OK) {
        text = tftp_blame(t, PXE_E35);
        text_string(&text, "silent after ");
        text_unsigned(&text, t->received);
        text_string(&text, " bytes of ");
        tftp_append_file(t, &text);
    }
    tftp_fail(t);
}

void tftp_timer(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    tftp_output_clear(out);
    if (now_ms < t->wake_ms || t->state == TFTP_DONE || t->state == TFTP_FAILED)
        return;
    if (t->tries == t->config.retries) {
        give_up(t);
        return;
    }
    t->tries++;
    if (t->state == TFTP_REQUESTING) {
        tftp_send_request(t, now_ms, out);
        return;
    }
    t->gap_acked = false;
    tftp_send_ack(t, now_ms, out);
    tftp_wait_for_answer(t, now_ms);
}

void tftp_abort(struct tftp *t, enum pxe_error code, struct tftp_output *out)
{
    tftp_output_clear(out);
    tftp_blame(t, code);
    if (t->state == TFTP_RECEIVING)
        tftp_fail_and_tell(t, TFTP_ERROR_UNDEFINED, "cancelled by the client", out);
    else
        tftp_fail(t);
}
