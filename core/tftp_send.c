/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tftp_internal.h"

#define PAUSE_DOUBLINGS 3

void tftp_output_clear(struct tftp_output *out)
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

void tftp_wait_for_answer(struct tftp *t, uint64_t now_ms)
{
    unsigned doublings = t->tries < PAUSE_DOUBLINGS ? t->tries : PAUSE_DOUBLINGS;

    t->wake_ms = now_ms + ((uint64_t)t->config.timeout_ms << doublings);
}

struct text tftp_blame(struct tftp *t, enum pxe_error code)
{
    struct text text;

    t->error = (struct error_detail){.code = code, .server = t->config.server};
    text_init(&text, t->error.received, sizeof(t->error.received));
    return text;
}

void tftp_append_file(const struct tftp *t, struct text *text)
{
    text_untrusted(text, t->config.file, text_length(t->config.file, SIZE_MAX));
}

void tftp_fail(struct tftp *t)
{
    t->state = TFTP_FAILED;
    t->wake_ms = UINT64_MAX;
}

void tftp_fail_and_tell(struct tftp *t, enum tftp_error_code code, const char *message, struct tftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_error(&w, code, message);
    send_packet(t, &w, t->server_port, t->sent_ms, out);
    tftp_fail(t);
}

void tftp_send_request(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_rrq(&w, t->config.file, t->plain ? 0 : t->config.blksize, t->config.windowsize);
    if (w.failed) {
        struct text text = tftp_blame(t, PXE_E3F);

        text_string(&text, "file name ");
        tftp_append_file(t, &text);
        tftp_fail(t);
        return;
    }
    send_packet(t, &w, TFTP_PORT, now_ms, out);
    tftp_wait_for_answer(t, now_ms);
}

void tftp_send_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
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
void tftp_repeat_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out)
{
    if (now_ms - t->sent_ms >= t->config.timeout_ms / 4)
        tftp_send_ack(t, now_ms, out);
}

void tftp_note_progress(struct tftp *t, uint64_t now_ms)
{
    t->tries = 0;
    t->error.code = PXE_OK;
    tftp_wait_for_answer(t, now_ms);
}

void tftp_fail_too_big(struct tftp *t, const char *what, uint64_t size, uint64_t limit, struct tftp_output *out)
{
    struct text text = tftp_blame(t, PXE_E3A);

    text_string(&text, what);
    text_unsigned(&text, size);
    text_string(&text, " bytes, limit ");
    text_unsigned(&text, limit);
    text_string(&text, ": ");
    tftp_append_file(t, &text);
    tftp_fail_and_tell(t, TFTP_ERROR_FULL, "file is too big", out);
}

void tftp_begin_receiving(struct tftp *t, uint16_t server_port)
{
    t->state = TFTP_RECEIVING;
    t->server_port = server_port;
}
