/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot file's URL and a reference to be resolved against it, from an untrusted server; between them a NUL. The same
 * two as name and value of a header field of the answer. */
#include <stdlib.h>
#include <string.h>

#include "core/http_response.h"
#include "core/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static char *copy(const uint8_t *data, size_t size)
{
    char *ret = malloc(size + 1);

    memcpy(ret, data, size);
    ret[size] = '\0';
    return ret;
}

static void check_url(const char *s)
{
    struct url u;

    memset(&u, 0xee, sizeof(u));
    if (!url_parse(s, &u))
        return;
    require(url_is_url(s) && url_is_http(s) && u.port > 0);
    require(memchr(u.host, 0, sizeof(u.host)) != NULL && u.host[0] != '\0');
    require(u.path > s && u.path <= s + strlen(s));
    for (; *s; s++)
        require(*s > ' ' && *s <= '~');
}

static void check_response(const char *name, const char *value)
{
    struct http_response r;

    http_response_init(&r);
    http_response_field(&r, name, value);
    http_response_field(&r, "Content-Length", value);
    if (!http_response_begin(&r, 200, 1 << 20)) {
        require(r.error.code != PXE_OK && memchr(r.error.received, 0, sizeof(r.error.received)));
        return;
    }
    require(r.size <= 1 << 20 && http_response_body(&r, r.size) && http_response_end(&r, ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    size_t base_size = nul ? (size_t)(nul - data) : size;
    size_t n = nul ? text_length((const char *)nul + 1, size - base_size - 1) : 0;
    const uint8_t *second = data + base_size + (n > 0);
    char *base = copy(data, base_size), *reference = malloc(n ? n : 1), *value = copy(second, n), buf[256];
    struct text t;

    memcpy(reference, second, n);
    text_init(&t, buf, sizeof(buf));
    url_resolve(&t, base, reference, n);
    require(strlen(buf) == t.length && t.length < sizeof(buf));
    check_url(base);
    check_url(buf);
    check_response(base, value);
    free(base);
    free(reference);
    free(value);
    return 0;
}
