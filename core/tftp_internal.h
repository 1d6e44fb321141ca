/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the TFTP machine share: tftp.c decides, tftp_options.c negotiates, tftp_send.c sends and fails. */
#ifndef SLIPWAY_CORE_TFTP_INTERNAL_H
#define SLIPWAY_CORE_TFTP_INTERNAL_H

#include "core/cursor.h"
#include "core/tftp.h"
#include "core/tftp_packet.h"

void tftp_output_clear(struct tftp_output *out);

/* Sets the time of the next repeat by the number of repeats so far. */
void tftp_wait_for_answer(struct tftp *t, uint64_t now_ms);
/* Something new came: repeats start afresh, and nothing is to be blamed any more. */
void tftp_note_progress(struct tftp *t, uint64_t now_ms);
/* The server has answered from this port, which it keeps (RFC 1350 4). */
void tftp_begin_receiving(struct tftp *t, uint16_t server_port);

/* Sends the RRQ; a name that does not fit fails the transfer. */
void tftp_send_request(struct tftp *t, uint64_t now_ms, struct tftp_output *out);
/* Acknowledges everything taken in order, which begins a new window. */
void tftp_send_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out);
/* The same, but only when the last packet went out long enough ago. */
void tftp_repeat_ack(struct tftp *t, uint64_t now_ms, struct tftp_output *out);

/* Blames `code` without failing yet; returns the text that is to say what was received. */
struct text tftp_blame(struct tftp *t, enum pxe_error code);
void tftp_append_file(const struct tftp *t, struct text *text);
/* Fails with what was blamed. */
void tftp_fail(struct tftp *t);
/* Fails with what was blamed, and tells the server that it need not go on. */
void tftp_fail_and_tell(struct tftp *t, enum tftp_error_code code, const char *message, struct tftp_output *out);
/* PXE_E3A: `what` and `size` are what was seen. */
void tftp_fail_too_big(struct tftp *t, const char *what, uint64_t size, uint64_t limit, struct tftp_output *out);

/* An OACK came; c stands behind its opcode. */
void tftp_take_oack(struct tftp *t, struct cursor *c, uint16_t src_port, uint64_t now_ms, struct tftp_output *out);

#endif
