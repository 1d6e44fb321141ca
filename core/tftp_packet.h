/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TFTP packets as bytes (RFC 1350, 2347). Names are ASCII, numbers decimal text. */
#ifndef SLIPWAY_CORE_TFTP_PACKET_H
#define SLIPWAY_CORE_TFTP_PACKET_H

#include "core/base.h"
#include "core/cursor.h"
#include "core/error.h"
#include "core/text.h"

enum tftp_opcode { TFTP_RRQ = 1, TFTP_DATA = 3, TFTP_ACK = 4, TFTP_ERROR = 5, TFTP_OACK = 6 };

/* RFC 1350's error codes, and RFC 2347's. */
enum tftp_error_code {
    TFTP_ERROR_UNDEFINED = 0,
    TFTP_ERROR_NOT_FOUND = 1,
    TFTP_ERROR_ACCESS = 2,
    TFTP_ERROR_FULL = 3,
    TFTP_ERROR_ILLEGAL = 4,
    TFTP_ERROR_UNKNOWN_ID = 5,
    TFTP_ERROR_OPTIONS = 8,
};

/* One option of an OACK as the server wrote it. */
struct tftp_option {
    bool present;
    bool is_number;      /* value holds it; one that does not fit is UINT64_MAX */
    uint64_t value;
    const uint8_t *text; /* untrusted; points into the packet */
    size_t text_size;
};

struct tftp_oack {
    struct tftp_option blksize, tsize, windowsize;
};

/* Each appends one packet; w->failed tells that it did not fit. A read request with blksize 0 has no options; with any
 * other it asks for that blksize, for tsize, and for windowsize when that is above 1. */
void tftp_write_rrq(struct writer *w, const char *file, uint16_t blksize, uint16_t windowsize);
void tftp_write_ack(struct writer *w, uint16_t block);
void tftp_write_error(struct writer *w, enum tftp_error_code code, const char *message);

/* What a server's ERROR code is to the person at the screen: PXE_E3B, PXE_E3C, else PXE_E36. */
enum pxe_error tftp_error_meaning(unsigned code);

/* Each appends what was received, for the person at the screen: an ERROR's `code` and the first 64 bytes of its message
 * (c stands before that and is taken to its end); the first 8 bytes of a packet that makes no sense. */
void tftp_tell_error(struct text *t, unsigned code, struct cursor *c);
void tftp_tell_malformed(struct text *t, const uint8_t *data, size_t size);

/* Reads an OACK from behind its opcode. Unknown options and a name without a value are passed over; the NUL of the last
 * value may be missing. */
void tftp_read_oack(struct cursor *c, struct tftp_oack *ret);

#endif
