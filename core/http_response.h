/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an HTTP server's answer to a GET means for a download: status and Content-Length in, a decision out. Bytes are
 * moved by the caller. */
#ifndef SLIPWAY_CORE_HTTP_RESPONSE_H
#define SLIPWAY_CORE_HTTP_RESPONSE_H

#include "core/base.h"
#include "core/error.h"

struct http_response {
    uint64_t size;             /* Content-Length; valid once http_response_begin has returned true */
    uint64_t received;         /* bytes of the body so far; never above size */
    struct error_detail error; /* why a function returned false; .server is the caller's to fill */
    unsigned lengths;          /* Content-Length fields seen */
    bool bad_length, encoded;
};

void http_response_init(struct http_response *r);

/* One header field, as NUL-terminated strings from the network; names are compared without case. */
void http_response_field(struct http_response *r, const char *name, const char *value);

/* All fields are in. Returns true for a 200 with a usable Content-Length of at most max_size. Else false and r->error:
 * PXE_E3B (404, 410), PXE_E3C (401, 403), PXE_E36 (any other status, a body that is encoded or without length),
 * PXE_E3A (larger than max_size). `status` is the number on the wire, 0 when the caller cannot tell. */
bool http_response_begin(struct http_response *r, unsigned status, uint64_t max_size);

/* `size` bytes of the body arrived. Returns false with PXE_E3A in r->error, and counts nothing, when they are more than
 * announced. */
bool http_response_body(struct http_response *r, uint64_t size);

/* The connection ended or fell silent. Returns true when the body is complete; else false with PXE_E35 and how much had
 * arrived. `why` says how it ended, for example "connection closed". */
bool http_response_end(struct http_response *r, const char *why);

#endif
