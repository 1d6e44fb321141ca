/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the MTFTP machine share: mtftp.c decides, mtftp_master.c acknowledges, mtftp_blocks.c numbers and
 * keeps, mtftp_send.c sends and fails. */
#ifndef SLIPWAY_CORE_MTFTP_INTERNAL_H
#define SLIPWAY_CORE_MTFTP_INTERNAL_H

#include "core/cursor.h"
#include "core/mtftp.h"
#include "core/tftp_packet.h"

/* A DATA packet from the server. */
struct mtftp_block {
    uint16_t port, number;
    const uint8_t *data;
    size_t size;
};

/* Nothing more comes for now: listens, for the time that tag 4 and what was missed ask for. */
void mtftp_listen_again(struct mtftp *m, uint64_t now_ms);

/* The server sent block 1 from `port` to us alone. */
void mtftp_master_begin(struct mtftp *m, uint16_t port);
/* Acknowledges `block` (0: could not be told) if it is the next of the own transfer, or its repeat. */
void mtftp_master_took(struct mtftp *m, uint16_t port, uint64_t block, uint64_t now_ms, struct mtftp_output *out);
/* Time is up: repeats the ACK, or gives the transfer up. */
void mtftp_master_waited(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out);
/* Ends the transfer of a client that has the file, at the server. */
void mtftp_master_close(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out);

/* Which block of the file this is; 0: cannot be told. Begins a new pass when it is not of the present one. */
uint64_t mtftp_place(struct mtftp *m, const struct mtftp_block *b);
/* Hands `block` out unless it was had already. Returns false when the transfer has failed over it. */
bool mtftp_store(struct mtftp *m, const struct mtftp_block *b, uint64_t block, uint64_t now_ms,
                 struct mtftp_output *out);
/* Every block was received, and they belong together. */
bool mtftp_is_complete(const struct mtftp *m);

void mtftp_output_clear(struct mtftp_output *out);
/* Sends the RRQ; a name that does not fit fails the transfer. */
void mtftp_send_request(struct mtftp *m, struct mtftp_output *out);
void mtftp_send_ack(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out);
void mtftp_send_error(uint16_t port, enum tftp_error_code code, const char *message, struct mtftp_output *out);

/* Blames `code` without failing yet; returns the text that is to say what was received. */
struct text mtftp_blame(struct mtftp *m, enum pxe_error code);
void mtftp_append_file(const struct mtftp *m, struct text *text);
/* Fails with what was blamed, and tells a server that waits for our ACK that it need not. */
void mtftp_fail(struct mtftp *m, struct mtftp_output *out);

#endif
