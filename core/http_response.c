/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/http_response.h"

void http_response_init(struct http_response *r)
{
    memset(r, 0, sizeof(*r));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* `b` is in lower case. */
static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 9110 8.6: digits only; blanks may follow. */
static bool parse_length(const char *s, uint64_t *ret)
{
    uint64_t value = 0;
    unsigned digits = 0;

    for (; *s >= '0' && *s <= '9'; s++, digits++) {
        if (value > (UINT64_MAX >> 4) / 10)
            return false;
        value = value * 10 + (uint64_t)(*s - '0');
    }
    while (is_blank(*s))
        s++;
    *ret = value;
    return digits > 0 && *s == '\0';
}

void http_response_field(struct http_response *r, const char *name, const char *value)
{
    uint64_t size;

    while (is_blank(*value))
        value++;
    if (same_word(name, "transfer-encoding") || same_word(name, "content-encoding"))
        r->encoded = r->encoded || !same_word(value, "identity");
    if (!same_word(name, "content-length"))
        return;
    /* Two that differ are how one server smuggles a body past another. */
    if (!parse_length(value, &size) || (r->lengths > 0 && size != r->size))
        r->bad_length = true;
    else
        r->size = size;
    r->lengths++;
}

static bool fail(struct http_response *r, enum pxe_error code, struct text *ret_received)
{
    r->error = (struct error_detail){.code = code};
    text_init(ret_received, r->error.received, sizeof(r->error.received));
    return false;
}

static bool fail_words(struct http_response *r, enum pxe_error code, const char *words)
{
    struct text t;

    fail(r, code, &t);
    text_string(&t, words);
    return false;
}

static bool fail_status(struct http_response *r, unsigned status)
{
    enum pxe_error code = PXE_E36;
    struct text t;

    if (status == 404 || status == 410)
        code = PXE_E3B;
    if (status == 401 || status == 403)
        code = PXE_E3C;
    fail(r, code, &t);
    text_string(&t, "HTTP status ");
    if (status == 0)
        text_string(&t, "that the firmware does not know");
    else
        text_unsigned(&t, status);
    if (status >= 300 && status < 400)
        text_string(&t, ": redirections are not followed");
    return false;
}

bool http_response_begin(struct http_response *r, unsigned status, uint64_t max_size)
{
    struct text t;

    if (status != 200)
        return fail_status(r, status);
    if (r->encoded)
        return fail_words(r, PXE_E36, "HTTP body in chunks or compressed: the file must be served as it is");
    if (r->lengths == 0)
        return fail_words(r, PXE_E36, "HTTP status 200 without Content-Length: the server must send the size");
    if (r->bad_length)
        return fail_words(r, PXE_E36, "HTTP Content-Length is no number, or there are two that differ");
    if (r->size <= max_size)
        return true;
    fail(r, PXE_E3A, &t);
    text_string(&t, "Content-Length ");
    text_unsigned(&t, r->size);
    return false;
}

bool http_response_body(struct http_response *r, uint64_t size)
{
    struct text t;

    if (size <= r->size - r->received) {
        r->received += size;
        return true;
    }
    fail(r, PXE_E3A, &t);
    text_string(&t, "more than the Content-Length of ");
    text_unsigned(&t, r->size);
    return false;
}

bool http_response_end(struct http_response *r, const char *why)
{
    struct text t;

    if (r->received == r->size)
        return true;
    fail(r, PXE_E35, &t);
    text_unsigned(&t, r->received);
    text_string(&t, " of ");
    text_unsigned(&t, r->size);
    text_string(&t, " bytes, then ");
    text_string(&t, why);
    return false;
}
