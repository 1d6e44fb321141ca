/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/http.h"

#include "core/text.h"
#include "efi/guids.h"
#include "efi/system.h"

/* How long the firmware may wait for the head of an answer. */
#define HEAD_TIMEOUT_MS 10000

static EFI_STATUS configure(struct http *h, const struct net_config *net)
{
    struct http_access_point4 point = {.use_default_address = FALSE};
    struct http_config config = {
        .version = HTTP_VERSION_11,
        .timeout_ms = HEAD_TIMEOUT_MS,
        .access_point = &point,
    };

    memcpy(point.address.Addr, net->address.b, sizeof(net->address.b));
    memcpy(point.netmask.Addr, net->netmask.b, sizeof(net->netmask.b));
    return h->protocol->configure(h->protocol, &config);
}

EFI_STATUS http_open(struct http *h, const struct nic *nic, const struct net_config *net)
{
    EFI_STATUS status;

    system_boot->SetMem(h, sizeof(*h), 0);
    h->binding = system_protocol(nic->handle, &guid_http_service_binding);
    if (!h->binding) {
        /* A firmware that boots fast has not started what it did not need. */
        system_boot->ConnectController(nic->handle, NULL, NULL, TRUE);
        h->binding = system_protocol(nic->handle, &guid_http_service_binding);
    }
    if (!h->binding)
        return EFI_UNSUPPORTED;
    status = h->binding->CreateChild(h->binding, &h->child);
    if (status != EFI_SUCCESS) {
        h->child = NULL;
        return status;
    }
    h->protocol = system_protocol(h->child, &guid_http);
    status = h->protocol ? configure(h, net) : EFI_UNSUPPORTED;
    if (status == EFI_SUCCESS)
        status = system_boot->CreateEvent(0, 0, NULL, NULL, &h->token.event);
    if (status != EFI_SUCCESS)
        http_close(h);
    h->token.message = &h->message;
    return status;
}

static void set_header(struct http *h, const char *name, const char *value)
{
    h->headers[h->message.header_count++] = (struct http_header){(CHAR8 *)name, (CHAR8 *)value};
}

static void fill_host(struct http *h, const struct url *parts)
{
    struct text t;

    text_init(&t, h->host, sizeof(h->host));
    text_string(&t, parts->host);
    if (parts->port == 80)
        return;
    text_char(&t, ':');
    text_unsigned(&t, parts->port);
}

/* The URL with a path: some firmware looks for its '/' behind the end of the text. */
static bool fill_url(struct http *h, const char *url, const struct url *parts)
{
    size_t n = 0;

    for (; url[n] && n < HTTP_URL_MAX - 2; n++)
        h->url[n] = (uint8_t)url[n];
    if (!*parts->path)
        h->url[n++] = '/';
    h->url[n] = 0;
    return n < HTTP_URL_MAX - 2;
}

EFI_STATUS http_get(struct http *h, const char *url, const struct url *parts)
{
    if (!fill_url(h, url, parts))
        return EFI_INVALID_PARAMETER;
    fill_host(h, parts);
    h->request = (struct http_request){HTTP_METHOD_GET, h->url};
    h->message = (struct http_message){.data.request = &h->request, .headers = h->headers};
    set_header(h, "Host", h->host);
    set_header(h, "User-Agent", "Slipway/" SLIPWAY_VERSION);
    set_header(h, "Accept", "*/*");
    set_header(h, "Accept-Encoding", "identity");
    h->token.status = EFI_NOT_READY;
    return h->protocol->request(h->protocol, &h->token);
}

EFI_STATUS http_receive_head(struct http *h)
{
    h->answer.status = 0;
    h->message = (struct http_message){.data.answer = &h->answer};
    h->token.status = EFI_NOT_READY;
    return h->protocol->response(h->protocol, &h->token);
}

EFI_STATUS http_receive_body(struct http *h, void *to, size_t size)
{
    h->message = (struct http_message){.body = to, .body_size = size};
    h->token.status = EFI_NOT_READY;
    return h->protocol->response(h->protocol, &h->token);
}

bool http_done(struct http *h, EFI_STATUS *ret_status)
{
    if (system_boot->CheckEvent(h->token.event) != EFI_SUCCESS) {
        h->protocol->poll(h->protocol);
        if (system_boot->CheckEvent(h->token.event) != EFI_SUCCESS)
            return false;
    }
    *ret_status = h->token.status;
    return true;
}

/* EFI_HTTP_STATUS_CODE, whose values are the places in this list. */
static unsigned status_on_the_wire(uint32_t status)
{
    static const uint16_t codes[] = {
        0,   100, 101, 200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 305, 307, 400, 401, 402, 403, 404,
        405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 500, 501, 502, 503, 504, 505, 308, 429,
    };

    return status < sizeof(codes) / sizeof(codes[0]) ? codes[status] : 0;
}

unsigned http_take_head(struct http *h, struct http_response *r)
{
    for (UINTN i = 0; i < h->message.header_count; i++) {
        struct http_header *field = &h->message.headers[i];

        if (field->name && field->value)
            http_response_field(r, (const char *)field->name, (const char *)field->value);
        system_free(field->name);
        system_free(field->value);
    }
    system_free(h->message.headers);
    h->message.headers = NULL;
    h->message.header_count = 0;
    return status_on_the_wire(h->answer.status);
}

size_t http_body_size(const struct http *h)
{
    return h->message.body_size;
}

void http_close(struct http *h)
{
    if (!h->child)
        return;
    if (h->protocol) {
        h->protocol->cancel(h->protocol, NULL);
        h->protocol->configure(h->protocol, NULL);
    }
    if (h->token.event)
        system_boot->CloseEvent(h->token.event);
    h->binding->DestroyChild(h->binding, h->child);
    h->child = NULL;
}
