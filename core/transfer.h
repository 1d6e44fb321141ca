/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file under way, by whichever protocol its path asks for, over whatever a firmware has: sockets, memory, a
 * console. core/download.h runs several of them beside each other. */
#ifndef SLIPWAY_CORE_TRANSFER_H
#define SLIPWAY_CORE_TRANSFER_H

#include "core/console.h"
#include "core/mtftp.h"
#include "core/tftp.h"

/* A file that is wanted. */
struct download {
    const char *path;              /* a URL, else a path of the TFTP server; stays until the download is over */
    const struct pxe_mtftp *mtftp; /* by MTFTP first, if that is usable; NULL: not */
    uint8_t *data;                 /* the host's memory; page-aligned */
    uint64_t size;
    uint64_t room; /* bytes of memory at data */
};

enum transfer_state { TRANSFER_ACTIVE, TRANSFER_DONE, TRANSFER_FAILED };

struct transfer {
    const struct transfer_host *host;
    const struct transfer_kind *kind;
    struct download *file;
    struct ip4 server; /* of files that are no URL */
    enum transfer_state state;
    bool ended; /* that it is no longer active has been seen to */
    bool has_size;
    uint64_t size, received;
    struct error_detail error; /* TRANSFER_FAILED: why */
    void *private;             /* the host's: its socket, or a kind of its own */
    union {
        struct {
            struct tftp machine;
            struct tftp_output out;
        } tftp;
        struct {
            struct mtftp machine;
            struct mtftp_output out;
        } mtftp;
    };
};

struct transfer_datagram {
    struct transfer *receiver; /* whom it is for */
    struct ip4 src, dst;
    uint16_t src_port;
    const uint8_t *data; /* good until release_datagram */
    size_t size;
};

/* How a protocol moves a file. Each function changes .state when the transfer is over. */
struct transfer_kind {
    const char *name;                     /* for the line that says why another one follows */
    const struct transfer_kind *fallback; /* what follows when this one has failed; NULL: nothing */
    void (*begin)(struct transfer *t);
    /* Takes what has arrived, and looks at the clock. */
    void (*pump)(struct transfer *t);
    /* A datagram has come; NULL for kinds without a socket. Also called after TRANSFER_DONE. */
    void (*packet)(struct transfer *t, const struct transfer_datagram *d);
    /* Gives everything back but the file; a server that is still sending is told to stop. Called once after begin. */
    void (*end)(struct transfer *t);
};

/* What the firmware can do. Each function gets `context`, or finds it in the transfer. */
struct transfer_host {
    void *context;
    const struct console *console;
    uint16_t blksize;      /* TFTP's, that fills a frame */
    uint64_t max_size;     /* a larger file is no boot file */
    uint8_t *mtftp_bitmap; /* for MTFTP, which takes one file at a time; NULL: no MTFTP */
    size_t mtftp_bitmap_size;

    /* By which protocol the file comes. */
    const struct transfer_kind *(*kind)(void *context, const struct download *file);

    /* Makes room for `size` bytes, page-aligned, and keeps the first `used`. Returns false, with nothing changed,
     * without memory. */
    bool (*reserve)(void *context, struct download *file, uint64_t size, uint64_t used);
    /* The file is whole: memory behind it may go. NULL: it stays. */
    void (*trim)(void *context, struct download *file);
    /* Takes an empty one too, and leaves an empty one. */
    void (*free)(void *context, struct download *file);
    /* memcpy, or what is faster. */
    void (*copy)(void *to, const void *from, size_t size);

    /* Opens a UDP socket for `t`, on `port` (0: any free one), that receives `group` as well (zero: none). Returns
     * false, and says why in *ret_error, when that fails. Closed ones may be closed. */
    bool (*open)(struct transfer *t, uint16_t port, struct ip4 group, struct error_detail *ret_error);
    void (*close)(struct transfer *t);
    /* To t->server. */
    void (*send)(struct transfer *t, uint16_t port, const void *data, size_t size);
    /* False when nothing that was sent has left the machine: nobody answered ARP. */
    bool (*has_sent)(const struct transfer *t);
    /* Polls for a datagram to `t`. A host with one receiver for all may find another's: ret->receiver says so. */
    bool (*receive)(struct transfer *t, struct transfer_datagram *ret);
    void (*release_datagram)(struct transfer *t);
};

extern const struct transfer_kind tftp_transfer;
extern const struct transfer_kind mtftp_transfer;

/* Enters TRANSFER_FAILED; ret_received takes what is to be told of it, and may be NULL. */
void transfer_fail(struct transfer *t, enum pxe_error code, struct text *ret_received);

/* The same without memory for the file: SLIPWAY_E04, and how far it came. */
void transfer_fail_memory(struct transfer *t);

/* Puts `size` bytes at `offset` of the file, whose room grows where it has to. What was never stored has any value.
 * Returns false without memory. */
bool transfer_store(struct transfer *t, uint64_t offset, const void *data, size_t size);

/* Hands what has arrived to whom it is for, but not so much that other transfers wait long. */
void transfer_receive(struct transfer *t);

#endif
