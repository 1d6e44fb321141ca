/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/http_failure.h"

#include "efi/system.h"

static void name_server(struct transfer *t, const struct url *url)
{
    struct text text = {.buf = t->error.received, .size = sizeof(t->error.received)};

    text.length = text_length(text.buf, text.size - 1);
    t->error.server = url->address;
    if (!ip4_is_zero(url->address))
        return;
    text_string(&text, " from ");
    text_string(&text, url->host);
}

void http_fail(struct transfer *t, const struct url *url, enum pxe_error code, const char *what, EFI_STATUS status)
{
    struct text text;

    transfer_fail(t, code, &text);
    text_string(&text, what);
    if (status != EFI_SUCCESS) {
        text_string(&text, ": ");
        text_string(&text, system_status_name(status));
    }
    name_server(t, url);
}

void http_fail_open(struct transfer *t, const struct url *url, EFI_STATUS status)
{
    if (status == EFI_UNSUPPORTED)
        http_fail(t, url, SLIPWAY_E05, "this firmware has no HTTP service for this network card", EFI_SUCCESS);
    else
        http_fail(t, url, PXE_E99, "the firmware's HTTP service", status);
}

void http_fail_connection(struct transfer *t, const struct url *url, EFI_STATUS status)
{
    switch (status) {
    case EFI_ACCESS_DENIED:
        http_fail(t, url, SLIPWAY_E05, "the firmware forbids http:// without TLS", status);
        break;
    case EFI_INVALID_PARAMETER:
    case EFI_UNSUPPORTED:
        http_fail(t, url, SLIPWAY_E05, "the firmware does not take this URL", status);
        break;
    case EFI_OUT_OF_RESOURCES:
        transfer_fail_memory(t);
        break;
    default:
        http_fail(t, url, PXE_E32, "no HTTP connection", status);
        break;
    }
}

void http_fail_response(struct transfer *t, const struct url *url, const struct http_response *r)
{
    transfer_fail(t, r->error.code, NULL);
    t->error = r->error;
    name_server(t, url);
}
