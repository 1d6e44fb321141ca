/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One GET over a child of the firmware's HTTP service. */
#ifndef SLIPWAY_EFI_HTTP_H
#define SLIPWAY_EFI_HTTP_H

#include <efi.h>

#include "core/http_response.h"
#include "core/net_config.h"
#include "core/url.h"
#include "efi/efi_protocols.h"
#include "efi/nic.h"

#define HTTP_URL_MAX 512

/* The firmware holds pointers into an open struct http: it must not move. */
struct http {
    EFI_SERVICE_BINDING *binding;
    EFI_HANDLE child; /* NULL: closed */
    struct http_protocol *protocol;
    struct http_token token; /* the one question that is under way */
    struct http_message message;
    struct http_request request;
    struct http_answer answer;
    struct http_header headers[4];
    CHAR16 url[HTTP_URL_MAX];
    char host[URL_HOST_MAX + 8];
};

/* Opens a child with the address of `net`. Returns the firmware's status, EFI_UNSUPPORTED when it has no HTTP service
 * for this interface; on failure *h is closed. */
EFI_STATUS http_open(struct http *h, const struct nic *nic, const struct net_config *net);

/* Sends the GET for `url`, which url_parse has taken apart into `parts`. The firmware looks the host up and connects
 * before this returns, for as long as it sees fit. */
EFI_STATUS http_get(struct http *h, const char *url, const struct url *parts);

/* Asks for the answer's head, once the GET is out. */
EFI_STATUS http_receive_head(struct http *h);

/* Asks for at most `size` bytes of the body, to be put to `to`. */
EFI_STATUS http_receive_body(struct http *h, void *to, size_t size);

/* Polls. Returns true when what was asked for last is done, and its status: EFI_SUCCESS, for a head also
 * HTTP_STATUS_ERROR. */
bool http_done(struct http *h, EFI_STATUS *ret_status);

/* After a head: hands its fields to `r` and returns the status as on the wire, 0 when the firmware does not say. */
unsigned http_take_head(struct http *h, struct http_response *r);

/* After a body: how many bytes have come. */
size_t http_body_size(const struct http *h);

/* Takes a closed one too. Cuts what is under way. */
void http_close(struct http *h);

#endif
