/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/url.h"

#define HTTP_PORT 80
#define SCHEME "http://"
#define SCHEME_SIZE (sizeof(SCHEME) - 1)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 2.2 and 2.3, and '%'. */
static bool is_url_byte(char c)
{
    static const char marks[] = "-._~:/?[]@!$&'()*+,;=%";

    for (size_t i = 0; i < sizeof(marks) - 1; i++)
        if (c == marks[i])
            return true;
    return is_digit(c) || is_letter(c);
}

bool url_is_url(const char *s)
{
    size_t i = 0;

    while (is_letter(s[i]) || (i > 0 && (is_digit(s[i]) || s[i] == '+' || s[i] == '-' || s[i] == '.')))
        i++;
    return i > 0 && s[i] == ':' && s[i + 1] == '/' && s[i + 2] == '/';
}

bool url_is_http(const char *s)
{
    for (size_t i = 0; i < SCHEME_SIZE; i++)
        if ((is_letter(s[i]) ? s[i] | 0x20 : s[i]) != SCHEME[i])
            return false;
    return true;
}

/* A number of at most `max`, all of `n` digits. */
static bool parse_number(const char *s, size_t n, uint32_t max, uint32_t *ret)
{
    uint32_t value = 0;

    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return false;
        value = value * 10 + (uint32_t)(s[i] - '0');
    }
    *ret = value;
    return value <= max;
}

static bool parse_address(const char *s, struct ip4 *ret)
{
    for (unsigned i = 0; i < 4; i++) {
        size_t n = 0;
        uint32_t value;

        while (is_digit(s[n]))
            n++;
        if (!parse_number(s, n, 255, &value) || s[n] != (i < 3 ? '.' : '\0'))
            return false;
        ret->b[i] = (uint8_t)value;
        s += n + 1;
    }
    return true;
}

/* The host is a name, or an address that means a host. */
static bool check_host(struct url *u)
{
    bool has_name_byte = false;

    for (const char *p = u->host; *p != '\0'; p++) {
        if (!is_letter(*p) && !is_digit(*p) && *p != '-' && *p != '_' && *p != '.')
            return false;
        has_name_byte = has_name_byte || !(is_digit(*p) || *p == '.');
    }
    u->address = (struct ip4){{0, 0, 0, 0}};
    if (u->host[0] == '\0' || u->host[0] == '.')
        return false;
    return has_name_byte || (parse_address(u->host, &u->address) && !ip4_is_zero(u->address));
}

/* How much of `s` is host and port. */
static size_t authority_length(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0' && s[n] != '/' && s[n] != '?' && s[n] != '#')
        n++;
    return n;
}

bool url_parse(const char *s, struct url *ret)
{
    size_t n, host = 0;
    uint32_t port = HTTP_PORT;

    if (!url_is_http(s))
        return false;
    s += SCHEME_SIZE;
    n = authority_length(s);
    while (host < n && s[host] != ':')
        host++;
    if (host >= URL_HOST_MAX || (host < n && !parse_number(s + host + 1, n - host - 1, 65535, &port)) || port == 0)
        return false;
    memcpy(ret->host, s, host);
    ret->host[host] = '\0';
    ret->port = (uint16_t)port;
    ret->path = s + n;
    if (ret->path[0] != '\0' && ret->path[0] != '/')
        return false;
    for (const char *p = ret->path; *p != '\0'; p++)
        if (!is_url_byte(*p))
            return false;
    return check_host(ret);
}

/* How much of a path is the folder, its '/' included; a query is no part of the path. */
static size_t folder_length(const char *path, bool has_query)
{
    size_t length = 0;

    for (size_t i = 0; path[i] != '\0' && !(has_query && (path[i] == '?' || path[i] == '#')); i++)
        if (path[i] == '/')
            length = i + 1;
    return length;
}

static void append_raw(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_char(t, s[i]);
}

static void append_escaped(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_url_byte(s[i])) {
            text_char(t, s[i]);
            continue;
        }
        text_char(t, '%');
        text_hex(t, (uint8_t)s[i], 2);
    }
}

/* Takes the last folder off what stands behind `root`, where the path's first '/' is. */
static void drop_folder(struct text *t, size_t root)
{
    size_t at = t->length;

    if (at > root + 1)
        at--;
    while (at > root + 1 && t->buf[at - 1] != '/')
        at--;
    t->length = at;
    t->buf[at] = '\0';
}

/* Appends the segments of a reference behind a folder that ends in '/'; a query is kept as it is. */
static void append_segments(struct text *t, size_t root, const char *s, size_t n)
{
    size_t end = 0;

    while (end < n && s[end] != '?')
        end++;
    for (size_t i = 0; i < end && !t->cut;) {
        size_t size = 0;

        while (i + size < end && s[i + size] != '/')
            size++;
        if (size == 2 && s[i] == '.' && s[i + 1] == '.')
            drop_folder(t, root);
        else if (!(size == 1 && s[i] == '.'))
            append_escaped(t, s + i, i + size < end ? size + 1 : size);
        i += size + 1;
    }
    append_escaped(t, s + end, n - end);
}

static bool begins_with_url(const char *s, size_t n)
{
    char scheme[16];
    size_t size = n < sizeof(scheme) - 1 ? n : sizeof(scheme) - 1;

    memcpy(scheme, s, size);
    scheme[size] = '\0';
    return url_is_url(scheme);
}

void url_resolve(struct text *t, const char *base, const char *reference, size_t n)
{
    bool absolute = n > 0 && reference[0] == '/';
    size_t server, root;

    if (begins_with_url(reference, n)) {
        append_escaped(t, reference, n);
        return;
    }
    if (!url_is_http(base)) {
        append_raw(t, base, absolute ? 0 : folder_length(base, false));
        append_raw(t, reference, n);
        return;
    }
    server = SCHEME_SIZE + authority_length(base + SCHEME_SIZE);
    append_raw(t, base, server);
    root = t->length;
    if (absolute || base[server] != '/')
        text_char(t, '/');
    else
        append_raw(t, base + server, folder_length(base + server, true));
    append_segments(t, root, reference + absolute, n - absolute);
}
