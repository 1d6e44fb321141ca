/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file under way, by whichever protocol its path asks for. */
#ifndef SLIPWAY_EFI_TRANSFER_H
#define SLIPWAY_EFI_TRANSFER_H

#include "core/error.h"
#include "core/net_config.h"
#include "efi/download.h"
#include "efi/nic.h"
#include "efi/udp.h"

/* A larger file is no boot file. */
#define TRANSFER_SIZE_MAX 0x100000000

enum transfer_state { TRANSFER_ACTIVE, TRANSFER_DONE, TRANSFER_FAILED };

struct transfer {
    const struct transfer_kind *kind;
    struct download *file;
    bool past_stack;           /* no transfer beside this one needs the firmware's stack to receive */
    enum transfer_state state;
    bool has_size;
    uint64_t size, received;
    struct error_detail error; /* TRANSFER_FAILED: why */
    void *private;             /* the kind's own */
};

/* How a protocol moves a file. Each function changes .state when the transfer is over; begin and pump may be slow only
 * as the firmware is. */
struct transfer_kind {
    void (*begin)(struct transfer *t, const struct nic *nic, const struct net_config *net, struct ip4 server);
    /* Takes what has arrived, and looks at the clock. */
    void (*pump)(struct transfer *t);
    /* Gives everything back but the file; a server that is still sending is told to stop. Called once after begin. */
    void (*end)(struct transfer *t);
};

extern const struct transfer_kind tftp_transfer;
extern const struct transfer_kind mtftp_transfer;
extern const struct transfer_kind http_transfer;

/* Enters TRANSFER_FAILED; ret_received takes what is to be told of it, and may be NULL. */
void transfer_fail(struct transfer *t, enum pxe_error code, struct text *ret_received);

/* The same without memory for the file: SLIPWAY_E04, and how far it came. */
void transfer_fail_memory(struct transfer *t);

/* For the end of a kind that has a socket: `stop` tells the server of a transfer under way, then socket and .private are
 * given back. */
void transfer_end(struct transfer *t, struct udp *udp, void (*stop)(struct transfer *t));

#endif
