/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MTFTP read client: PXE 2.1's multicast TFTP, which is not RFC 2090's. Many clients take one file from one stream of
 * blocks; one of them, the master client, acknowledges for all.
 *
 *   mtftp_start: join the group
 *   LISTENING   tag 4 seconds          a block from the group: RECEIVING
 *   OPENING     RRQ to the tag-3 port, every tag 5 seconds
 *                                      block 1 to ourselves: MASTER; a block from the group: RECEIVING
 *   MASTER      acknowledges each block, to the port it comes from; has all that it missed: tells the server, DONE
 *   RECEIVING   takes what comes       tag 5 seconds of silence, or the last block with some missed: LISTENING, for
 *                                      tag 4 less one second for each missed block, so that who misses most opens first
 *   FAILED      nobody answers, an ERROR, blocks that contradict each other: plain TFTP is what the caller does next
 *
 * The length of the file is not known before its last block, the first that is shorter than the others. Blocks come in
 * any order: the caller hands in a bitmap of those received, and stores each at the offset that is given with it. */
#ifndef SLIPWAY_CORE_MTFTP_H
#define SLIPWAY_CORE_MTFTP_H

#include "core/base.h"
#include "core/error.h"
#include "core/pxe_vendor.h"
#include "core/tftp.h"

/* Bytes of bitmap for a file of at most max_size bytes: a bit for each block of 512 bytes, the smallest there are, and
 * one for the short block that ends the file. 64 MiB need 16 KiB and one byte. */
#define MTFTP_BITMAP_SIZE(max_size) ((size_t)((max_size) / 4096 + 1))

struct mtftp_config {
    struct ip4 server;
    const char *file;      /* NUL-terminated; must outlive the transfer */
    struct pxe_mtftp net;  /* as boot_plan has it; reopen_s 0 counts as 1 */
    uint64_t max_size;     /* a larger file is PXE_E3A */
    uint8_t *bitmap;       /* the machine's own until the transfer ends; need not be cleared */
    size_t bitmap_size;    /* MTFTP_BITMAP_SIZE(max_size) */
    uint32_t timeout_ms;   /* master: first pause before an ACK is repeated; doubles up to 8 times this */
    unsigned retries;      /* master: repeats of one ACK before the transfer counts as dead */
    unsigned opens;        /* requests in a row that nobody answers before giving up (PXE_E32) */
    uint32_t stall_ms;     /* time (and tag 4's) without a new block before giving up (PXE_E35), whatever else comes */
};

enum mtftp_state {
    MTFTP_LISTENING, /* nothing heard: does a transfer go on already? */
    MTFTP_OPENING,   /* RRQ sent */
    MTFTP_MASTER,
    MTFTP_RECEIVING, /* somebody else is the master */
    MTFTP_DONE,      /* every byte has been given out; see .size */
    MTFTP_FAILED,    /* see .error; the file can still be had by plain TFTP */
};

struct mtftp {
    struct mtftp_config config;
    enum mtftp_state state;
    uint64_t wake_ms;     /* UINT64_MAX: never */
    uint64_t size;        /* of the file, once MTFTP_DONE */
    struct error_detail error; /* MTFTP_FAILED: why. Before: what silence would be blamed on (code 0: nothing) */

    /* Blocks are counted from 1 without wrapping. */
    size_t blksize;       /* of the first block heard, at least 512; 0: none heard */
    uint64_t received;    /* how many different ones */
    uint64_t highest;     /* the highest of them */
    uint64_t last;        /* the one that ends the file; 0: unknown */
    /* A pass is one run of the server through the file. Numbers have 16 bits, so only an unbroken pass tells what they
     * are past 65535. */
    uint16_t pass_port;   /* the server's port; 0: between passes */
    uint64_t pass_from;   /* its first block that was heard here */
    uint64_t pass_at;     /* its furthest */
    uint64_t seam;        /* first block received, if not block 1, until a pass through it shows it unchanged; 0: no */
    uint64_t seam_hash;
    /* The master client. */
    uint16_t server_port; /* 0: never was the master */
    uint64_t acked, furthest; /* the last ACK of this transfer, and the highest of all */
    unsigned tries;       /* repeats of the last ACK */
    uint64_t sent_ms;
    /* Opening. */
    bool asked;           /* the server may still answer a request */
    unsigned unanswered;  /* requests since anything was heard */
    uint64_t progress_ms; /* when the last new block came, or a higher one was acknowledged, or the start */
};

/* What a step wants. */
struct mtftp_output {
    bool join;                 /* receive net.group, and datagrams to ourselves, on UDP net.client_port */
    bool leave;                /* that is over; a packet to send comes first */
    uint16_t send_port;        /* 0: nothing to send; else the server's port for `packet`, from net.client_port */
    size_t packet_size;
    uint8_t packet[TFTP_REQUEST_MAX];
    uint64_t data_offset;      /* where in the file `data` belongs; never above max_size - data_size */
    const uint8_t *data;       /* points into the datagram that was handed in; NULL: nothing */
    size_t data_size;
};

/* Starts a transfer; output says to join. config->net must be pxe_mtftp_usable(). */
void mtftp_start(struct mtftp *m, const struct mtftp_config *config, uint64_t now_ms, struct mtftp_output *out);

/* A datagram came to net.client_port from `src`:`src_port`; `multicast` tells whether to the group or to ourselves.
 * Packets of anybody but the server's address change nothing; a second transfer to ourselves is answered with
 * ERROR 5. Malformed packets change nothing either, but name the error (PXE_E39) if the server then falls silent.
 * Failures: PXE_E36, E3B, E3C (the server's ERROR to ourselves), PXE_E3A (above max_size), PXE_E3F (a block larger than
 * the first), PXE_E39 (blocks of different files). After MTFTP_DONE what the server still sends to us as its master is
 * answered, for callers that still listen. */
void mtftp_packet(struct mtftp *m, struct ip4 src, uint16_t src_port, bool multicast, const uint8_t *data, size_t size,
                  uint64_t now_ms, struct mtftp_output *out);

/* Call when now_ms >= m->wake_ms; earlier calls do nothing. Failures: PXE_E32 (no answer to requests), PXE_E35 (no new
 * block for too long, or as master none behind block 1: multicast does not get through), PXE_E3F (file name). */
void mtftp_timer(struct mtftp *m, uint64_t now_ms, struct mtftp_output *out);

/* The caller cannot go on (out of memory, cancelled): fails the transfer with `code`. Output holds an ERROR packet when
 * there is a server that waits for us. */
void mtftp_abort(struct mtftp *m, enum pxe_error code, struct mtftp_output *out);

/* Blocks known to be missing: those below the last, or below the highest when the last is not known yet. */
uint64_t mtftp_missed(const struct mtftp *m);

#endif
