/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/mtftp_internal.h"

#define TIE_MS 500

static void listen_for(struct mtftp *m, uint64_t ms, uint64_t now_ms)
{
    m->state = MTFTP_LISTENING;
    m->wake_ms = now_ms + ms;
    m->pass_port = 0;
}

void mtftp_start(struct mtftp *m, const struct mtftp_config *config, uint64_t now_ms, struct mtftp_output *out)
{
    mtftp_output_clear(out);
    *m = (struct mtftp){.config = *config, .progress_ms = now_ms};
    if (m->config.net.reopen_s == 0)
        m->config.net.reopen_s = 1;
    memset(config->bitmap, 0, config->bitmap_size);
    out->join = true;
    listen_for(m, config->net.listen_s * 1000u, now_ms);
}

/* Who misses most opens first, and the others hear what they miss as well (PXE 2.1). Those who miss more than tag 4 has
 * seconds would all open at once, and so are told apart within half a second. */
void mtftp_listen_again(struct mtftp *m, uint64_t now_ms)
{
    uint64_t missed = mtftp_missed(m), most = m->config.net.listen_s, heard = m->received + missed;

    listen_for(m, missed < most ? (most - missed) * 1000 : heard > 0 ? m->received * TIE_MS / heard : 0, now_ms);
}

static void finish(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    if (m->state == MTFTP_MASTER)
        mtftp_master_close(m, now_ms, out);
    m->state = MTFTP_DONE;
    m->wake_ms = UINT64_MAX;
    out->leave = true;
}

static void listener_took(struct mtftp *m, uint64_t block, uint64_t now_ms)
{
    m->state = MTFTP_RECEIVING;
    m->wake_ms = now_ms + m->config.net.reopen_s * 1000u;
    if (m->last != 0 && block == m->last)
        mtftp_listen_again(m, now_ms);
}

static void take_block(struct mtftp *m, const struct mtftp_block *b, uint64_t now_ms, struct mtftp_output *out)
{
    uint64_t block = mtftp_place(m, b);

    m->unanswered = 0;
    m->error.code = PXE_OK;
    if (block != 0 && !mtftp_store(m, b, block, now_ms, out))
        return;
    if (m->state == MTFTP_MASTER)
        mtftp_master_took(m, b->port, block, now_ms, out);
    else
        listener_took(m, block, now_ms);
    if (mtftp_is_complete(m))
        finish(m, now_ms, out);
}

/* A block that the server sends to us alone: the answer to our request, or one more transfer that nobody needs. */
static bool is_for_us(struct mtftp *m, const struct mtftp_block *b, struct mtftp_output *out)
{
    if (m->state != MTFTP_MASTER && m->asked && b->number == 1)
        mtftp_master_begin(m, b->port);
    if (m->state != MTFTP_MASTER)
        return false;
    if (b->port != m->server_port)
        mtftp_send_error(b->port, TFTP_ERROR_UNKNOWN_ID, "unknown transfer ID", out);
    return b->port == m->server_port;
}

/* The server waits for its master, who has the file. */
static void take_after_end(struct mtftp *m, const struct mtftp_block *b, bool multicast, uint64_t now_ms,
                           struct mtftp_output *out)
{
    if (b->port == m->server_port)
        mtftp_master_close(m, now_ms, out);
    else if (!multicast)
        mtftp_send_error(b->port, TFTP_ERROR_UNDEFINED, "has the file", out);
}

static void take_data(struct mtftp *m, struct cursor *c, uint16_t port, bool multicast, uint64_t now_ms,
                      struct mtftp_output *out)
{
    struct mtftp_block b = {.port = port, .number = cursor_u16(c), .size = cursor_left(c)};

    b.data = cursor_bytes(c, b.size);
    if (m->state == MTFTP_DONE)
        take_after_end(m, &b, multicast, now_ms, out);
    else if (multicast || is_for_us(m, &b, out))
        take_block(m, &b, now_ms, out);
}

/* An ERROR counts when it answers our request, or our ACK. */
static void take_error(struct mtftp *m, struct cursor *c, uint16_t port, struct mtftp_output *out)
{
    unsigned code = cursor_u16(c);
    struct text text;

    if (m->state != MTFTP_OPENING && (m->state != MTFTP_MASTER || port != m->server_port))
        return;
    text = mtftp_blame(m, tftp_error_meaning(code));
    tftp_tell_error(&text, code, c);
    text_string(&text, " for ");
    mtftp_append_file(m, &text);
    m->state = MTFTP_OPENING; /* the server waits for nothing more */
    mtftp_fail(m, out);
}

static bool is_stalled(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    struct text text;

    if (now_ms - m->progress_ms < m->config.stall_ms + m->config.net.listen_s * 1000u)
        return false;
    text = mtftp_blame(m, PXE_E35);
    text_string(&text, "no new block after ");
    text_unsigned(&text, m->received);
    text_string(&text, " of ");
    mtftp_append_file(m, &text);
    mtftp_fail(m, out);
    return true;
}

void mtftp_packet(struct mtftp *m, struct ip4 src, uint16_t src_port, bool multicast, const uint8_t *data, size_t size,
                  uint64_t now_ms, struct mtftp_output *out)
{
    struct cursor c;
    uint16_t opcode;
    struct text text;

    mtftp_output_clear(out);
    if (m->state == MTFTP_FAILED || src_port == 0 || !ip4_equal(src, m->config.server))
        return;
    cursor_init(&c, data, size);
    opcode = cursor_u16(&c);
    if (m->state != MTFTP_DONE && is_stalled(m, now_ms, out))
        return;
    if (opcode == TFTP_DATA && cursor_left(&c) >= 2)
        take_data(m, &c, src_port, multicast, now_ms, out);
    else if (m->state == MTFTP_DONE || (multicast && opcode == TFTP_ERROR))
        return; /* an ERROR to the group is for its master, and others open by themselves */
    else if (opcode == TFTP_ERROR && cursor_left(&c) >= 2)
        take_error(m, &c, src_port, out);
    else {
        text = mtftp_blame(m, PXE_E39);
        tftp_tell_malformed(&text, data, size);
    }
}

static void open_transfer(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    struct text text;

    if (m->unanswered < m->config.opens) {
        m->state = MTFTP_OPENING;
        m->asked = true;
        m->unanswered++;
        m->wake_ms = now_ms + m->config.net.reopen_s * 1000u;
        mtftp_send_request(m, out);
        return;
    }
    if (m->error.code == PXE_OK) {
        text = mtftp_blame(m, PXE_E32);
        text_string(&text, "no answer to ");
        text_unsigned(&text, m->unanswered);
        text_string(&text, " MTFTP requests to UDP ");
        text_unsigned(&text, m->config.net.server_port);
        text_string(&text, " for ");
        mtftp_append_file(m, &text);
    }
    mtftp_fail(m, out);
}

void mtftp_timer(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    mtftp_output_clear(out);
    if (now_ms < m->wake_ms || m->state == MTFTP_DONE || m->state == MTFTP_FAILED || is_stalled(m, now_ms, out))
        return;
    if (m->state == MTFTP_MASTER)
        mtftp_master_waited(m, now_ms, out);
    else if (m->state == MTFTP_RECEIVING)
        mtftp_listen_again(m, now_ms);
    else
        open_transfer(m, now_ms, out);
}

void mtftp_abort(struct mtftp *m, enum pxe_error code, struct mtftp_output *out)
{
    mtftp_output_clear(out);
    mtftp_blame(m, code);
    mtftp_fail(m, out);
}
