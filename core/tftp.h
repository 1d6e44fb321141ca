/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TFTP read client: RFC 1350 with options (2347), blksize (2348), tsize (2349), windowsize (7440).
 *
 *   caller                        machine                     server
 *   tftp_start  ---------------> RRQ  ----------------------> 69
 *   tftp_packet <-- OACK / DATA ------------------------------ any port: becomes the transfer's port
 *               ---------------> ACK  ---------------------->
 *   tftp_timer (at wake_ms) ---> repeats the last packet, with growing pauses
 *
 * The machine never touches memory that the caller did not hand in: file bytes are given back as a pointer into the
 * packet just received, together with their offset in the file. */
#ifndef SLIPWAY_CORE_TFTP_H
#define SLIPWAY_CORE_TFTP_H

#include "core/base.h"
#include "core/error.h"

#define TFTP_PORT 69
#define TFTP_REQUEST_MAX 512

struct tftp_config {
    struct ip4 server;
    const char *file;      /* NUL-terminated; must outlive the transfer */
    uint16_t blksize;      /* wanted, 512..65464; 1468 fills an Ethernet frame */
    uint16_t windowsize;   /* wanted, 1..64 */
    uint64_t max_size;     /* a larger file is PXE_E3A */
    uint32_t timeout_ms;   /* first retry pause; doubles up to 8 times this */
    unsigned retries;      /* repeats of one packet without progress before giving up */
};

enum tftp_state {
    TFTP_REQUESTING,   /* RRQ sent, nothing heard */
    TFTP_RECEIVING,
    TFTP_DONE,
    TFTP_FAILED,       /* see .error */
};

struct tftp {
    struct tftp_config config;
    enum tftp_state state;
    uint16_t server_port;      /* 0 until the server answered */
    uint16_t blksize;          /* in force */
    uint16_t windowsize;       /* in force */
    bool has_size;             /* the server announced tsize */
    uint64_t size;             /* announced by tsize; exact once TFTP_DONE */
    uint64_t received;         /* bytes taken in order */
    uint64_t next_block;       /* the block that is wanted, counted from 1 without wrapping */
    uint16_t window_fill;      /* blocks taken since the last ACK */
    bool gap_acked;            /* the ACK for the present gap went out: no sorcerer's apprentice */
    bool plain;                /* the request goes without options: the server refused them */
    unsigned tries;            /* repeats since the last progress */
    uint64_t sent_ms;          /* when the last packet went out */
    uint64_t wake_ms;          /* UINT64_MAX: never */
    struct error_detail error; /* TFTP_FAILED: why. Before: what silence would be blamed on (code 0: nothing) */
};

/* What a step wants. Zero or one packet to send, zero or one run of file bytes to store. */
struct tftp_output {
    uint16_t send_port;        /* 0: nothing to send; else the server's port to send `packet` to */
    size_t packet_size;
    uint8_t packet[TFTP_REQUEST_MAX];
    uint64_t data_offset;      /* where in the file `data` belongs */
    const uint8_t *data;       /* points into the datagram that was handed in; NULL: nothing */
    size_t data_size;
    bool size_known;           /* set once, on the step that learned tsize: time to make room */
};

/* Starts a transfer: output holds the RRQ. A file name that does not fit fails at once (PXE_E3F). */
void tftp_start(struct tftp *t, const struct tftp_config *config, uint64_t now_ms, struct tftp_output *out);

/* A datagram came from `src`:`src_port` (it may be anybody's: packets from strangers are answered with ERROR 5 as RFC
 * 1350 asks, or ignored, and change nothing). Malformed packets change nothing either, but name the error (PXE_E39) if
 * the server then falls silent. After TFTP_DONE a repeat of the last block is acknowledged again, for callers that
 * still listen. Failures: PXE_E36, E3B, E3C (the server's ERROR, or an option above what was asked), PXE_E3A (more than
 * announced or than max_size), PXE_E3F (a block larger than agreed), SLIPWAY_E02 (less than announced). */
void tftp_packet(struct tftp *t, struct ip4 src, uint16_t src_port, const uint8_t *data, size_t size, uint64_t now_ms,
                 struct tftp_output *out);

/* Call when now_ms >= t->wake_ms; earlier calls do nothing. Gives up with PXE_E32 (nothing heard) or PXE_E35. */
void tftp_timer(struct tftp *t, uint64_t now_ms, struct tftp_output *out);

/* The caller cannot go on (out of memory, cancelled): fails the transfer with `code`. Output holds an ERROR packet when
 * there is a server to tell. */
void tftp_abort(struct tftp *t, enum pxe_error code, struct tftp_output *out);

#endif
