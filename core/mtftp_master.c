/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state MTFTP_MASTER: this client acknowledges, for all that listen. */
#include "core/mtftp_internal.h"

#define PAUSE_DOUBLINGS 3

static void wait_for_next_block(struct mtftp *m, uint64_t now_ms)
{
    unsigned doublings = m->tries < PAUSE_DOUBLINGS ? m->tries : PAUSE_DOUBLINGS;

    m->wake_ms = now_ms + ((uint64_t)m->config.timeout_ms << doublings);
}

/* The last ACK ends the transfer. Before that an ERROR does: the clients that are left open again, and do not have to
 * hear to the end what all of them have. */
void mtftp_master_close(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    if (m->acked == m->last)
        mtftp_send_ack(m, now_ms, out);
    else
        mtftp_send_error(m->server_port, TFTP_ERROR_UNDEFINED, "the master client has the file", out);
}

void mtftp_master_begin(struct mtftp *m, uint16_t port)
{
    m->state = MTFTP_MASTER;
    m->server_port = port;
    m->acked = 0;
    m->asked = false;
    m->pass_port = port;
    m->pass_from = 1;
    m->pass_at = 0;
}

/* A master that goes through blocks it has, towards one it misses, is getting on; but not twice through the same. */
static void note_furthest(struct mtftp *m, uint64_t now_ms)
{
    if (m->acked <= m->furthest)
        return;
    m->furthest = m->acked;
    m->progress_ms = now_ms;
}

/* The server repeats a block whose ACK was lost; what is repeated at once was doubled by the network, or sent to the
 * group as well, and must not be acknowledged twice (RFC 1123 4.2.3.1). */
void mtftp_master_took(struct mtftp *m, uint16_t port, uint64_t block, uint64_t now_ms, struct mtftp_output *out)
{
    if (port != m->server_port)
        return;
    if (block == m->acked + 1) {
        m->acked = block;
        m->tries = 0;
        note_furthest(m, now_ms);
        mtftp_send_ack(m, now_ms, out);
        wait_for_next_block(m, now_ms);
    } else if (block == m->acked && now_ms - m->sent_ms >= m->config.timeout_ms / 4) {
        mtftp_send_ack(m, now_ms, out);
    }
}

void mtftp_master_waited(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out)
{
    struct text text;

    if (m->tries < m->config.retries) {
        m->tries++;
        mtftp_send_ack(m, now_ms, out);
        wait_for_next_block(m, now_ms);
    } else if (m->acked > 1) {
        mtftp_listen_again(m, now_ms);
    } else {
        text = mtftp_blame(m, PXE_E35);
        text_string(&text, "block 1 came, but nothing to the group ");
        text_ip4(&text, m->config.net.group);
        text_string(&text, " of ");
        mtftp_append_file(m, &text);
        mtftp_fail(m, out);
    }
}
