/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person is told when a URL cannot be fetched. Each function ends the transfer and names the URL's server, by
 * its address or, where the URL has a name, within what was received. */
#ifndef SLIPWAY_EFI_HTTP_FAILURE_H
#define SLIPWAY_EFI_HTTP_FAILURE_H

#include <efi.h>

#include "core/http_response.h"
#include "core/transfer.h"
#include "core/url.h"

/* `what`, and the firmware's status unless that is EFI_SUCCESS. */
void http_fail(struct transfer *t, const struct url *url, enum pxe_error code, const char *what, EFI_STATUS status);

/* http_open has failed. */
void http_fail_open(struct transfer *t, const struct url *url, EFI_STATUS status);

/* The connection could not be made: nobody there, no name service, or a firmware that does not want to. */
void http_fail_connection(struct transfer *t, const struct url *url, EFI_STATUS status);

/* As r->error says. */
void http_fail_response(struct transfer *t, const struct url *url, const struct http_response *r);

#endif
