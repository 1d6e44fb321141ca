/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/mtftp_internal.h"

void mtftp_output_clear(struct mtftp_output *out)
{
    out->join = out->leave = false;
    out->send_port = 0;
    out->packet_size = 0;
    out->data_offset = 0;
    out->data = NULL;
    out->data_size = 0;
}

static void send_packet(const struct writer *w, uint16_t port, struct mtftp_output *out)
{
    out->send_port = port;
    out->packet_size = w->length;
}

struct text mtftp_blame(struct mtftp *m, enum pxe_error code)
{
    struct text text;

    m->error = (struct error_detail){.code = code, .server = m->config.server};
    text_init(&text, m->error.received, sizeof(m->error.received));
    return text;
}

void mtftp_append_file(const struct mtftp *m, struct text *text)
{
    text_untrusted(text, m->config.file, text_length(m->config.file, SIZE_MAX));
}

void mtftp_fail(struct mtftp *m, struct mtftp_output *out)
{
    if (m->state == MTFTP_MASTER)
        mtftp_send_error(m->server_port, TFTP_ERROR_UNDEFINED, "the master client gives up", out);
    m->state = MTFTP_FAILED;
    m->wake_ms = UINT64_MAX;
    out->leave = true;
}

void mtftp_send_request(struct mtftp *m, struct mtftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_rrq(&w, m->config.file, 0, 1); /* PXE 2.1's MTFTP has no options */
    if (w.failed) {
        struct text text = mtftp_blame(m, PXE_E3F);

        text_string(&text, "file name ");
        mtftp_append_file(m, &text);
        mtftp_fail(m, out);
        return;
    }
    send_packet(&w, m->config.net.server_port, out);
}

void mtftp_send_ack(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_ack(&w, (uint16_t)m->acked);
    send_packet(&w, m->server_port, out);
    m->sent_ms = now_ms;
}

void mtftp_send_error(uint16_t port, enum tftp_error_code code, const char *message, struct mtftp_output *out)
{
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    tftp_write_error(&w, code, message);
    send_packet(&w, port, out);
}
